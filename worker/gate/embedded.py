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
from worker.gate.windows import Probabilities, score_windows

WINDOW = 128  # tokens, special ones included


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
        self._start, self._end = self._tokenizer.cls_token_id, self._tokenizer.sep_token_id

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """Probabilities by label for each text; a text without words scores 0."""
        if not texts:
            return []
        folded = [fold(text) for text in texts]
        ids = self._tokenizer(folded, add_special_tokens=False, verbose=False)["input_ids"]
        rows = score_windows(ids, WINDOW - 2, len(self._labels), self._run)
        return [dict(zip(self._labels, row.tolist(), strict=True)) for row in rows]

    @torch.inference_mode()
    def _run(self, windows: list[Sequence[int]]) -> Probabilities:
        rows = [[self._start, *window, self._end] for window in windows]
        inputs = self._tokenizer.pad({"input_ids": rows}, return_tensors="pt").to(self._device)
        with torch.autocast(self._device, dtype=torch.bfloat16):
            logits = self._network(inputs["input_ids"], inputs["attention_mask"])
        scores: Probabilities = logits.float().sigmoid().cpu().double().numpy()
        return scores
