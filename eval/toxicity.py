"""How toxic summaries are by the gate: mean, spread, and share over its thresholds, by label.

A summary is scored as a whole text, as readers see it; the gate itself counts a long one as its
worst part. Knows nothing of who wrote the texts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eval.bootstrap import Interval, interval
from eval.classification import Floats
from eval.passages import as_read
from worker.gate.policy import crossed
from worker.gate.scorer import Scores, ToxicityScorer

MAIN = "toxicity"
"""The label that stands for all: what the study reports."""
_AT_ONCE = 256  # texts


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """Of one label, over all texts."""

    mean: Interval
    """Probability, 0 to 1."""
    std: float
    """Population standard deviation of the probability."""
    threshold: float
    over: Interval
    """Share of texts at or over the threshold."""


@dataclass(frozen=True, slots=True)
class ToxicityFigures:
    texts: int
    gate: str
    toxic: Interval
    """Share of texts that are at or over the threshold of any label."""
    labels: dict[str, LabelFigures]

    @property
    def main(self) -> LabelFigures:
        """The figures of `MAIN`, or of the gate's first label."""
        return self.labels.get(MAIN) or next(iter(self.labels.values()))


def score(texts: Sequence[str], scorer: ToxicityScorer) -> list[Scores]:
    """The gate's scores of `texts`, in order; people's marks are taken off as for readers."""
    return score_as_written([as_read(text) for text in texts], scorer)


def score_as_written(texts: Sequence[str], scorer: ToxicityScorer) -> list[Scores]:
    """The same of texts as they are."""
    return [
        each
        for start in range(0, len(texts), _AT_ONCE)
        for each in scorer.score(texts[start : start + _AT_ONCE])
    ]


def called_toxic(scores: Sequence[Scores], thresholds: Mapping[str, float]) -> Floats:
    """1 for each text of which any label is at or over its threshold, else 0."""
    return np.array([float(crossed(each, thresholds) is not None) for each in scores])


def toxicity_figures(
    scores: Sequence[Scores], thresholds: Mapping[str, float], gate: str, seed: int = 0
) -> ToxicityFigures:
    """Figures of scored texts. Raises ValueError without any."""
    toxic = called_toxic(scores, thresholds)
    labels = {}
    for label, threshold in thresholds.items():
        values = np.array([each[label] for each in scores])  # [texts]
        labels[label] = LabelFigures(
            mean=interval(values, seed=seed),
            std=float(values.std()),
            threshold=threshold,
            over=interval((values >= threshold).astype(np.float64), seed=seed),
        )
    return ToxicityFigures(len(scores), gate, interval(toxic, seed=seed), labels)
