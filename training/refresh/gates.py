"""The gate's turn: a candidate from the serving gate, compared, and promoted if the rule says so.

Knows nothing of summarisers, and nothing of who decided what it learns from.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from training.gate_candidate import CandidateConfig, note_figures, train_candidate
from training.gate_comparison import GateComparison, Paired, judge_gates
from training.gate_data import GateData
from training.gate_lessons import HeldOut, held_out
from training.refresh.lessons import Least, Lessons
from training.refresh.rule import Measure, Outcome, Ruling
from worker.gate.registry import GateRegistry

Progress = Callable[[str, float], None]

AUC_OF_DECISIONS = 0.02
AUC_OF_OLD = 0.005
RECALL_OF_OLD = 0.02
CALLED_TOXIC = 0.003
"""Tolerances: so much worse still counts as no worse."""
FEWEST_OF_A_KIND = 5
"""Of the decisions that are held out."""


@dataclass(frozen=True)
class GateBench:
    """Where a candidate is made, beside what serves."""

    registry: GateRegistry
    work: Path
    old: GateData | None
    """What the serving gate was trained on; None: the project's own sentences."""
    config: CandidateConfig
    progress: Progress

    @property
    def candidate(self) -> Path:
        return self.work / "gate"


def judged_gate(
    lessons: Lessons, decisions: Path, bench: GateBench, name: str, least: Least
) -> Outcome:
    """Train a candidate called `name` on `decisions` (a gate.jsonl) and rule on it.

    One that is whole there isn't trained again. What passes is named as promoted, and left where
    it is: `promote_gate` is for once that is written down.
    """
    serving = bench.registry.serving()
    if missing := lessons.too_few_labels(least):
        return Outcome("gate", serving, untried=missing)
    seed = bench.config.seed
    aside = held_out(lessons.labels, bench.old, seed=seed)
    if missing := _too_few_held_out(aside):
        return Outcome("gate", serving, untried=missing)
    start, done = bench.registry.promoted(), bench.candidate / _DONE
    if not done.is_file():
        train_candidate(
            start, bench.old, decisions, bench.config, bench.candidate, progress=bench.progress
        )
        done.touch()
    bench.progress("comparing the gates", 0.0)
    found = judge_gates(start, bench.candidate, aside, seed=seed)
    ruling = Ruling(name, gate_measures(found, len(aside.ordinary)))
    promoted = name if ruling.promote else None
    return Outcome("gate", serving, (ruling,), promoted, notes=tuple(_noted(found)))


def promote_gate(outcome: Outcome, bench: GateBench) -> Outcome:
    """Let the candidate serve, if it passed, and what it passed against still serves.

    Gives what came of it. What is done already isn't done again.
    """
    outcome = outcome.held_against(bench.registry.serving())
    if outcome.promoted is None:
        return outcome
    [ruling] = outcome.rulings
    figures = {each.name: each.candidate.mean for each in ruling.measures}
    note_figures(bench.candidate, None, {"refresh": figures})
    bench.registry.add(bench.candidate, outcome.promoted)
    bench.registry.promote(outcome.promoted)
    return outcome


_DONE = "trained"


def _too_few_held_out(aside: HeldOut) -> str | None:
    """Of how few the AUC would hang."""
    toxic = sum(example.is_toxic for example in aside.decided)
    found = ((toxic, "toxic"), (len(aside.decided) - toxic, "harmless"))
    missing = [
        f"{FEWEST_OF_A_KIND - count} more that a text is {kind}"
        for count, kind in found
        if count < FEWEST_OF_A_KIND
    ]
    if not missing:
        return None
    return f"too little data: of decisions that are held out {' and '.join(missing)} are needed"


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
