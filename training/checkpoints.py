"""Whose checkpoints a folder holds: a run goes on from its own, and from no other's.

Beside the checkpoints lies the run's key, written before it trains: all settings, and digests of
what it reads and starts from. Knows nothing of what is in a checkpoint.
"""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from precis.errors import InputError, ModelError
from precis.hashing import sha256_of

KEY = "run.json"
WEIGHTS = "model.safetensors"
_SHOWN = 60  # characters of a setting in a message


def claim(folder: Path, key: Mapping[str, Any]) -> None:
    """Make `folder` the run's that `key` describes, JSON all through.

    Raises InputError, naming what differs, if it holds checkpoints of another run; ModelError if
    its key can't be read.
    """
    path, ours = folder / KEY, json.loads(json.dumps(key))
    if latest(folder) is None:
        folder.mkdir(parents=True, exist_ok=True)
        halfway = path.with_name(f".{KEY}.{os.getpid()}")
        halfway.write_text(json.dumps(ours, indent=2) + "\n", encoding="utf-8")
        halfway.replace(path)
        return
    try:
        theirs = dict(json.loads(path.read_bytes()))
    except FileNotFoundError:
        raise InputError(
            f"{folder} holds checkpoints of an unknown run; {_advice(folder)}"
        ) from None
    except (ValueError, TypeError):
        raise ModelError(f"{path} is damaged; {_advice(folder)}") from None
    if ours != theirs:
        raise InputError(
            f"{folder} holds checkpoints of another run ({_difference(theirs, ours)}); "
            f"{_advice(folder)}"
        )


def latest(folder: Path) -> Path | None:
    """The whole checkpoint with the most steps, `checkpoint-STEPS`."""
    found = [each for each in folder.glob("checkpoint-*") if each.name[11:].isdecimal()]
    return max(found, key=lambda each: int(each.name[11:]), default=None)


def finish(folder: Path) -> None:
    """Remove the key and the checkpoints of a run that has ended; its logs stay."""
    for each in folder.glob("checkpoint-*"):
        shutil.rmtree(each, ignore_errors=True)
    (folder / KEY).unlink(missing_ok=True)


def weights_named(model: str | Path, revision: str | None = None) -> str:
    """Names a model's very weights: a local folder's by their digest, a hub's by its revision."""
    weights = Path(model) / WEIGHTS
    if weights.is_file():
        return f"sha256 {sha256_of(weights)}"
    return f"{model}@{revision}" if revision else str(model)


def _difference(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> str:
    names = [name for name in {**theirs, **ours} if theirs.get(name) != ours.get(name)]
    name, rest = names[0], len(names) - 1
    told = f"{name} is {_text(theirs.get(name))} there, {_text(ours.get(name))} here"
    return f"{told}; {rest} more differ" if rest else told


def _text(value: object) -> str:
    return json.dumps(value)[:_SHOWN]


def _advice(folder: Path) -> str:
    return f"give another --output, or remove {folder.name}/ to begin anew"
