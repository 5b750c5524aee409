"""The adapters that were trained, and which of them serve.

    models/adapters/NAME/     adapter_config.json, adapter_model.safetensors, manifest.json
    models/promoted.json      the adapter that each profile serves with, and those before it

An adapter is used only if its manifest vouches for its weights and names the base that they were
trained on; a pickle is refused, for loading one runs its code. Knows nothing of how adapters are
trained, merged or run.
"""

import json
import re
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, ValidationError, field_validator
from safetensors import SafetensorError, safe_open

from precis.errors import InputError, ModelError
from precis.frozen import Frozen
from precis.hashing import sha256_of
from worker.generators.profiles import Profile, profiles_in
from worker.promotions import NAME, Name, Promotion, Promotions, unreadable, write_whole

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
MANIFEST = "manifest.json"
BASE_WEIGHTS = "model.safetensors"
PICKLES = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl"})
ADAPTERS = "adapters"
PROMOTED = "promoted.json"
_HALFWAY = ".adding"
_NAME = re.compile(NAME)
_ADVICE = "restore its folder, or train it again"

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class AdapterManifest(Frozen):
    """What an adapter is, and where it comes from."""

    name: Name
    method: Literal["lora", "prompt-tuning", "ppo"]
    profile: str
    base: str
    """The model it was trained on, as the profile names it: a hub's id, or a local folder."""
    revision: str | None = None
    """Of a base on a hub."""
    base_sha256: Digest | None = None
    """Of a local base's weights file."""
    data: dict[str, str]
    """Data sets by name, each with its digest."""
    settings: dict[str, Any]
    metrics: dict[str, Any]
    seed: int
    versions: dict[str, str]
    """Library versions."""
    sha256: Digest
    """Of the adapter's weights file."""
    created: AwareDatetime

    @field_validator("created")
    @classmethod
    def _in_utc(cls, created: datetime) -> datetime:
        return created.astimezone(UTC)


def write_manifest(folder: Path, manifest: AdapterManifest) -> None:
    """Write `manifest.json`, whole or not at all."""
    write_whole(folder / MANIFEST, manifest.model_dump_json(indent=2) + "\n")


def read_manifest(folder: Path) -> AdapterManifest:
    """What the manifest says, unchecked. Raises ModelError if there is none, or no valid one."""
    path = folder / MANIFEST
    try:
        return AdapterManifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        fields = ", ".join(sorted({str(each["loc"][0]) for each in error.errors() if each["loc"]}))
        where = f" (look at {fields[:200]})" if fields else ""
        raise ModelError(f"the manifest {path} is not valid{where}; {_ADVICE}") from None
    except OSError as error:
        raise unreadable(error) from None


def check_adapter(folder: Path, profile: Profile) -> AdapterManifest:
    """The manifest of a whole, undamaged adapter of `profile`'s model.

    Only files directly in `folder` belong to the adapter: a training run may keep its checkpoints
    in folders below. Raises ModelError, in one line, for anything else.
    """
    try:
        _check_files(folder)
        manifest = read_manifest(folder)
        _check_base(folder.name, manifest, profile)
        _check_config(folder, profile)
        _check_weights(folder, manifest)
    except OSError as error:
        raise unreadable(error) from None
    return manifest


def _check_files(folder: Path) -> None:
    names = [path.name for path in _files(folder)]
    pickles = [name for name in names if Path(name).suffix.lower() in PICKLES]
    if pickles:
        raise ModelError(
            f"adapter {folder.name} holds {', '.join(pickles)[:200]}: pickles are refused, for "
            "loading one runs its code; save it with safetensors and remove them"
        )
    missing = [name for name in (CONFIG, WEIGHTS, MANIFEST) if name not in names]
    if missing:
        raise ModelError(f"adapter {folder.name} lacks {', '.join(missing)}; {_ADVICE}")


def _check_base(name: str, manifest: AdapterManifest, profile: Profile) -> None:
    """A hub's base is known by id and revision, a local one by its weights."""
    if profile.model is None:
        raise ModelError(f"profile {profile.name} has no model to adapt; use another profile")
    if manifest.profile != profile.name:
        other = repr(manifest.profile[:50])
        raise ModelError(f"adapter {name} is of profile {other}, not {profile.name}; use another")
    if not _same_base(manifest.base, profile) or manifest.revision != profile.revision:
        raise ModelError(
            f"adapter {name} was trained on {_at(manifest.base, manifest.revision)}, not on "
            f"{profile.name}'s {_at(profile.model, profile.revision)}; use one trained on it"
        )
    if not _is_local(profile):
        return
    weights = Path(profile.model) / BASE_WEIGHTS
    if sha256_of(weights) != manifest.base_sha256:
        raise ModelError(
            f"adapter {name} was trained on other weights than {weights}; use one trained on it"
        )


def _check_config(folder: Path, profile: Profile) -> None:
    """PEFT's own note of the base may be empty, but may not contradict the manifest."""
    try:
        base = json.loads((folder / CONFIG).read_bytes()).get("base_model_name_or_path")
    except (ValueError, AttributeError):
        raise ModelError(f"the adapter's {folder / CONFIG} is damaged; {_ADVICE}") from None
    if base and not _same_base(str(base), profile):
        raise ModelError(
            f"adapter {folder.name}: {CONFIG} names the base {_at(str(base))}, not "
            f"{profile.name}'s {profile.model}; use one trained on it"
        )


def _check_weights(folder: Path, manifest: AdapterManifest) -> None:
    weights = folder / WEIGHTS
    if sha256_of(weights) != manifest.sha256:
        raise ModelError(f"the adapter's {weights} is not what its manifest says; {_ADVICE}")
    try:
        with safe_open(weights, framework="numpy") as file:
            tensors = list(file.keys())
    except SafetensorError:
        raise ModelError(f"the adapter's {weights} is not a safetensors file; {_ADVICE}") from None
    if not tensors:
        raise ModelError(f"the adapter's {weights} holds no weights; {_ADVICE}")


def _same_base(named: str, profile: Profile) -> bool:
    """Whether `named` is the profile's model; a local one may lie elsewhere than at training."""
    model = profile.model or ""
    return named == model or (_is_local(profile) and Path(named).name == Path(model).name)


def _is_local(profile: Profile) -> bool:
    return profile.local or (profile.model is not None and Path(profile.model).is_dir())


class Registry:
    """The adapters in a models folder. Several processes may use it at once."""

    def __init__(self, models: Path, profiles: Mapping[str, Profile] | None = None) -> None:
        """`profiles` says by name what an adapter must fit; default: all that there are."""
        self._models = models
        self._profiles = profiles_in(models) if profiles is None else profiles
        self._promotions = Promotions(models / PROMOTED)

    def names(self) -> list[str]:
        """Of every adapter, whole or not, in order."""
        folders = (self._models / ADAPTERS).glob("*/")
        return sorted(folder.name for folder in folders if _NAME.fullmatch(folder.name))

    def folder(self, name: str) -> Path:
        """Where an adapter lies. Raises InputError, with the known names, if there is none."""
        names = self.names()
        if name not in names:
            known = f"there are: {', '.join(names)}" if names else "there are none yet; train one"
            raise InputError(f"no adapter {name[:64]!r} in {self._models / ADAPTERS}; {known}")
        return self._models / ADAPTERS / name

    def place(self, name: str) -> Path:
        """Where an adapter lies, or would."""
        return self._models / ADAPTERS / name

    def manifest(self, name: str) -> AdapterManifest:
        """What an adapter's manifest says, unchecked."""
        return read_manifest(self.folder(name))

    def check(self, name: str) -> AdapterManifest:
        """The manifest of an adapter that its profile can use; raises as `check_adapter` does."""
        return check_adapter(self.folder(name), self._profile_of(self.manifest(name)))

    def serving(self) -> dict[str, str]:
        """The promoted adapter's name, of each profile that has one."""
        return {key: each.adapter for key, each in self._promotions.read().items() if each.adapter}

    def promoted(self, profile_name: str) -> Path | None:
        """Folder of the adapter that the profile serves with, unchecked; None: its model alone."""
        name = self.serving().get(profile_name)
        return self._models / ADAPTERS / name if name else None

    def promote(self, name: str) -> AdapterManifest:
        """Let an adapter serve its profile from now on; raises as `folder` and `check` do."""
        manifest = self.check(name)
        self._promotions.promote(manifest.profile, name)
        return manifest

    def rollback(self, profile_name: str) -> str | None:
        """Let the adapter before serve again; gives its name, None for the model alone.

        Adapters that were removed since are passed over; a damaged one is not, but raises
        ModelError. Raises InputError if there is none before.
        """
        shown = f"profile {profile_name}"
        now = self._promotions.read().get(profile_name, Promotion())
        if name := Promotions.before(shown, now, self.names()).adapter:
            try:
                self.check(name)
            except ModelError as error:
                raise ModelError(f"{error}; or remove its folder to roll back further") from None
        return self._promotions.rollback(profile_name, self.names(), shown=shown)

    def check_free(self, name: str) -> None:
        """Raise InputError if no new adapter can be called `name`, before it is trained."""
        _check_name(name)
        if name in self.names():
            raise InputError(
                f"adapter {name} is there already; give --name another, or remove "
                f"{self._models / ADAPTERS / name} first"
            )

    def add(self, source_folder: Path, name: str | None = None) -> Path:
        """Copy a whole adapter into the registry, under its manifest's name or `name`.

        It appears whole or not at all. Adding the same weights again renews the manifest. Raises
        InputError if the name is wrong or another adapter has it, ModelError as `check_adapter`.
        """
        manifest = check_adapter(source_folder, self._profile_of(read_manifest(source_folder)))
        name = manifest.name if name is None else name
        _check_name(name)
        manifest = manifest.model_copy(update={"name": name})
        target = self._models / ADAPTERS / name
        with self._promotions.locked():
            if not target.exists():
                _copy(source_folder, target, manifest)
            elif _same_weights(source_folder, target):
                write_manifest(target, manifest)
            else:
                raise InputError(f"another adapter is called {name}; rename it or remove {target}")
        return target

    def push(self, name: str, repository: str, token: str | None) -> str:
        """Upload an adapter to `repository` on the hub, made if need be; gives its address.

        Without a token the library's own is used. Raises ModelError, which never holds the token.
        """
        folder = self.folder(name)
        self.check(name)
        from huggingface_hub import HfApi  # noqa: PLC0415 - only pushing needs it

        try:
            hub = HfApi(token=token)
            place = hub.create_repo(repository, exist_ok=True)
            hub.upload_folder(
                repo_id=place.repo_id,
                folder_path=folder,
                allow_patterns=[path.name for path in _files(folder)],
                commit_message=f"Add adapter {name}",
            )
        # What its transport raises changes from version to version, and some of it quotes headers.
        except Exception as error:  # noqa: BLE001
            raise ModelError(_why_not_pushed(name, repository, error)) from None
        return str(place)

    def _profile_of(self, manifest: AdapterManifest) -> Profile:
        try:
            return self._profiles[manifest.profile]
        except KeyError:
            other = repr(manifest.profile[:50])
            raise ModelError(f"adapter {manifest.name} is of no known profile: {other}") from None


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise InputError(f"{name[:64]!r} can't be an adapter's name; use {_NAME.pattern}")


def _copy(source: Path, target: Path, manifest: AdapterManifest) -> None:
    """Needs the registry's lock: what lies halfway is then left over from a process killed."""
    halfway = target.parent / _HALFWAY
    shutil.rmtree(halfway, ignore_errors=True)
    halfway.mkdir(parents=True)
    try:
        for file in _files(source):
            shutil.copyfile(file, halfway / file.name)
        write_manifest(halfway, manifest)
        if sha256_of(halfway / WEIGHTS) != manifest.sha256:
            raise ModelError(f"{source} changed while it was copied; add it again")
        halfway.rename(target)
    finally:
        shutil.rmtree(halfway, ignore_errors=True)


def _same_weights(one: Path, other: Path) -> bool:
    same = ((one / name, other / name) for name in (CONFIG, WEIGHTS))  # the config scales them
    return all(theirs.is_file() and sha256_of(ours) == sha256_of(theirs) for ours, theirs in same)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


def _at(base: str, revision: str | None = None) -> str:
    """On one line, whatever a file says."""
    return f"{base[:200]!r} at {revision[:64]!r}" if revision else repr(base[:200])


def _why_not_pushed(name: str, repository: str, error: Exception) -> str:
    status = getattr(getattr(error, "response", None), "status_code", None)
    what = f"adapter {name} was not pushed to {repository[:100]}"
    if status in (401, 403):
        return f"{what} (HTTP {status}); set HF_TOKEN to a token that may write there"
    reason = f"HTTP {status}" if status else type(error).__name__
    return f"{what} ({reason}); is it OWNER/NAME, and can the hub (HF_ENDPOINT) be reached?"
