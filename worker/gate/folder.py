"""A trained gate on disk: the weights that were trained, and a manifest that vouches for them.

Weights are safetensors, never pickle, and are checked against the manifest's digest before they
are used. Knows nothing of how scores are computed.
"""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from precis.errors import ModelError
from precis.frozen import Frozen
from precis.hashing import sha256_of

WEIGHTS = "model.safetensors"
MANIFEST = "manifest.json"
FILES = (WEIGHTS, MANIFEST)


class GateManifest(Frozen):
    """What a gate is, and where it comes from."""

    kind: Literal["precis-gate"] = "precis-gate"
    labels: tuple[str, ...] = Field(min_length=1)
    thresholds: dict[str, float]
    sha256: str
    """Of the weights file."""
    base: str
    """The pretrained encoder (`worker.bases.catalog`)."""
    base_sha256: str
    """Of the encoder's weights."""
    layers: int = Field(ge=1, le=100)
    """Of the encoder, from below."""
    rank: int = Field(ge=1, le=1_024)
    """Of the LoRA."""
    languages: tuple[str, ...]
    """ISO 639-1: those that it was trained on, and judges."""
    data: dict[str, str]
    """Data sets by name, each with its digest."""
    settings: dict[str, Any]
    metrics: dict[str, Any]
    seed: int
    versions: dict[str, str]
    """Library versions."""
    trained_from: str | None = None
    """The gate that this one was trained on from, by its name."""


def read_manifest(folder: Path) -> GateManifest:
    """The manifest of a whole and undamaged gate. Raises ModelError, in one line, otherwise."""
    advice = "restore the folder, or train one with precis train gate"
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise ModelError(f"the gate in {folder} lacks {', '.join(missing)}; {advice}")
    try:
        manifest = GateManifest.model_validate_json((folder / MANIFEST).read_text())
    except (ValidationError, ValueError):
        raise ModelError(
            f"the gate's {folder / MANIFEST} is damaged or of another version; {advice}"
        ) from None
    if set(manifest.thresholds) != set(manifest.labels):
        raise ModelError(f"the gate in {folder} has no threshold for every label; {advice}")
    if sha256_of(folder / WEIGHTS) != manifest.sha256:
        raise ModelError(f"the gate's {folder / WEIGHTS} is not what its manifest says; {advice}")
    return manifest
