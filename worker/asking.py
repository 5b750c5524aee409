"""How a frontend asks a worker: store the job, send its id, wait for the end.

Knows nothing of models, nor of what is done with the answer.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from celery import Celery

from precis.conversation import Conversation
from precis.errors import QueueError
from precis.job import Job, JobRequest, QueueName
from precis.settings import Settings
from precis.store import Store
from worker.app import publish

logger = logging.getLogger(__name__)

CANCELLED = "Cancelled by whoever asked."
FIRST_LOOK = 0.02
LONGEST_BETWEEN_LOOKS = 0.5


class JobQueue:
    """Submits jobs and waits for them."""

    def __init__(self, settings: Settings, store: Store, app: Celery) -> None:
        self._settings = settings
        self._store = store
        self._app = app

    def submit(self, request: JobRequest, conversation: Conversation) -> str:
        """Store a job and send it; returns its id.

        A job that is stored is accepted: if the broker is down, a worker's reconciler sends it
        when it is back. Raises StoreError if it can't be stored.
        """
        job_id = self._store.submit(request, conversation, self._settings.requeue_after)
        self.send(job_id, request.queue)
        return job_id

    def send(self, job_id: str, queue: QueueName) -> bool:
        """Send a stored job; False if the broker is down, and a reconciler is to send it."""
        try:
            publish(self._app, job_id, queue)
        except QueueError as error:
            self._store.unsent([job_id])
            logger.warning("job %s waits: %s", job_id, error)
            return False
        return True

    def cancel(self, job_id: str) -> bool:
        """End a job that is no longer wanted; False if it has ended. Raises StoreError."""
        return self._store.cancel(job_id, CANCELLED)

    def wait(
        self,
        job_id: str,
        limit: timedelta,
        on_look: Callable[[Job], None] = lambda _job: None,
    ) -> Job:
        """The job when it has ended; `on_look` sees it at every look until then.

        Raises QueueError if it hasn't ended after `limit`; it may still end later.
        """
        end = time.monotonic() + limit.total_seconds()
        pause = FIRST_LOOK
        while True:
            job = self._store.job(job_id)
            if job.state.ended:
                return job
            on_look(job)
            if time.monotonic() >= end:
                raise QueueError(
                    f"job {job_id} is still {job.state.value} after {limit}; "
                    "see that a worker runs (precis worker) and that precis doctor is content"
                )
            time.sleep(pause)
            pause = min(LONGEST_BETWEEN_LOOKS, pause * 1.3)
