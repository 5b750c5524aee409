"""How sure a mean is: percentile bootstrap intervals (Efron, 1979). Knows nothing of metrics.

Values are resampled with replacement; the interval holds the middle `level` of the resampled
means. A paired difference resamples the pairs, so what both systems find hard cancels out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LEVEL = 0.95
ROUNDS = 2_000
_AT_ONCE = 4_000_000  # drawn indices held at a time, which bounds memory

Values = Sequence[float] | npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and where it may lie."""

    mean: float
    low: float
    high: float

    def overlaps(self, other: "Interval") -> bool:
        return self.low <= other.high and other.low <= self.high


def interval(values: Values, level: float = LEVEL, rounds: int = ROUNDS, seed: int = 0) -> Interval:
    """The mean of `values` [items] and its `level` interval; the same `seed`, the same interval.

    Raises ValueError without values.
    """
    sample = np.asarray(values, dtype=np.float64)
    if sample.size == 0:
        raise ValueError("a mean needs at least one value")
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(_means(sample, rounds, seed), [tail, 100 - tail])
    return Interval(float(sample.mean()), float(low), float(high))


def paired_difference(
    values: Values,
    baseline: Values,
    level: float = LEVEL,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> Interval:
    """The mean of `values − baseline`, item by item, and its interval.

    Raises ValueError unless both have a value for each item.
    """
    ours, theirs = (np.asarray(each, dtype=np.float64) for each in (values, baseline))
    if ours.shape != theirs.shape:
        raise ValueError(f"pairs need as many values: {ours.size} and {theirs.size}")
    return interval(ours - theirs, level, rounds, seed)


def _means(sample: npt.NDArray[np.float64], rounds: int, seed: int) -> npt.NDArray[np.float64]:
    """Means of `rounds` resamples [rounds]."""
    random = np.random.default_rng(seed)
    step = max(1, _AT_ONCE // sample.size)
    return np.concatenate(
        [
            sample[random.integers(sample.size, size=(min(step, rounds - done), sample.size))].mean(
                axis=1
            )
            for done in range(0, rounds, step)
        ]
    )
