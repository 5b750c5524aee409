"""Renews a claim's lease while the work goes on, and stops the work when the claim is lost.

Knows nothing of what the work is.
"""

import logging
import threading
from datetime import timedelta
from types import TracebackType
from typing import Self

from precis.errors import StoreError
from precis.monitoring.context import carried
from precis.store import Claim, Store
from worker.summariser import Deadline

logger = logging.getLogger(__name__)

BEATS = 3
"""Signs of life in the time of a lease, so that one may be missed."""


class Heartbeat:
    """A thread that gives signs of life until the `with` block ends."""

    def __init__(self, store: Store, held: Claim, lease: timedelta, deadline: Deadline) -> None:
        self._store = store
        self._held = held
        self._lease = lease
        self._deadline = deadline
        self._ended = threading.Event()
        self._thread = threading.Thread(
            target=carried(self._beat), name=f"heartbeat-{held.job_id[:8]}", daemon=True
        )

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

    def _beat(self) -> None:
        late = 0
        while not self._ended.wait(self._lease.total_seconds() / BEATS):
            late += self._deadline.remaining() == 0.0
            if late > BEATS:  # work that never looks at its deadline must not hold the job for ever
                logger.error("job %s is stuck; its claim runs out", self._held.job_id)
                return
            try:
                if not self._store.extend(self._held, self._lease):
                    self._deadline.cancel()
                    return
            except StoreError as error:  # it may be back before the lease ends
                logger.warning("job %s: no sign of life given: %s", self._held.job_id, error)
