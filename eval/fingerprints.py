"""Names what a system's output depends on: weights and code, by digest.

A cached summary must not outlive the model or the code that made it. Knows nothing of systems.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import worker
from precis.errors import ModelError
from precis.hashing import sha256_of

_KEPT = 16  # hex digits: enough to tell versions apart
_FILES = ("*.safetensors", "*.json", "*.txt", "*.model")  # weights, shapes, tokenizers
_OF_NO_WEIGHT = frozenset({"manifest.json"})
_OWN = ("passages.py", "systems.py", "generated.py")
_WRITING = ("embeddings.py", "generators/*.py", "pipeline/*.py")
_JUDGING = ("gate/*.py", "gate/*.toml")


def model_digest(model: str, revision: str | None = None) -> str:
    """A local folder by its content; a hub's model by its id and revision."""
    folder = Path(model)
    return folder_digest(folder) if folder.is_dir() else f"{model}@{revision or 'main'}"


def adapter_digest(folder: Path) -> str:
    """A PEFT folder by its content. Raises ModelError if it isn't there."""
    if not folder.is_dir():
        raise ModelError(f"no adapter folder {folder}; give an existing one, or --no-adapter")
    return folder_digest(folder)


def folder_digest(folder: Path) -> str:
    """Of the names and contents of what a model is loaded from; where it lies doesn't matter."""
    files = sorted({path for pattern in _FILES for path in folder.glob(pattern)})
    named = [f"{path.name} {sha256_of(path)}" for path in files if path.name not in _OF_NO_WEIGHT]
    return _short("\n".join(named).encode())


@cache
def extractive_code() -> str:
    return code_digest(_WRITING)


@cache
def generating_code(*, grounding: bool) -> dict[str, Any]:
    """The worker's part in a generated summary, and the library that runs the model."""
    return {
        "code": code_digest((*_WRITING, *_JUDGING) if grounding else _WRITING),
        "transformers": version("transformers"),
    }


def code_digest(patterns: Sequence[str], folder: Path = Path(worker.__file__).parent) -> str:
    """Of the worker's files, in `folder`, and of what stands between them and a dialogue here.

    Whole folders, so that no new file is forgotten; that some of them matter to nothing costs a
    cache now and then.
    """
    paths = [path for pattern in patterns for path in sorted(folder.glob(pattern))]
    named = [(path.relative_to(folder), path) for path in paths]
    named += [(Path(name), Path(__file__).parent / name) for name in _OWN]
    return _short("\n".join(f"{name} {sha256_of(path)}" for name, path in named).encode())


def _short(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_KEPT]
