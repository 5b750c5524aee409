"""Whether the loops that take jobs from the queues still turn.

Knows nothing of jobs, nor of whether the broker can be reached.
"""

import time
from collections.abc import Callable
from typing import Any

from precis.errors import QueueError

STUCK_AFTER = 60.0
"""Seconds; a loop turns several times a minute where nothing is wrong."""

Clock = Callable[[], float]


class Liveness:
    """Looks at each loop, for the worker's health."""

    def __init__(self) -> None:
        self._silences: dict[str, Callable[[], float]] = {}

    def watch(self, loop: str, silence: Callable[[], float]) -> None:
        """`silence`: for how many seconds the loop has given no sign of life."""
        self._silences[loop] = silence

    def check(self) -> None:
        """Raises QueueError if a loop is stuck."""
        for loop, silence in tuple(self._silences.items()):
            if (seconds := silence()) > STUCK_AFTER:
                raise QueueError(f"{loop} has been stuck for {seconds:.0f} s; restart the worker")


class ConsumerPulse:
    """Asks the loop of Celery's consumer for an answer."""

    def __init__(self, consumer: Any, clock: Clock = time.monotonic) -> None:
        self._consumer = consumer
        self._clock = clock
        self._asked: float | None = None

    def silence(self) -> float:
        """Seconds since the first question without an answer; asks the next one."""
        now = self._clock()
        asked = self._asked
        if asked is None:
            asked = self._asked = now
        # Again each time: a question may be lost as the consumer connects anew.
        self._consumer.call_soon(self._answer)
        return now - asked

    def _answer(self) -> None:
        self._asked = None
