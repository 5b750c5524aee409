"""What the gate does about scores: which texts are toxic, and which draft may be said.

Pure. Knows nothing of models, and nothing of what follows when no draft may be said: that is
the pipeline's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from precis.job import SUMMARY_TARGET, Flag, FlagAction
from worker.gate.scorer import Scores


def crossed(scores: Scores, thresholds: Mapping[str, float]) -> str | None:
    """The label at or over its threshold, of several the one furthest over; None if clean."""
    over = {
        label: scores[label] - threshold
        for label, threshold in thresholds.items()
        if scores[label] >= threshold
    }
    return max(over, key=over.__getitem__, default=None)


def flag(
    target: str, scores: Scores, thresholds: Mapping[str, float], action: FlagAction
) -> Flag | None:
    """A flag for a toxic text, None for a clean one."""
    label = crossed(scores, thresholds)
    if label is None:
        return None
    return Flag(
        target=target, label=label, threshold=thresholds[label], scores=scores, action=action
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of a passage's candidates may be said."""

    index: int | None
    """The first clean one; None if there is none."""
    toxic: Scores | None
    """The worst scores of the candidate that would have been said, if it was toxic."""
    refused: int | None = None
    """Which candidate that was."""


def choose(
    candidates: Sequence[Sequence[Scores]],
    thresholds: Mapping[str, float],
    fit: Sequence[bool] | None = None,
) -> Choice:
    """Choose among candidates, best first, each given by the scores of its sentences.

    Of candidates that aren't `fit` for other reasons none is chosen, but they too can be toxic.
    """
    toxic: Scores | None = None
    refused: int | None = None
    for index, sentences in enumerate(candidates):
        guilty = [scores for scores in sentences if crossed(scores, thresholds)]
        if not guilty and (fit is None or fit[index]):
            return Choice(index, toxic, refused)
        if guilty and toxic is None:
            toxic = max(guilty, key=lambda scores: _excess(scores, thresholds))
            refused = index
    return Choice(None, toxic, refused)


def summary_flag(
    toxic: Scores | None, thresholds: Mapping[str, float], action: FlagAction
) -> list[Flag]:
    """The flag that says what was done about a toxic draft; none if it wasn't toxic."""
    made = flag(SUMMARY_TARGET, toxic, thresholds, action) if toxic else None
    return [made] if made else []


def _excess(scores: Scores, thresholds: Mapping[str, float]) -> float:
    return max(scores[label] - threshold for label, threshold in thresholds.items())
