"""Suggests a threshold for a label of the gate, where what moderators decided supports one.

Only ever a higher one: of what stays under a threshold, hardly anything is decided, so decisions
can't tell what a lower one would find. Pure; applies nothing.
"""

import math
from collections.abc import Sequence

from precis.frozen import Frozen
from precis.job import Score
from precis.moderation import Label, LabelDecisions

FEWEST_DECISIONS = 20
ENOUGH = 0.9
"""Precision: at or over it, all is well, and no threshold is suggested that stays under it."""
SURELY = 0.75
"""What the lower end of the interval of the new precision must reach."""
KEEPS = 0.8
"""Share of what was toxic that must still be flagged."""
HIGHEST = 0.99
_Z = 1.959964
"""Of a 95 % interval: the normal distribution's 0.975 quantile."""


class Share(Frozen):
    """How many of how many, and where the share behind it may lie."""

    count: int
    of: int
    low: float
    """95 %, by Wilson (1927)."""
    high: float

    @property
    def value(self) -> float:
        """0 to 1; 0 of none."""
        return self.count / self.of if self.of else 0.0


class Suggestion(Frozen):
    """A threshold, and the numbers that speak for it."""

    label: Label
    threshold: Score
    """In force."""
    suggested: Score
    """In hundredths, over the one in force."""
    precision: Share
    """Of what is flagged now, what is toxic."""
    then: Share
    """Of what would still be flagged, what is toxic."""
    kept: Share
    """Of what is flagged now and is toxic, what would still be flagged."""


def suggest(decisions: LabelDecisions) -> Suggestion | None:
    """The lowest threshold under which hardly anything harmless would be flagged.

    None unless there are enough decisions of both kinds, the precision is wanting, and a higher
    threshold surely mends that without losing much of what was toxic.
    """
    now = decisions.threshold
    toxic = [score for score in decisions.toxic if score >= now]
    harmless = [score for score in decisions.harmless if score >= now]
    if len(toxic) + len(harmless) < FEWEST_DECISIONS or not toxic or not harmless:
        return None
    precision = share(len(toxic), len(toxic) + len(harmless))
    if precision.value >= ENOUGH:
        return None
    for hundredths in range(math.floor(now * 100) + 1, round(HIGHEST * 100) + 1):
        suggested = hundredths / 100
        found, wrong = _over(toxic, suggested), _over(harmless, suggested)
        if found < KEEPS * len(toxic):
            return None
        then = share(found, found + wrong)
        if suggested > now and then.value >= ENOUGH and then.low >= SURELY:
            return Suggestion(
                label=decisions.label,
                threshold=now,
                suggested=suggested,
                precision=precision,
                then=then,
                kept=share(found, len(toxic)),
            )
    return None


def share(count: int, of: int) -> Share:
    """`count` of `of`, with Wilson's score interval; of none, anything may be."""
    if of == 0:
        return Share(count=0, of=0, low=0.0, high=1.0)
    part, spread = count / of, _Z * _Z / of
    middle = part + spread / 2
    width = _Z * math.sqrt(part * (1 - part) / of + spread / (4 * of))
    low, high = ((middle + side * width) / (1 + spread) for side in (-1, 1))
    return Share(count=count, of=of, low=max(0.0, low), high=min(1.0, high))


def _over(scores: Sequence[float], threshold: float) -> int:
    return sum(score >= threshold for score in scores)
