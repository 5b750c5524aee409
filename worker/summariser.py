"""What a job's work is: a conversation in, a result out, before a deadline.

Knows nothing of how summaries are made, nor of how jobs come and go.
"""

import threading
import time
from datetime import timedelta
from typing import Protocol

from precis.conversation import Conversation
from precis.errors import PrecisError
from precis.job import JobRequest, Result, Scored


class JobTimedOutError(PrecisError):
    """A job took longer than it may."""


class JobAbandonedError(Exception):
    """The work is no longer wanted: another worker has the job, or this one stops."""


class Deadline:
    """How long a try may still take. Work checks it between its steps."""

    def __init__(self, limit: timedelta) -> None:
        self._limit = limit
        self._end = time.monotonic() + limit.total_seconds()
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """End it now: the work is no longer wanted."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def remaining(self) -> float:
        """Seconds left, at least 0; none when cancelled."""
        return 0.0 if self.cancelled else max(0.0, self._end - time.monotonic())

    def check(self) -> None:
        """Raise JobTimedOutError if no time is left, JobAbandonedError if it was cancelled."""
        if self.cancelled:
            raise JobAbandonedError
        if self.remaining() == 0.0:
            minutes = self._limit.total_seconds() / 60
            raise JobTimedOutError(
                f"This took longer than the {minutes:g} minutes it may; ask for a smaller window."
            )


class Summariser(Protocol):
    """Makes summaries; used by several threads at once."""

    def summarise(
        self, request: JobRequest, conversation: Conversation, deadline: Deadline
    ) -> Result:
        """Lets through what `deadline.check()` raises; PrecisError where trying again can't help.

        Any other error may be tried again.
        """

    def score(self, request: JobRequest, conversation: Conversation, deadline: Deadline) -> Scored:
        """The gate's scores of each message alone; raises as `summarise` does."""
