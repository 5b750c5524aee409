"""How fast a system is, one dialogue at a time and in batches, and how much memory it takes.

Times are of whole summaries: embeddings, gate and second tries included where the system has
them. Loading and a warm-up aren't counted. Knows nothing of what summaries say.
"""

import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval.bootstrap import Interval, interval
from eval.dialogues import Dialogue
from eval.systems import Progress, System

SINGLES = 20
"""Dialogues summarised one at a time, at most."""
WARM_UP = 2


@dataclass(frozen=True, slots=True)
class SpeedFigures:
    singles: int
    """Dialogues of the first three figures."""
    seconds: Interval
    """Seconds a summary, one at a time."""
    slow: float
    """Seconds that 95 of 100 of them stay under."""
    single_rate: float
    """Summaries a second, one at a time."""
    batched: int
    """Dialogues of the next figures."""
    batched_seconds: float
    """Seconds a summary, in batches."""
    batched_rate: float
    """Summaries a second, in batches."""
    peak_memory: int
    """Largest resident size of the process so far, in bytes."""


def speed_figures(
    system: System, dialogues: Sequence[Dialogue], progress: Progress, seed: int = 0
) -> SpeedFigures:
    """Measure `system`, which must not be cached, on `dialogues` (at least one)."""
    progress(f"loading {system.name}", 0.0)
    system.prepare()
    system.summaries(dialogues[:WARM_UP], _silent)
    singles = []
    for number, dialogue in enumerate(dialogues[:SINGLES]):
        progress("one at a time", number / min(SINGLES, len(dialogues)))
        singles.append(_seconds(system, [dialogue], _silent))
    whole = _seconds(system, dialogues, lambda _, share: progress("in batches", share))
    progress("in batches", 1.0)
    return SpeedFigures(
        singles=len(singles),
        seconds=interval(singles, seed=seed),
        slow=float(np.percentile(singles, 95)),
        single_rate=len(singles) / sum(singles),
        batched=len(dialogues),
        batched_seconds=whole / len(dialogues),
        batched_rate=len(dialogues) / whole,
        peak_memory=peak_memory(),
    )


def peak_memory() -> int:
    """Largest resident size of this process so far, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # macOS counts bytes, Linux KiB


def _seconds(system: System, dialogues: Sequence[Dialogue], progress: Progress) -> float:
    start = time.perf_counter()
    system.summaries(dialogues, progress)
    return time.perf_counter() - start


def _silent(_what: str, _share: float) -> None:
    """Progress that nobody watches."""
