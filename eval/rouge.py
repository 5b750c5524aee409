"""ROUGE with stemming, of each summary. Knows nothing of models."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from worker.pipeline.sentences import split_sentences

KINDS = ("rouge1", "rouge2", "rougeL", "rougeLsum")

Scores = npt.NDArray[np.float64]
"""F1 of each summary [summaries], from 0 to 1."""


def rouge(predictions: Sequence[str], references: Sequence[Sequence[str]]) -> dict[str, Scores]:
    """F1 of each prediction by kind; with several references, against the best."""
    scored = _metric().compute(
        predictions=[_a_sentence_a_line(text) for text in predictions],
        references=[[_a_sentence_a_line(text) for text in texts] for texts in references],
    )
    return {kind: np.asarray(scored[kind], dtype=np.float64) for kind in KINDS}


def _a_sentence_a_line(text: str) -> str:
    """ROUGE-Lsum tells sentences by their lines; the other kinds don't see lines."""
    return "\n".join(split_sentences(text))


@lru_cache(maxsize=1)
def _metric() -> Any:
    import evaluate  # noqa: PLC0415 - brings `datasets` and pandas along

    return evaluate.load(str(Path(__file__).parent / "metrics" / "rouge"))
