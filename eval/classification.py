"""Figures of a classifier of two classes, with intervals: AUC, precision, recall, F1.

Each figure is a function of weighted texts, so that resampling them (Efron, 1979) is a matter of
weights, and several classifiers can share the same resamples. Knows nothing of what is classified.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eval.bootstrap import LEVEL, Interval

Floats = npt.NDArray[np.float64]
Figure = Callable[[Floats], Floats]
"""Weights [rounds, texts] to [rounds]."""
_AT_ONCE = 1_000_000  # weights held at a time, which bounds memory


@dataclass(frozen=True)
class Resampled:
    """A figure of all texts, and of every resample."""

    value: float
    resampled: Floats

    @property
    def interval(self) -> Interval:
        return between(self.value, self.resampled)


def resample(figures: Sequence[Figure], texts: int, rounds: int, seed: int) -> list[Resampled]:
    """Each figure of all texts once, and of `rounds` resamples that all figures share."""
    random = np.random.default_rng(seed)
    step = max(1, _AT_ONCE // texts)
    whole = np.ones((1, texts))
    drawn: list[list[Floats]] = [[] for _ in figures]
    for done in range(0, rounds, step):
        chances = np.full(texts, 1 / texts)
        weights = random.multinomial(texts, chances, size=min(step, rounds - done)).astype(float)
        for figure, values in zip(figures, drawn, strict=True):
            values.append(figure(weights))
    return [
        Resampled(float(figure(whole)[0]), np.concatenate(values))
        for figure, values in zip(figures, drawn, strict=True)
    ]


def between(value: float, resampled: Floats) -> Interval:
    """A figure and the middle of its resamples; NaN where none of them has the figure."""
    if np.isnan(resampled).all():
        return Interval(value, float("nan"), float("nan"))
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.nanpercentile(resampled, [tail, 100 - tail])
    return Interval(value, float(low), float(high))


def auc(scores: Floats, toxic: Floats, weights: Floats) -> Floats:
    """Area under the ROC curve of weighted texts: weights [rounds, texts] to [rounds].

    Mann and Whitney's: how often a toxic text scores over a harmless one, ties counting half.
    NaN where a round has texts of one kind only.
    """
    order = np.argsort(scores, kind="stable")
    ranked, positive = scores[order], toxic[order]
    below = np.searchsorted(ranked, ranked, "left")
    upto = np.searchsorted(ranked, ranked, "right")
    drawn = weights[:, order]
    harmless = np.pad(np.cumsum(drawn * (1 - positive), axis=1), ((0, 0), (1, 0)))
    beaten = (harmless[:, below] + harmless[:, upto]) / 2
    pairs = (drawn @ positive) * (drawn @ (1 - positive))
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = np.where(pairs > 0, (drawn * positive * beaten).sum(axis=1) / pairs, np.nan)
    return found


def auc_of(scores: Floats, toxic: Floats) -> float:
    """The same of all texts; NaN where they are of one kind only."""
    return float(auc(scores, toxic, np.ones((1, len(toxic))))[0])


def precision(called: Floats, toxic: Floats, weights: Floats) -> Floats:
    """Of what was called toxic, the share that is; 1 where nothing was."""
    return _share(weights @ (called * toxic), weights @ called)


def recall(called: Floats, toxic: Floats, weights: Floats) -> Floats:
    """Of what is toxic, the share that was called so."""
    return _share(weights @ (called * toxic), weights @ toxic)


def part(called: Floats, weights: Floats) -> Floats:
    """The share of all texts that were called toxic."""
    return _share(weights @ called, weights.sum(axis=1))


def f1(called: Floats, toxic: Floats, weights: Floats) -> Floats:
    """The harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN)."""
    hits = weights @ (called * toxic)
    return _share(2 * hits, weights @ called + weights @ toxic)


def _share(part: Floats, whole: Floats) -> Floats:
    found: Floats = np.where(whole > 0, part / np.maximum(whole, 1), 1.0)
    return found
