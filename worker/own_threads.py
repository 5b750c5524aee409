"""Works on the jobs of some queues in threads of their own, beside Celery's pool.

So scores of watched channels, which are wanted in seconds, wait behind no summary, and the digests
that are due at the same minute take no thread from people who wait. Knows nothing of what a job is.
"""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Self

from celery import Celery

from precis.job import DIGEST_QUEUE, WATCH_QUEUE, QueueName
from worker.deliveries import IdListener

logger = logging.getLogger(__name__)

WATCH_THREADS = 2
"""Jobs at a time: one waits for the store while the other has the gate."""


def threads_of(queue: QueueName, concurrency: int) -> int:
    """How many jobs of a queue a worker with `concurrency` threads of Celery's works on at once."""
    return {WATCH_QUEUE: WATCH_THREADS, DIGEST_QUEUE: max(1, concurrency // 2)}[queue]


class OwnThreads:
    """Runs the jobs of the queues until the `with` block ends."""

    def __init__(
        self,
        app: Celery,
        queues: Iterable[QueueName],
        concurrency: int,
        run: Callable[[str], None],
    ) -> None:
        """`run` works on a job, by its id, and raises nothing."""
        self._run = run
        self._pools: list[ThreadPoolExecutor] = []
        self._listeners: list[IdListener] = []
        for queue in queues:
            threads = threads_of(queue, concurrency)
            pool = ThreadPoolExecutor(threads, queue)
            self._pools.append(pool)
            # Few ahead: what this one holds, no other worker has, nor anybody at once if it dies.
            listener = IdListener(app, queue, partial(self._begin, pool), 2 * threads)
            self._listeners.append(listener)

    def __enter__(self) -> Self:
        for listener in self._listeners:
            listener.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Jobs in hand are finished, or given back if they are abandoned; others stay queued."""
        for pool in self._pools:
            pool.shutdown(wait=False, cancel_futures=True)
        for pool in self._pools:
            pool.shutdown(wait=True)
        for listener in self._listeners:
            listener.stop()
        for listener in self._listeners:
            listener.__exit__(kind, error, trace)

    def silence(self) -> float:
        """Seconds since the loop of a queue last turned, of the one that is worst."""
        return max((listener.silence() for listener in self._listeners), default=0.0)

    def _begin(self, pool: ThreadPoolExecutor, job_id: str, done: Callable[[], None]) -> None:
        try:
            pool.submit(self._work, job_id, done)
        except RuntimeError:  # it stops: whoever listens next gets the job
            logger.debug("job %s is left", job_id)

    def _work(self, job_id: str, done: Callable[[], None]) -> None:
        try:
            self._run(job_id)
        finally:
            done()
