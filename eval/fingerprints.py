"""Names what a system's output depends on: weights and code, by digest.

A cached summary must not outlive the model or the code that made it. Knows nothing of systems.
"""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import worker
from precis.errors import ModelError
from worker.gate.folder import digest

_KEPT = 16  # hex digits: enough to tell versions apart
_FILES = ("*.safetensors", "*.json", "*.txt", "*.model")  # weights, shapes, tokenizers
_OF_NO_WEIGHT = frozenset({"manifest.json"})
_OWN = ("passages.py", "systems.py", "generated.py")
_EXTRACTIVE = (
    "generators/extractive.py",
    "pipeline/passages.py",
    "pipeline/packing.py",
    "pipeline/sentences.py",
    "embeddings.py",
)
_GENERATED = (
    *_EXTRACTIVE,
    "generators/seq2seq.py",
    "generators/pointer.py",
    "pipeline/prompts.py",
)
_GROUNDED = (
    *_GENERATED,
    "pipeline/drafting.py",
    "pipeline/grounding.py",
    "pipeline/fluency.py",
    "pipeline/citations.py",
    "gate/policy.py",
)


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
    named = [f"{path.name} {digest(path)}" for path in files if path.name not in _OF_NO_WEIGHT]
    return _short("\n".join(named).encode())


@cache
def extractive_code() -> str:
    return _code(_EXTRACTIVE)


@cache
def generating_code(*, grounding: bool) -> dict[str, Any]:
    """The worker's part in a generated summary, and the library that runs the model."""
    return {
        "code": _code(_GROUNDED if grounding else _GENERATED),
        "transformers": version("transformers"),
    }


def _code(files: tuple[str, ...]) -> str:
    """Of the worker's `files`, and of what stands between them and a dialogue here."""
    paths = [Path(worker.__file__).parent / name for name in files]
    paths += [Path(__file__).parent / name for name in _OWN]
    return _short(b"\n".join(path.read_bytes() for path in paths))


def _short(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_KEPT]
