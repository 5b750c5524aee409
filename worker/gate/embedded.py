"""The embedded gate: a small classifier of our own (`precis train gate`), with Detoxify's labels.

Knows nothing of what is done about a score.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from transformers import AutoTokenizer

from precis.errors import ModelError
from worker.gate.folder import WEIGHTS, read_manifest
from worker.gate.network import GateNetwork, fold
from worker.gate.scorer import Scores
from worker.gate.windows import score_texts

WINDOW = 32
"""Tokens read at once. Longer ones would find less: a mean over many harmless tokens hides a few
bad ones (docs/experiments.md)."""


class EmbeddedScorer:
    """Scores texts with the gate of a folder."""

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        """Load the gate. Raises ModelError if it is missing, damaged or pickled."""
        manifest = read_manifest(folder)
        self.name = f"embedded-gate@{manifest.sha256[:8]}"
        self.thresholds: Mapping[str, float] = manifest.thresholds
        self._labels = manifest.labels
        self._device = device
        try:
            weights = {k: v.float() for k, v in load_file(folder / WEIGHTS).items()}
            network = GateNetwork.empty(folder, len(manifest.labels))
            network.load_state_dict(weights)
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, use_fast=True)
        except (SafetensorError, RuntimeError, OSError, ValueError, KeyError) as error:
            raise ModelError(
                f"the gate in {folder} can't be loaded ({type(error).__name__}); "
                "restore the folder, or train one with precis train gate"
            ) from None
        self._network = network.to(device).eval()

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """Probabilities by label for each text; a text without words scores 0."""
        return score_folded(self._network, self._tokenizer, texts, self._labels, self._device)


def score_folded(
    network: GateNetwork,
    tokenizer: Any,
    texts: Sequence[str],
    labels: Sequence[str],
    device: str = "cpu",
) -> list[Scores]:
    """Fold and score; training calibrates with this too, so that it judges what is served."""

    def logits(inputs: Any) -> torch.Tensor:
        inputs = inputs.to(device)
        with torch.autocast(device, dtype=torch.bfloat16):
            made: torch.Tensor = network(inputs["input_ids"], inputs["attention_mask"])
        return made

    return score_texts([fold(text) for text in texts], tokenizer, WINDOW, labels, logits)
