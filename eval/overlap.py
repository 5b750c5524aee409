"""ROUGE figures of a whole set of summaries, with intervals. Knows nothing of how ROUGE counts."""

from collections.abc import Sequence

from eval.bootstrap import Interval, interval
from eval.rouge import rouge

RougeFigures = dict[str, Interval]
"""Mean F1 (0 to 1) by kind."""


def rouge_figures(
    predictions: Sequence[str], references: Sequence[Sequence[str]], seed: int = 0
) -> RougeFigures:
    """Mean ROUGE-1, -2, -L and -Lsum of texts against one or several references each."""
    scores = rouge(predictions, references)
    return {kind: interval(each, seed=seed) for kind, each in scores.items()}
