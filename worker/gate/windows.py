"""Scores texts of any length with a model that reads only so many tokens at once.

A long text is read in overlapping windows and counts as its worst one: abuse at the end of a long
message is abuse. Knows nothing of models.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from worker.embeddings import batches_by_length

Probabilities = npt.NDArray[np.float64]
"""[windows or texts, labels]"""

BATCH_TOKENS = 8_192
OVERLAP = 16  # tokens that two windows share, so that nothing is cut in half unseen


def score_windows(
    ids: Sequence[Sequence[int]],
    room: int,
    labels: int,
    run: Callable[[list[Sequence[int]]], Probabilities],
) -> Probabilities:
    """Scores [texts, labels] of texts given by their token ids without special tokens.

    `run` scores a batch of windows of at most `room` tokens each. An empty text scores 0.
    """
    windows, owners = [], []
    for owner, text in enumerate(ids):
        for start in range(0, max(1, len(text) - OVERLAP), room - OVERLAP):
            if window := text[start : start + room]:
                windows.append(window)
                owners.append(owner)
    scores = np.zeros((len(ids), labels))
    for batch in batches_by_length([len(window) for window in windows], BATCH_TOKENS):
        made = run([windows[index] for index in batch])
        for index, row in zip(batch, made, strict=True):
            np.maximum(scores[owners[index]], row, out=scores[owners[index]])
    return scores
