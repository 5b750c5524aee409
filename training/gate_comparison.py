"""Compares two gates on the same texts: AUC, precision, recall, ordinary talk called toxic.

Every figure comes with its 95 % interval, and so does the difference: texts are resampled (Efron,
1979), the same ones for both gates, so what both find hard cancels out. Knows nothing of how
gates are trained.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from eval.bootstrap import ROUNDS, Interval
from eval.classification import Figure, Floats, auc, between, part, precision, recall, resample
from eval.toxicity import MAIN, called_toxic, score_as_written
from training.gate_examples import Example
from training.gate_lessons import HeldOut
from worker.gate.embedded import EmbeddedScorer
from worker.gate.scorer import ToxicityScorer


@dataclass(frozen=True, slots=True)
class Paired:
    """A figure of both gates."""

    serving: Interval
    candidate: Interval
    difference: Interval
    """Candidate minus serving."""


@dataclass(frozen=True, slots=True)
class SetFigures:
    """On one set of texts."""

    texts: int
    toxic: int
    auc: Paired
    """Of the label `toxicity`."""
    precision: Paired
    """A text counts as toxic if any label is at or over the gate's own threshold."""
    recall: Paired


@dataclass(frozen=True, slots=True)
class GateComparison:
    """None where a set lacks texts, or texts of one kind."""

    serving: str
    candidate: str
    decided: SetFigures | None
    """On what moderators decided."""
    old: SetFigures | None
    """On what the serving gate was trained for."""
    called_toxic: Paired | None
    """Share of ordinary talk."""


def judge_gates(
    serving: Path, candidate: Path, held_out: HeldOut, rounds: int = ROUNDS, seed: int = 0
) -> GateComparison:
    """Compare the gates of two folders. Raises ModelError if one can't be loaded."""
    gates = EmbeddedScorer(serving), EmbeddedScorer(candidate)
    return GateComparison(
        serving=gates[0].name,
        candidate=gates[1].name,
        decided=_set(gates, held_out.decided, rounds, seed),
        old=_set(gates, held_out.old, rounds, seed),
        called_toxic=_ordinary(gates, held_out.ordinary, rounds, seed),
    )


def _set(
    gates: tuple[ToxicityScorer, ToxicityScorer],
    examples: Sequence[Example],
    rounds: int,
    seed: int,
) -> SetFigures | None:
    toxic = np.array([float(example.is_toxic) for example in examples])
    if not 0 < toxic.sum() < len(toxic):
        return None
    scored = [score_as_written([example.text for example in examples], gate) for gate in gates]
    main = [np.array([each[MAIN] for each in scores]) for scores in scored]
    called = [
        called_toxic(scores, gate.thresholds) for scores, gate in zip(scored, gates, strict=True)
    ]

    def paired(figure: Callable[[Floats, Floats, Floats], Floats], made: list[Floats]) -> Paired:
        figures = [partial(figure, one, toxic) for one in made]
        return _paired(figures, len(toxic), rounds, seed)

    return SetFigures(
        texts=len(toxic),
        toxic=int(toxic.sum()),
        auc=paired(auc, main),
        precision=paired(precision, called),
        recall=paired(recall, called),
    )


def _ordinary(
    gates: tuple[ToxicityScorer, ToxicityScorer], texts: Sequence[str], rounds: int, seed: int
) -> Paired | None:
    if not texts:
        return None
    called = [called_toxic(score_as_written(texts, gate), gate.thresholds) for gate in gates]
    return _paired([partial(part, one) for one in called], len(texts), rounds, seed)


def _paired(figures: Sequence[Figure], texts: int, rounds: int, seed: int) -> Paired:
    """Both gates' figures, of all texts once and of `rounds` resamples that both share."""
    ours, theirs = resample(figures, texts, rounds, seed)
    return Paired(
        serving=ours.interval,
        candidate=theirs.interval,
        difference=between(theirs.value - ours.value, theirs.resampled - ours.resampled),
    )
