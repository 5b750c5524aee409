"""What a worker does beside its jobs: sends lost jobs again, and purges old chat text.

Any number of workers may do so at once. An outage of store or broker is one line in the log.
Knows nothing of what jobs are about.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

from precis.errors import PrecisError, QueueError
from precis.job import QueueName
from precis.places import where
from precis.settings import Settings
from precis.store import Store

logger = logging.getLogger(__name__)

PURGE_EVERY = timedelta(hours=1)
FIRST_PURGE_AFTER = timedelta(seconds=3)
"""Whoever starts a worker waits for something else, which needs the store as well."""


class Housekeeper:
    """A thread that keeps house until the `with` block ends."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        publish: Callable[[str, QueueName], None],
        also: Callable[[], None] = lambda: None,
    ) -> None:
        """`publish` sends a job's id to a queue; it may raise QueueError.

        `also` is done at each look; it may raise PrecisError.
        """
        self._also = also
        self._settings = settings
        self._store = store
        self._publish = publish
        self._changed = threading.Condition()
        self._ended = False
        self._look_at = time.monotonic()
        self._purge_at = self._look_at + FIRST_PURGE_AFTER.total_seconds()
        self._purges = False
        self._trouble = ""
        self._thread = threading.Thread(target=self._keep, name="housekeeping", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join()

    def look_in(self, delay: timedelta) -> None:
        """Look for jobs to send again after `delay`, sooner than otherwise."""
        with self._changed:
            self._look_at = min(self._look_at, time.monotonic() + delay.total_seconds())
            self._changed.notify()

    def recover(self) -> None:
        """Send again the jobs that were lost. Raises StoreError and QueueError."""
        settings = self._settings
        lost = self._store.recover(settings.requeue_after, settings.job_tries)
        for index, (job_id, queue) in enumerate(lost):
            try:
                self._publish(job_id, queue)
            except QueueError:
                self._store.unsent([unsent for unsent, _ in lost[index:]])
                raise
            logger.info("job %s was sent again", job_id)

    def purge(self) -> None:
        """Purge chat text past its retention. Raises StoreError."""
        purged = self._store.purge_older_than(timedelta(days=self._settings.retention_days))
        if purged.conversations:
            logger.info("purged %d old conversations", purged.conversations)

    def _keep(self) -> None:
        while self._next_look():
            try:
                self.recover()
                self._also()
                if self._purges:
                    self.purge()
                    self._purge_at = time.monotonic() + PURGE_EVERY.total_seconds()
            except PrecisError as error:  # it may be healed next time
                self._complain(str(error))
            except Exception as error:  # noqa: BLE001 - a bug here must not end all recovery
                self._complain(where(error))
            else:
                self._trouble = ""

    def _next_look(self) -> bool:
        """Wait for the time to look, or to purge; False when it is over."""
        with self._changed:
            while not self._ended:
                wait = min(self._look_at, self._purge_at) - time.monotonic()
                if wait <= 0:
                    break
                self._changed.wait(wait)
            now = time.monotonic()
            self._look_at = now + self._settings.reconcile_every.total_seconds()
            self._purges = now >= self._purge_at
            if self._purges:
                self._purge_at = self._look_at  # unless this time it succeeds
            return not self._ended

    def _complain(self, trouble: str) -> None:
        if trouble != self._trouble:  # an outage is told once, not every few seconds
            logger.warning("housekeeping waits: %s", trouble)
        self._trouble = trouble
