"""The gate's turn: a candidate from the serving gate, compared, and promoted if the rule says so.

Knows nothing of summarisers, and nothing of who decided what it learns from.
"""

from collections.abc import Callable
from pathlib import Path

from training.gate_candidate import CandidateConfig, note_figures, train_candidate
from training.gate_comparison import GateComparison, Paired, judge_gates
from training.gate_data import GateData
from training.gate_lessons import held_out
from training.refresh.lessons import GATE, Least, Lessons
from training.refresh.rule import Measure, Outcome, Ruling
from worker.gate.registry import GateRegistry

Progress = Callable[[str, float], None]

AUC_OF_DECISIONS = 0.02
AUC_OF_OLD = 0.005
RECALL_OF_OLD = 0.02
CALLED_TOXIC = 0.003
"""Tolerances: so much worse still counts as no worse."""


def refresh_gate(
    lessons: Lessons,
    folder: Path,
    registry: GateRegistry,
    name: str,
    work: Path,
    *,
    old: GateData | None,
    config: CandidateConfig,
    least: Least,
    progress: Progress,
) -> Outcome:
    """Train a candidate on the decisions in `folder`, judge it, promote it if it passes.

    `work`: where it lies until then; a candidate that is whole there isn't trained again.
    """
    serving = registry.serving()
    if missing := lessons.too_few_labels(least):
        return Outcome("gate", serving, untried=missing)
    aside = held_out(lessons.labels, old, seed=config.seed)
    if len({example.is_toxic for example in aside.decided}) < 2:
        return Outcome("gate", serving, untried=_ONE_KIND)
    candidate = work / "gate"
    done = candidate / "trained"
    if not done.is_file():
        train_candidate(
            registry.promoted(), old, folder / GATE, config, candidate, progress=progress
        )
        done.touch()
    progress("comparing the gates", 0.0)
    found = judge_gates(registry.promoted(), candidate, aside, seed=config.seed)
    ruling = Ruling(name, gate_measures(found, len(aside.ordinary)))
    if ruling.promote:
        note_figures(
            candidate, None, {"refresh": {m.name: m.candidate.mean for m in ruling.measures}}
        )
        registry.add(candidate, name)
        registry.promote(name)
    notes = tuple(_noted(found))
    return Outcome("gate", serving, (ruling,), name if ruling.promote else None, notes=notes)


_ONE_KIND = (
    "too little data: of the decisions that are held out all are of one kind; "
    "more of the other are needed"
)


def gate_measures(found: GateComparison, ordinary: int) -> tuple[Measure, ...]:
    """What the rule looks at; `ordinary`: how many lines of ordinary talk there were.

    Where a set is missing, its measures are.
    """
    measures = []
    if found.decided:
        measures.append(
            _measure("AUC of decisions", found.decided.texts, found.decided.auc, AUC_OF_DECISIONS)
        )
    if found.old:
        texts = found.old.texts
        measures.append(_measure("AUC of old data", texts, found.old.auc, AUC_OF_OLD))
        measures.append(_measure("recall of old data", texts, found.old.recall, RECALL_OF_OLD))
    if found.called_toxic:
        called = found.called_toxic
        measures.append(
            _measure("ordinary talk called toxic", ordinary, called, CALLED_TOXIC, less=True)
        )
    return tuple(measures)


def _measure(
    name: str, texts: int, paired: Paired, tolerance: float, *, less: bool = False
) -> Measure:
    return Measure(
        name, texts, paired.serving, paired.candidate, paired.difference, tolerance, less
    )


def _noted(found: GateComparison) -> list[str]:
    """Figures that are told, and decide nothing: few decisions make their intervals wide."""
    if not found.decided:
        return []
    return [
        f"{name} of decisions: {each.serving.mean:.3f} before, {each.candidate.mean:.3f} after "
        f"({each.difference.low:+.3f} to {each.difference.high:+.3f})"
        for name, each in (
            ("precision", found.decided.precision),
            ("recall", found.decided.recall),
        )
    ]
