"""A clock for deadlines in tests: it slows down as the machine does.

And one for a store, whose leases end when a test says so.

A deadline asks whether a program is too slow. By real time, a program that is given a fifth of a
core is five times as slow, and nothing is wrong with it. `LoadClock` counts the seconds in which a
program could have worked. Nothing that is shown to the program comes from here.
"""

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

TICK = 0.05
"""Seconds between two looks at the time."""
MOST = 0.1
"""The most seconds that one look counts for: a process that comes to look later was held up."""
_LOADAVG = Path("/proc/loadavg")


class LoadClock:
    """Seconds since it was made, less those in which others had the cores.

    Two things hold it back. It counts only what it came to see, so that a process that gets no core
    finds no time gone; but where the process itself was at work, that counts. And while more
    programs want to run than there are cores, it runs slower by as much.
    """

    def __init__(
        self,
        real: Callable[[], float] = time.monotonic,
        worked: Callable[[], float] = time.process_time,
        load: Callable[[], float] | None = None,
    ) -> None:
        """`worked`: seconds that this process had a core; `load`: programs that want a core each
        have one for a share of 1/`load`.
        """
        self._real, self._worked, self._load = real, worked, load or machine_load
        self._seen = real()
        self._had = worked()
        self._counted = 0.0

    def seconds(self) -> float:
        """As of the last tick."""
        return self._counted

    def tick(self) -> None:
        """Count what has gone by since the last time."""
        now, had = self._real(), self._worked()
        gone, own = now - self._seen, had - self._had
        self._counted += max(min(gone, MOST), min(gone, own)) / max(1.0, self._load())
        self._seen, self._had = now, had

    def run(self) -> None:
        """Tick for ever."""
        while True:
            time.sleep(TICK)
            self.tick()


class StoreClock:
    """The time of day for a store (`Store.open(url, clock)`), and what a test has moved it on by.

    Leases that are too long to end by themselves end by `advance`, on a busy machine as on any.
    """

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, by: timedelta) -> None:
        self._ahead += by


def machine_load() -> float:
    """How many programs want each core at this moment, this thread left out."""
    cores = os.cpu_count() or 1
    try:
        running, _, _ = _LOADAVG.read_text().split()[3].partition("/")
        return (int(running) - 1) / cores
    except (OSError, ValueError, IndexError):  # not Linux: the average of the last minute
        return os.getloadavg()[0] / cores


def patient_seconds() -> float:
    """The seconds of this process's own `LoadClock`."""
    return _ticking(os.getpid()).seconds()


@cache
def _ticking(process: int) -> LoadClock:
    """One a process: a thread doesn't outlive a fork."""
    clock = LoadClock()
    threading.Thread(target=clock.run, name=f"clock of {process}", daemon=True).start()
    return clock
