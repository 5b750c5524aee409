"""Scores texts of any length with a classifier that reads only so many tokens at once.

A long text is read in overlapping windows and counts as its worst one: abuse at the end of a long
message is abuse. Knows nothing of any particular model.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from worker.embeddings import batches_by_length
from worker.gate.scorer import Scores

BATCH_TOKENS = {"cpu": 512, "cuda": 65_536}
"""Padded tokens a batch: on a CPU small ones cost nothing, and hardly pad."""
OVERLAP = 16  # tokens that two windows share, so that nothing is cut in half unseen


def score_texts(
    texts: Sequence[str],
    tokenizer: Any,
    room: int,
    labels: Sequence[str],
    logits: Callable[[Any], torch.Tensor],
    device: str = "cpu",
) -> list[Scores]:
    """Probabilities by label for each text; an empty text scores 0.

    `logits` takes the tokenizer's padded batch of windows, of at most `room` tokens and the two
    special ones of BERT's family, and gives [windows, labels].
    """
    if not texts:
        return []
    ids = tokenizer(list(texts), add_special_tokens=False, verbose=False)["input_ids"]
    start, end = tokenizer.cls_token_id, tokenizer.sep_token_id
    windows, owners = [], []
    for owner, text in enumerate(ids):
        for first in range(0, max(1, len(text) - OVERLAP), room - OVERLAP):
            if window := text[first : first + room]:
                windows.append([start, *window, end])
                owners.append(owner)
    scores = np.zeros((len(texts), len(labels)))
    for batch in batches_by_length([len(window) for window in windows], BATCH_TOKENS[device]):
        padded = tokenizer.pad({"input_ids": [windows[n] for n in batch]}, return_tensors="pt")
        with torch.inference_mode():
            rows = logits(padded).float().sigmoid().cpu().numpy()
        for index, row in zip(batch, rows, strict=True):
            np.maximum(scores[owners[index]], row, out=scores[owners[index]])
    return [dict(zip(labels, row.tolist(), strict=True)) for row in scores]
