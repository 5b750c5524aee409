"""The embedded gate: a classifier of our own (`precis train gate`), with Detoxify's labels.

Knows nothing of what is done about a score.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from transformers import AutoTokenizer

from precis.errors import ModelError
from worker.bases.cache import base_folder
from worker.bases.catalog import base_named
from worker.devices import fast_dtype
from worker.gate.disguises import readings
from worker.gate.folder import WEIGHTS, GateManifest, read_manifest
from worker.gate.network import GateNetwork
from worker.gate.scorer import Scores
from worker.gate.windows import score_texts

WINDOW = 62
"""Tokens read at once, without the two special ones. Longer ones would find less: a mean over many
harmless tokens hides a few bad ones (docs/experiments.md)."""


class EmbeddedScorer:
    """Scores texts with the gate of a folder."""

    def __init__(self, folder: Path, device: str = "cpu", bases: Path | None = None) -> None:
        """Load the gate, and its encoder from `bases` (that of the settings).

        Raises ModelError if either is missing, damaged or pickled.
        """
        manifest, base, weights = _read(folder, bases)
        self.name = f"embedded-gate@{manifest.sha256[:8]}"
        self.thresholds: Mapping[str, float] = manifest.thresholds
        self.languages = frozenset(manifest.languages)
        self._labels = manifest.labels
        self._device = device
        with _one_line(folder):
            self._tokenizer: Any = AutoTokenizer.from_pretrained(base, use_fast=True)
            self._network = GateNetwork.to_serve(
                base, manifest.layers, weights, len(manifest.labels), fast_dtype(device)
            ).to(device)

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """Probabilities by label for each text; a text without words scores 0."""
        return score_readings(self._network, self._tokenizer, texts, self._labels, self._device)


def load_network(folder: Path, bases: Path | None = None) -> tuple[GateNetwork, Any, GateManifest]:
    """A gate's network, to be trained further, its tokenizer and manifest. Raises ModelError."""
    manifest, base, weights = _read(folder, bases)
    with _one_line(folder):
        network = GateNetwork.to_train(base, manifest.layers, manifest.rank, len(manifest.labels))
        network.load_learned(weights)
        return network.eval(), AutoTokenizer.from_pretrained(base, use_fast=True), manifest


def _read(folder: Path, bases: Path | None) -> tuple[GateManifest, Path, dict[str, torch.Tensor]]:
    """The manifest, the encoder's folder, and what was trained."""
    manifest = read_manifest(folder)
    if base_named(manifest.base).weights_sha256 != manifest.base_sha256:
        raise ModelError(f"the gate in {folder} is for another edition of {manifest.base}")
    base = base_folder(manifest.base, bases)
    with _one_line(folder):
        weights = {name: each.float() for name, each in load_file(folder / WEIGHTS).items()}
    return manifest, base, weights


@contextmanager
def _one_line(folder: Path) -> Iterator[None]:
    """What to say of a gate that can't be loaded."""
    try:
        yield
    except (SafetensorError, RuntimeError, OSError, ValueError, KeyError, AttributeError) as error:
        raise ModelError(
            f"the gate in {folder} can't be loaded ({type(error).__name__}); "
            "restore the folder, or train one with precis train gate"
        ) from None


def score_readings(
    network: GateNetwork,
    tokenizer: Any,
    texts: Sequence[str],
    labels: Sequence[str],
    device: str = "cpu",
) -> list[Scores]:
    """Each text by the worst of how it may be read (`worker.gate.disguises`).

    Training calibrates with this too, so that it judges what is served.
    """

    def logits(inputs: Any) -> torch.Tensor:
        inputs = inputs.to(device)
        made: torch.Tensor = network(inputs["input_ids"], inputs["attention_mask"])
        return made

    ways = [readings(text) for text in texts]
    flat = [way for each in ways for way in each]
    scored = iter(score_texts(flat, tokenizer, WINDOW, labels, logits, device))
    return [_worst([next(scored) for _ in each]) for each in ways]


def _worst(scores: Sequence[Scores]) -> Scores:
    return {label: max(each[label] for each in scores) for label in scores[0]}
