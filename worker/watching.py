"""Scores what is written in watched channels, in threads of its own: never behind a summary.

Celery's pool may be full of summaries for minutes; scores are wanted in seconds. Knows nothing of
how texts are scored.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from celery import Celery

from precis.job import WATCH_QUEUE
from worker.deliveries import IdListener

logger = logging.getLogger(__name__)

THREADS = 2
"""Jobs at a time: one waits for the store while the other has the gate."""


class Watching:
    """Runs the jobs of the `watch` queue until the `with` block ends."""

    def __init__(self, app: Celery, run: Callable[[str], None]) -> None:
        """`run` works on a job, by its id, and raises nothing."""
        self._run = run
        self._threads = ThreadPoolExecutor(THREADS, "watch")
        # Few ahead: what this one holds, no other worker scores, nor anybody at once if it dies.
        self._listener = IdListener(app, WATCH_QUEUE, self._begin, 2 * THREADS)

    def __enter__(self) -> Self:
        self._listener.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Jobs in hand are finished; the others stay on the queue."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._listener.__exit__(kind, error, trace)

    def _begin(self, job_id: str, done: Callable[[], None]) -> None:
        try:
            self._threads.submit(self._score, job_id, done)
        except RuntimeError:  # it stops: whoever listens next gets the job
            logger.debug("job %s is left", job_id)

    def _score(self, job_id: str, done: Callable[[], None]) -> None:
        self._run(job_id)
        done()
