"""Whether the settings suffice to serve Slack, and how it is served. Asks nobody."""

from collections.abc import Iterator

from precis.errors import SettingsError
from precis.settings import Settings

APPS = "https://api.slack.com/apps"
NEW_KEY = (
    'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
)
LOCAL = ("http://127.0.0.1", "http://localhost", "http://[::1]")


def serves_several(settings: Settings) -> bool:
    """Whether workspaces install the bot by OAuth; else it has one workspace's token."""
    return settings.slack_bot_token is None


def names_slack(settings: Settings) -> bool:
    """Whether anybody began to set up Slack."""
    given = settings.slack_bot_token, settings.slack_app_token, settings.slack_client_id
    return any(value is not None for value in given)


def needs_web_server(settings: Settings) -> bool:
    """Whether anybody is to reach the bot by HTTP: Slack's requests, or people who install it."""
    return settings.slack_mode == "http" or serves_several(settings)


def check_setup(settings: Settings) -> None:
    """Raises SettingsError, in one line, for all that is missing."""
    if settings.slack_bot_token is None and settings.slack_client_id is None:
        raise SettingsError(
            f"no Slack token; make an app at {APPS}, set PRECIS_SLACK_BOT_TOKEN and "
            "PRECIS_SLACK_APP_TOKEN (see the README)"
        )
    if settings.slack_bot_token is not None and settings.slack_client_id is not None:
        raise SettingsError(
            "both PRECIS_SLACK_BOT_TOKEN (one workspace) and PRECIS_SLACK_CLIENT_ID (several) are "
            "set; unset one"
        )
    if missing := list(_missing(settings)):
        raise SettingsError(f"Slack isn't set up; {'; '.join(missing)}")
    public = settings.slack_public_url or ""
    if serves_several(settings) and not public.startswith(("https://", *LOCAL)):
        raise SettingsError("slack_public_url: Slack sends people to https:// addresses alone")


def _missing(settings: Settings) -> Iterator[str]:
    basic = f"{APPS}, Basic Information"
    if settings.slack_mode == "socket" and settings.slack_app_token is None:
        yield (
            "set PRECIS_SLACK_APP_TOKEN to an app-level token with connections:write "
            f"({basic}), or PRECIS_SLACK_MODE=http"
        )
    if settings.slack_mode == "http" and settings.slack_signing_secret is None:
        yield f"set PRECIS_SLACK_SIGNING_SECRET ({basic}): HTTP mode believes nobody without it"
    if not serves_several(settings):
        return
    if settings.slack_client_secret is None:
        yield f"set PRECIS_SLACK_CLIENT_SECRET ({basic})"
    if settings.slack_encryption_key is None:
        yield f"set PRECIS_SLACK_ENCRYPTION_KEY to a key ({NEW_KEY})"
    if settings.slack_public_url is None:
        yield "set PRECIS_SLACK_PUBLIC_URL to the address that people install the bot at"
