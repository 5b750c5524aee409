"""Runs one job: claim, keep alive, summarise, end; whatever happens, the job ends or is retried.

No chat text leaves here: errors are logged by type and place, since their messages may quote it.
Knows nothing of Celery.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from pydantic import ValidationError

from precis.conversation import Conversation
from precis.errors import PrecisError, QueueError, StoreError
from precis.job import KNOWN_VERSIONS, JobRequest
from precis.moderation import over
from precis.monitoring.context import bound
from precis.monitoring.traces import record, span
from precis.places import where
from precis.settings import Settings
from precis.store import Claim, Store
from worker.heartbeat import Heartbeat
from worker.job_metrics import (
    count_claim,
    count_failure,
    count_result,
    count_retry,
    count_scored,
    task_of,
)
from worker.summariser import Deadline, Summariser

logger = logging.getLogger(__name__)

FIRST_RETRY = timedelta(seconds=2)
"""Doubles with each try."""

_TIMES = {1: "once", 2: "twice", 3: "three times"}


class JobRunner:
    """Runs jobs of a store with a summariser; used by several threads at once."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        summariser: Summariser,
        worker: str,
        on_retry: Callable[[timedelta], None] = lambda _delay: None,
        on_end: Callable[[str, str], None] = lambda _job_id, _frontend: None,
    ) -> None:
        """`worker` is a name for the store's books; `on_retry` hears when a retry is due.

        `on_end` hears the id and the frontend of a job that has ended. It must not raise.
        """
        self._settings = settings
        self._store = store
        self._summariser = summariser
        self._worker = worker
        self._on_retry = on_retry
        self._on_end = on_end
        self._stopped = False
        self._at_work: set[Deadline] = set()
        self._lock = threading.Lock()

    def run(self, job_id: str) -> None:
        """Work on a job if it is to be had. Raises nothing: what goes wrong ends up in the job."""
        with bound(job=job_id), self._deadline() as deadline:
            try:
                held = None if deadline.cancelled else self._claim(job_id)
                if held is not None:
                    with bound(request=held.asked_by):
                        self._begin(held, deadline)
            except StoreError as error:
                # The lease ends, and a reconciler finds the job when the store is back.
                logger.error("job %s: %s", job_id, error)  # noqa: TRY400 - one line is enough

    def stop(self) -> None:
        """Abandon the jobs in hand at their next look at the deadline; they are queued again."""
        with self._lock:
            self._stopped = True
            for deadline in self._at_work:
                deadline.cancel()

    @contextmanager
    def _deadline(self) -> Iterator[Deadline]:
        deadline = Deadline(self._settings.job_time_limit)
        with self._lock:
            self._at_work.add(deadline)
            if self._stopped:
                deadline.cancel()
        try:
            yield deadline
        finally:
            with self._lock:
                self._at_work.discard(deadline)

    def _claim(self, job_id: str) -> Claim | None:
        settings = self._settings
        held = self._store.claim(job_id, self._worker, settings.lease, settings.job_tries)
        if held is None:
            logger.info("job %s is not due, has ended, or is another worker's", job_id)
        return held

    def _begin(self, held: Claim, deadline: Deadline) -> None:
        count_claim(held)
        logger.info("job %s: try %d begins", held.job_id, held.attempt)
        if held.due_at is not None:
            record("queue", held.due_at, held.due_at + held.waited)
        with span("job", task=task_of(held), attempt=held.attempt):
            self._end(held, deadline)

    def _end(self, held: Claim, deadline: Deadline) -> None:
        with Heartbeat(self._store, held, self._settings.lease, deadline):
            ours = self._work(held, deadline)
        if not ours:
            logger.warning("job %s was taken over meanwhile; this result is dropped", held.job_id)

    def _work(self, held: Claim, deadline: Deadline) -> bool:
        """Whether the claim was still ours at the end."""
        try:
            request = _request(held)
            conversation = self._store.conversation(held.job_id)
            if request.task == "score":
                return self._score(held, request, conversation, deadline)
            return self._summarise(held, request, conversation, deadline)
        except Exception as error:  # noqa: BLE001 - a bug must end in the job, not in the chat
            if deadline.cancelled:
                return self._store.give_back(held)
            if isinstance(error, PrecisError) and not isinstance(error, StoreError | QueueError):
                logger.warning("job %s failed: %s", held.job_id, error)
                return self._failed(held, str(error))
            return self._again(held, error)

    def _summarise(
        self, held: Claim, request: JobRequest, conversation: Conversation, deadline: Deadline
    ) -> bool:
        result = self._summariser.summarise(request, conversation, deadline)
        if ours := self._store.finish(held, result):
            count_result(held, result)
            logger.info("job %s: %s", held.job_id, "done" if result.summary else "withheld")
        return self._told(held, ours)

    def _score(
        self, held: Claim, request: JobRequest, conversation: Conversation, deadline: Deadline
    ) -> bool:
        begun = time.perf_counter()
        scored = self._summariser.score(request, conversation, deadline)
        seconds = time.perf_counter() - begun
        if ours := self._store.finish_scored(held, scored):
            labels = (over(each, scored.thresholds) for each in scored.scores.values())
            count_scored(held, [label for label in labels if label], seconds)
        return self._told(held, ours)

    def _failed(self, held: Claim, reason: str) -> bool:
        if ours := self._store.fail(held, reason):
            count_failure(held)
        return self._told(held, ours)

    def _told(self, held: Claim, ended: bool) -> bool:
        """Tell the frontend of a job that has ended."""
        if ended and isinstance(frontend := held.request.get("frontend"), str):
            self._on_end(held.job_id, frontend)
        return ended

    def _again(self, held: Claim, error: Exception) -> bool:
        tries = self._settings.job_tries
        logger.error("job %s, try %d of %d: %s", held.job_id, held.attempt, tries, where(error))
        if held.attempt < tries:
            delay = FIRST_RETRY * 2 ** (held.attempt - 1)
            if ours := self._store.retry(held, delay):
                count_retry(held)
            self._on_retry(delay)
            return ours
        times = _TIMES.get(held.attempt, f"{held.attempt} times")
        reason = (
            f"Précis could not summarise this: an internal error, {times}; "
            f"the operator's log says more (job {held.job_id})."
        )
        return self._failed(held, reason)


def _request(held: Claim) -> JobRequest:
    version = held.request.get("version")
    if version not in KNOWN_VERSIONS:
        raise PrecisError(
            f"The request is of version {version}, which this worker doesn't know; "
            "update the bot and the workers to the same version."
        )
    try:
        return JobRequest.model_validate(held.request)
    except ValidationError:
        raise PrecisError("The stored request is damaged; ask again.") from None
