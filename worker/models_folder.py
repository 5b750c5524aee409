"""The models folder (PRECIS_MODELS) as a whole: what came with Précis, and what was trained here.

    embedded/, gate/, adapters/embedded-ppo/    came with Précis; an upgrade replaces them
    adapters/NAME/, gates/NAME/                 were trained, or added
    promoted.json, gates/promoted.json          which are in use

Knows nothing of what a model is.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

from precis.errors import ModelError
from worker.gate.registry import GATES
from worker.promotions import Promotions
from worker.registry import ADAPTERS, MANIFEST, PROMOTED

_PROMOTIONS = (PROMOTED, f"{GATES}/{PROMOTED}")
_HALFWAY = ".installing"
_OLD = ".replaced"


def install_models(shipped: Path, target: Path) -> list[str]:
    """Copy what came with Précis into `target`, which may hold an older version's.

    What was trained, and what is in use, stays. Gives the names of what was copied. Raises
    ModelError if the folder can't be written.
    """
    try:
        target.mkdir(parents=True, exist_ok=True)
        with Promotions(target / PROMOTED).locked():
            for leftover in (_HALFWAY, _OLD):  # of a process that was killed
                shutil.rmtree(target / leftover, ignore_errors=True)
            copied = [name for name in _shipped_names(shipped) if _copy(name, shipped, target)]
            if not (target / PROMOTED).exists() and (shipped / PROMOTED).exists():
                shutil.copyfile(shipped / PROMOTED, target / PROMOTED)
                copied.append(PROMOTED)
    except OSError as error:
        raise ModelError(
            f"the models can't be copied to {target} ({error.strerror or error}); "
            "set PRECIS_MODELS to a folder that you may write to"
        ) from None
    return copied


def trained_files(models: Path) -> dict[str, Path]:
    """Adapters, gates and what is in use, by their path below `models`."""
    folders = [*_folders(models / ADAPTERS, ADAPTERS), *_folders(models / GATES, GATES)]
    files = {
        path.relative_to(models).as_posix(): path
        for folder in folders
        for path in (models / folder).rglob("*")
        if path.is_file()
    }
    return files | {name: models / name for name in _PROMOTIONS if (models / name).is_file()}


def restore_files(source: Path, models: Path) -> int:
    """Put `trained_files` from a backup's folder into place; gives how many. Raises ModelError."""
    files = sorted(path for path in source.rglob("*") if path.is_file())
    # What is in use last: by then it is there.
    files.sort(key=lambda path: path.name == PROMOTED)
    try:
        for path in files:
            target = models / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            halfway = target.with_name(f".{target.name}.restoring")
            shutil.copyfile(path, halfway)
            halfway.replace(target)
    except OSError as error:
        raise ModelError(
            f"the models can't be restored to {models} ({error.strerror or error}); "
            "set PRECIS_MODELS to a folder that you may write to"
        ) from None
    return len(files)


def _shipped_names(shipped: Path) -> list[str]:
    """Folders below `shipped` that are copied as a whole."""
    names = [path.name for path in shipped.iterdir() if (path / MANIFEST).is_file()]
    return sorted([*names, *_folders(shipped / ADAPTERS, ADAPTERS)])


def _folders(folder: Path, prefix: str) -> Iterator[str]:
    for path in folder.glob("*/"):
        if not path.name.startswith("."):
            yield f"{prefix}/{path.name}"


def _copy(name: str, shipped: Path, models: Path) -> bool:
    """Whether there was anything to copy: the manifest vouches for the rest."""
    source, target = shipped / name, models / name
    new, old = source / MANIFEST, target / MANIFEST
    if old.is_file() and old.read_bytes() == new.read_bytes():
        return False
    halfway, replaced = models / _HALFWAY, models / _OLD
    shutil.copytree(source, halfway)
    target.parent.mkdir(exist_ok=True)
    if target.exists():
        target.rename(replaced)
    halfway.rename(target)
    shutil.rmtree(replaced, ignore_errors=True)
    return True
