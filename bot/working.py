"""What a process has in hand, and how it lays that down when it stops.

Knows nothing of what the work is.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from precis.places import where

logger = logging.getLogger(__name__)

Task = asyncio.Task[Any]

LOOK = 0.05  # seconds


class Work:
    """Tasks: some are left halfway in the end, for the next process; others are finished."""

    def __init__(self, elsewhere: Callable[[], set[Task]] = set) -> None:
        """`elsewhere` gives tasks that others began, and that are to be finished."""
        self._elsewhere = elsewhere
        self._to_leave: set[Task] = set()
        self._to_finish: set[Task] = set()
        self._begun: set[Task] = set()

    def begin(self, work: Coroutine[Any, Any, Any], *, finish: bool = False) -> Task:
        """Do something beside what is going on; errors that nobody expected are logged."""
        task = asyncio.create_task(self._do(work))
        (self._to_finish if finish else self._to_leave).add(task)
        task.add_done_callback(self._done)
        return task

    async def end(self, seconds: float, lull: float = 0.0) -> None:
        """Leave and finish what there is, and what is begun meanwhile; in `seconds` at most.

        After `lull` seconds without anything in hand nothing more is expected to come in.
        """
        told: set[Task] = set()
        try:
            async with asyncio.timeout(seconds):
                while not await self._rested(lull):
                    # Once each: what is told to stop may have something to say before it does. And
                    # only what has begun: a task that is cancelled before says nothing at all.
                    to_tell = (self._to_leave & self._begun) - told
                    for task in to_tell:
                        task.cancel()
                    told |= to_tell
                    if in_hand := self._in_hand():
                        await asyncio.wait(in_hand, timeout=LOOK)
        except TimeoutError:
            logger.warning("%d things are left in hand", len(self._in_hand()))

    async def _do(self, work: Coroutine[Any, Any, Any]) -> None:
        if task := asyncio.current_task():
            self._begun.add(task)
        await work

    async def _rested(self, lull: float) -> bool:
        if not self._in_hand():
            await asyncio.sleep(lull)
        return not self._in_hand()

    def _in_hand(self) -> set[Task]:
        others = {task for task in self._elsewhere() if not task.done()}
        return self._to_leave | self._to_finish | others

    def _done(self, task: Task) -> None:
        self._to_leave.discard(task)
        self._to_finish.discard(task)
        self._begun.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("%s", where(error))
