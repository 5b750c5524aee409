"""What a worker does beside its jobs: sends lost jobs again, and purges old chat text.

Any number of workers may do so at once. Knows nothing of what jobs are about.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

from kombu.exceptions import OperationalError

from precis.errors import StoreError
from precis.job import QueueName
from precis.settings import Settings
from precis.store import Store

logger = logging.getLogger(__name__)

PURGE_EVERY = timedelta(hours=1)


class Housekeeper:
    """A thread that keeps house until the `with` block ends."""

    def __init__(
        self, settings: Settings, store: Store, publish: Callable[[str, QueueName], None]
    ) -> None:
        """`publish` sends a job's id to a queue; it may raise kombu's OperationalError."""
        self._settings = settings
        self._store = store
        self._publish = publish
        self._ended = threading.Event()
        self._purge_at = time.monotonic()
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
        self._ended.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._ended.wait(self._settings.reconcile_every.total_seconds()):
            try:
                self.recover()
                if time.monotonic() >= self._purge_at:
                    self.purge()
                    self._purge_at = time.monotonic() + PURGE_EVERY.total_seconds()
            except StoreError as error:  # it may be back next time
                logger.warning("housekeeping waits: %s", error)

    def recover(self) -> None:
        """Send again the jobs that were lost."""
        settings = self._settings
        for job_id, queue in self._store.recover(settings.requeue_after, settings.job_tries):
            try:
                self._publish(job_id, queue)
                logger.info("job %s was sent again", job_id)
            except OperationalError as error:
                logger.warning("the broker can't be reached (%s)", type(error).__name__)
                return  # each comes up again when it is due

    def purge(self) -> None:
        """Purge chat text past its retention."""
        purged = self._store.purge_older_than(timedelta(days=self._settings.retention_days))
        if purged.conversations:
            logger.info("purged %d old conversations", purged.conversations)
