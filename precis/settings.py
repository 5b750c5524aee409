"""Settings: `PRECIS_*` variables, then files with secrets, then `precis.toml`, then defaults.

The defaults are the embedded set-up: one process, an SQLite file, the models that came with Précis.
Knows nothing of what the settings are used for beyond their descriptions.
"""

import os
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import platformdirs
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as SourcesError

from precis.errors import SettingsError

EMBEDDED_BROKER = "memory://"
TOML_FILE = Path("precis.toml")
SECRETS = Path("/run/secrets")
"""Where containers find files with secrets; a file's name is a variable's in lower case."""
SYSTEMD_SECRETS = "CREDENTIALS_DIRECTORY"
"""The variable that systemd sets to such a folder, for units that load credentials."""


def _default_home() -> Path:
    return platformdirs.user_data_path("precis")


def _default_bases() -> Path:
    return platformdirs.user_cache_path("precis") / "bases"


def shipped_models() -> Path:
    """The models that came with Précis: in the installed package, or in a checkout beside it."""
    package = Path(__file__).resolve().parent
    installed = package / "models"
    return installed if installed.is_dir() else package.parent / "models"


def secrets_folders() -> tuple[Path, ...]:
    """The folders that may hold files with secrets, the more important one last."""
    folders = [SECRETS]
    if named := os.environ.get(SYSTEMD_SECRETS):
        folders.append(Path(named))
    return tuple(folder for folder in folders if folder.is_dir())


class _SecretFiles(SecretsSettingsSource):
    """Files with secrets, of which an empty one counts as not set, as an empty variable does."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        try:
            value, key, is_complex = super().get_field_value(field, field_name)
        except UnicodeDecodeError:
            raise SettingsError(
                f"the file with the secret {self.env_prefix.lower()}{field_name} is not valid "
                "UTF-8; write it anew"
            ) from None
        return value or None, key, is_complex


class Settings(BaseSettings):
    """Every setting of Précis. `precis config` prints them with secrets masked."""

    model_config = SettingsConfigDict(
        env_prefix="PRECIS_",
        env_nested_delimiter="__",
        env_ignore_empty=True,  # as compose files hand on what isn't set
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        toml_file=TOML_FILE,
    )

    home: Path = Field(default_factory=_default_home, description="Folder for the default store.")
    store: SecretStr | None = Field(
        default=None,
        description="Store URL: sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME. "
        "Default: an SQLite file in `home`.",
    )
    broker: SecretStr = Field(
        default=SecretStr(EMBEDDED_BROKER),
        description="Broker URL: memory:// (worker in the same process) or redis://HOST:PORT/DB.",
    )
    models: Path = Field(
        default_factory=shipped_models,
        description="Folder of embedded models and trained adapters.",
    )
    bases: Path = Field(
        default_factory=_default_bases,
        description="Folder of pretrained base models, which `precis models fetch` fills.",
    )
    profile: str = Field(default="embedded", description="Model profile: embedded, flan-t5-base.")
    adapter: Path | None = Field(
        default=None,
        description="Folder of a PEFT adapter (safetensors) to merge into the profile's model.",
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto", description="Where models run; auto takes a GPU where there is one."
    )
    gate: str = Field(
        default="embedded",
        description="Toxicity gate: embedded, detoxify:original, detoxify:unbiased, "
        "detoxify:multilingual, or detoxify:PATH of a local checkpoint folder.",
    )
    thresholds: dict[str, float] = Field(
        default_factory=dict,
        description="Gate thresholds by label (0 to 1) that override the gate's own.",
    )
    timezone: str = Field(
        default="UTC", description="IANA time zone of dates in options and of logs without one."
    )
    max_messages: int = Field(
        default=20_000, ge=1, le=1_000_000, description="Largest window; the latest are kept."
    )
    job_time_limit: timedelta = Field(
        default=timedelta(minutes=10), description="Longest time for one try of a job (seconds)."
    )
    job_tries: int = Field(default=3, ge=1, le=10, description="Tries before a job fails.")
    lease: timedelta = Field(
        default=timedelta(seconds=60),
        description="Time without a sign of life after which a running job counts as lost.",
    )
    requeue_after: timedelta = Field(
        default=timedelta(minutes=2),
        description="Time after which a job still queued is sent to the broker again.",
    )
    reconcile_every: timedelta = Field(
        default=timedelta(seconds=15), description="How often a worker looks for lost jobs."
    )
    retention_days: int = Field(
        default=30, ge=1, le=3_650, description="Days after which stored chat text is purged."
    )
    concurrency: int = Field(
        default=4, ge=1, le=256, description="Jobs a worker handles at once; they share batches."
    )
    discord_token: SecretStr | None = Field(
        default=None, description="Token of the Discord bot; a secret, best given by variable."
    )
    discord_api: str = Field(
        default="https://discord.com/api/v10",
        description="Discord's API, or that of a compatible server; it names the gateway.",
    )
    slack_bot_token: SecretStr | None = Field(
        default=None,
        description="Bot token (xoxb-…) of the one Slack workspace served; a secret. For several "
        "workspaces leave it out, and give client id, secret and encryption key.",
    )
    slack_app_token: SecretStr | None = Field(
        default=None,
        description="App-level token (xapp-…) with `connections:write`, for Socket Mode; a secret.",
    )
    slack_signing_secret: SecretStr | None = Field(
        default=None, description="Signing secret of the Slack app, for HTTP mode."
    )
    slack_client_id: str | None = Field(
        default=None, description="Client id of the Slack app, to be installed by OAuth."
    )
    slack_client_secret: SecretStr | None = Field(
        default=None, description="Client secret of the Slack app."
    )
    slack_encryption_key: SecretStr | None = Field(
        default=None,
        description="Fernet key that the store keeps workspaces' tokens under; a secret. Several, "
        "with commas between them: the first encrypts, all decrypt.",
    )
    slack_api: str = Field(
        default="https://slack.com/api/",
        description="Slack's API, or that of a compatible server; it names the socket.",
    )
    slack_mode: Literal["socket", "http"] = Field(
        default="socket",
        description="How Slack reaches the bot: by a socket that the bot opens, or by HTTP.",
    )
    slack_listen: str = Field(
        default="127.0.0.1:3000",
        description="HOST:PORT where HTTP mode and OAuth listen, behind a proxy that does TLS.",
    )
    slack_public_url: str | None = Field(
        default=None, description="Address (https://…) that the proxy gives `slack_listen`."
    )
    slack_page: int = Field(
        default=200,
        ge=1,
        le=999,
        description="Messages that Slack is asked for at a time; it may give fewer, 15 a minute to "
        "apps that are distributed outside its Marketplace.",
    )
    person_limit: int = Field(
        default=6, ge=1, description="Summaries that a person may ask a bot for in `limit_window`."
    )
    server_limit: int = Field(
        default=60, ge=1, description="Summaries that a server may ask a bot for in `limit_window`."
    )
    limit_window: timedelta = Field(
        default=timedelta(minutes=10), description="Time that both limits are counted in."
    )
    health_file: Path | None = Field(
        default=None,
        description="File in which a bot or worker notes every few seconds how it is, for "
        "`precis health`.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="WARNING", description="Least level of log lines."
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="How log lines look: text, or json for a JSON object a line."
    )
    metrics_listen: str | None = Field(
        default=None,
        description="HOST:PORT where this process serves Prometheus metrics at `/metrics`. There "
        "is no password: use 127.0.0.1 or an address of an internal network (0.0.0.0 in a "
        "container). Unset: metrics are off.",
    )
    traces: str | None = Field(
        default=None,
        description="Address that OpenTelemetry spans are sent to by OTLP over HTTP, such as "
        "http://127.0.0.1:4318/v1/traces; needs `pip install 'precis-bot[traces]'`. Unset: none.",
    )

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError("not an IANA time zone (such as Europe/Paris)") from None
        return name

    @field_validator("thresholds")
    @classmethod
    def _thresholds_are_shares(cls, thresholds: dict[str, float]) -> dict[str, float]:
        if any(not 0.0 <= value <= 1.0 for value in thresholds.values()):
            raise ValueError("each threshold must be from 0 to 1")
        return thresholds

    @field_validator("traces")
    @classmethod
    def _traces_address(cls, url: str | None) -> str | None:
        return None if url is None else cls._web_address(url)

    @field_validator("discord_api")
    @classmethod
    def _web_address(cls, url: str) -> str:
        if not url.startswith(("https://", "http://")):
            raise ValueError("must begin with https:// or http://")
        return url.rstrip("/")

    @field_validator("slack_api", "slack_public_url")
    @classmethod
    def _slack_address(cls, url: str | None, info: ValidationInfo) -> str | None:
        if url is None:
            return None
        # The library puts a method's name right after the API's address.
        return cls._web_address(url) + ("/" if info.field_name == "slack_api" else "")

    @field_validator("slack_listen", "metrics_listen")
    @classmethod
    def _host_and_port(cls, address: str | None) -> str | None:
        if address is None:
            return None
        host, colon, port = address.rpartition(":")
        if not (host and colon and port.isascii() and port.isdigit() and int(port) < 65_536):
            raise ValueError("must be HOST:PORT, such as 127.0.0.1:3000")
        return address

    @field_validator("job_time_limit", "lease", "requeue_after", "reconcile_every", "limit_window")
    @classmethod
    def _positive(cls, time: timedelta) -> timedelta:
        if time <= timedelta(0):
            raise ValueError("must be over 0 seconds")
        return time

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def store_url(self) -> str:
        if self.store is not None:
            return self.store.get_secret_value()
        return f"sqlite:///{self.home / 'precis.db'}"

    @property
    def broker_url(self) -> str:
        return self.broker.get_secret_value()

    @property
    def embedded(self) -> bool:
        """Whether the worker runs as a thread of this process."""
        return self.broker_url.startswith(EMBEDDED_BROKER)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (
            init_settings,
            env_settings,
            _SecretFiles(settings_cls, secrets_dir=secrets_folders()),
            TomlConfigSettingsSource(settings_cls),
        )


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; `overrides` (command-line options) win over variables and file.

    Raises SettingsError, naming each wrong setting but never repeating its value.
    """
    try:
        return Settings(**overrides)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{TOML_FILE}: not valid TOML ({error}); correct it") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{TOML_FILE}: not valid UTF-8; save it as UTF-8") from None
    except PermissionError as error:
        raise _unreadable(error) from None
    except SourcesError as error:
        if isinstance(error.__cause__, OSError):
            raise _unreadable(error.__cause__) from None
        if isinstance(error.__cause__, SettingsError):
            raise error.__cause__ from None
        # Its message names the field alone; the value is in its cause.
        raise SettingsError(f"settings: {error}; write it as JSON") from None
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in detail['loc'])}: {detail['msg']}"
            for detail in error.errors(include_input=False, include_url=False)
        )
        raise SettingsError(f"settings: {problems}; set PRECIS_* or precis.toml right") from None


def _unreadable(error: OSError) -> SettingsError:
    return SettingsError(
        f"{error.filename} can't be read ({error.strerror}); let the user that runs precis read it"
    )


def without_password(url: str) -> str:
    """`url` without its password and its query, however badly it is written."""
    scheme, _, rest = url.partition("://")
    if scheme.startswith("sqlite"):
        return url.partition("?")[0]
    userinfo, at, place = rest.rpartition("@")
    shown = f"{userinfo.partition(':')[0]}:***@" if ":" in userinfo else f"{userinfo}{at}"
    return f"{scheme}://{shown}{place.partition('?')[0]}"
