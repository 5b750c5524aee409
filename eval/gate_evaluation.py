"""What a gate is worth on texts that people judged, with intervals. Knows nothing of files."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from eval.bootstrap import ROUNDS, Interval, interval
from eval.classification import Figure, Floats, auc, f1, precision, recall, resample
from eval.judged_texts import JudgedText, groups_of
from eval.toxicity import MAIN, called_toxic, score_as_written
from worker.gate.scorer import Scores, ToxicityScorer


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """How much of a group was called toxic, of what is toxic and of what is harmless."""

    group: str
    toxic: int
    harmless: int
    found: Interval | None
    """The share of its toxic texts; None where it has none."""
    alarms: Interval | None
    """The share of its harmless texts; None where it has none."""


@dataclass(frozen=True, slots=True)
class GateFigures:
    texts: int
    toxic: int
    auc: Interval | None
    """Of the label `toxicity`; None where texts of one kind are missing."""
    auc_of_any: Interval | None
    """Of the label that scores highest."""
    precision: Interval
    """A text is called toxic if any label is at or over its threshold."""
    recall: Interval
    f1: Interval
    alarms: Interval | None
    """The share of harmless texts that is called toxic."""
    groups: tuple[GroupFigures, ...]


def evaluate_gate(
    scorer: ToxicityScorer, texts: Sequence[JudgedText], rounds: int = ROUNDS, seed: int = 0
) -> GateFigures:
    """Score and judge. Raises ValueError without texts."""
    scores = score_as_written([each.text for each in texts], scorer)
    called = called_toxic(scores, scorer.thresholds)
    toxic = np.array([float(each.toxic) for each in texts])
    figures: list[Figure] = [
        partial(auc, _main(scores), toxic),
        partial(auc, np.array([max(each.values()) for each in scores]), toxic),
        partial(precision, called, toxic),
        partial(recall, called, toxic),
        partial(f1, called, toxic),
    ]
    found = [each.interval for each in resample(figures, len(texts), rounds, seed)]
    both = 0 < toxic.sum() < len(toxic)
    return GateFigures(
        texts=len(texts),
        toxic=int(toxic.sum()),
        auc=found[0] if both else None,
        auc_of_any=found[1] if both else None,
        precision=found[2],
        recall=found[3],
        f1=found[4],
        alarms=_share(called, toxic == 0.0, rounds, seed),
        groups=tuple(_groups(texts, called, toxic, rounds, seed)),
    )


def _main(scores: Sequence[Scores]) -> Floats:
    return np.array([each.get(MAIN, max(each.values())) for each in scores])


def _groups(
    texts: Sequence[JudgedText], called: Floats, toxic: Floats, rounds: int, seed: int
) -> list[GroupFigures]:
    names = np.array([each.group for each in texts])
    made = []
    for group in groups_of(texts):
        within = names == group
        bad, good = within & (toxic == 1.0), within & (toxic == 0.0)
        made.append(
            GroupFigures(
                group=group,
                toxic=int(bad.sum()),
                harmless=int(good.sum()),
                found=_share(called, bad, rounds, seed),
                alarms=_share(called, good, rounds, seed),
            )
        )
    return made


def _share(called: Floats, which: Floats, rounds: int, seed: int) -> Interval | None:
    return interval(called[which], rounds=rounds, seed=seed) if which.any() else None
