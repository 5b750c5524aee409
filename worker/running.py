"""Runs one job: claim, keep alive, summarise, end; whatever happens, the job ends or is retried.

No chat text leaves here: errors are logged by type and place, since their messages may quote it.
Knows nothing of Celery.
"""

import logging
import threading
import traceback
from datetime import timedelta
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from precis.errors import PrecisError, QueueError, StoreError
from precis.job import CONTRACT_VERSION, JobRequest
from precis.settings import Settings
from precis.store import Claim, Store
from worker.summariser import Deadline, JobTimedOutError, Summariser

logger = logging.getLogger(__name__)

FIRST_RETRY = timedelta(seconds=2)


class JobRunner:
    """Runs jobs of a store with a summariser; used by several threads at once."""

    def __init__(
        self, settings: Settings, store: Store, summariser: Summariser, worker: str
    ) -> None:
        self._settings = settings
        self._store = store
        self._summariser = summariser
        self._worker = worker

    def run(self, job_id: str) -> None:
        """Work on a job if it is to be had. Raises nothing: what goes wrong ends up in the job."""
        try:
            held = self._store.claim(
                job_id, self._worker, self._settings.lease, self._settings.job_tries
            )
            if held is None:
                logger.info("job %s is ended, or another worker's", job_id)
                return
            self._work(held)
        except StoreError as error:
            # The lease ends, and a reconciler finds the job when the store is back.
            logger.error("job %s: %s", job_id, error)  # noqa: TRY400 - one line is enough

    def _work(self, held: Claim) -> None:
        deadline = Deadline(self._settings.job_time_limit)
        try:
            request = _request(held)
            with _Heartbeat(self._store, held, self._settings.lease, deadline):
                conversation = self._store.conversation(held.job_id)
                result = self._summariser.summarise(request, conversation, deadline)
            ours = self._store.finish(held, result)
        except JobTimedOutError as error:
            ours = self._store.fail(held, str(error))
        except (StoreError, QueueError) as error:
            ours = self._again(held, error)
        except PrecisError as error:
            logger.warning("job %s failed: %s", held.job_id, error)
            ours = self._store.fail(held, str(error))
        except Exception as error:  # noqa: BLE001 - a bug must end in the job, not in the chat
            ours = self._again(held, error)
        if not ours:
            logger.warning("job %s was taken over meanwhile; this result is dropped", held.job_id)

    def _again(self, held: Claim, error: Exception) -> bool:
        tries = self._settings.job_tries
        logger.error("job %s, try %d of %d: %s", held.job_id, held.attempt, tries, _where(error))
        if held.attempt < tries:
            return self._store.retry(held, FIRST_RETRY * 2 ** (held.attempt - 1))
        return self._store.fail(
            held,
            f"Précis could not summarise this: an internal error, {tries} times in a row. "
            f"The operator finds more in the worker's log under job {held.job_id}.",
        )


def _request(held: Claim) -> JobRequest:
    version = held.request.get("version")
    if version != CONTRACT_VERSION:
        raise PrecisError(
            f"The request is of version {version}, which this worker doesn't know; "
            "update the bot and the workers to the same version."
        )
    try:
        return JobRequest.model_validate(held.request)
    except ValidationError:
        raise PrecisError("The stored request is damaged; ask again.") from None


def _where(error: Exception) -> str:
    """The error's type and frames, without its message."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{f.filename}:{f.lineno} {f.name}" for f in reversed(frames))
    return f"{type(error).__name__} at {places}"


class _Heartbeat:
    """Renews a claim's lease while the work goes on; stops the work when the claim is lost."""

    def __init__(self, store: Store, held: Claim, lease: timedelta, deadline: Deadline) -> None:
        self._store = store
        self._held = held
        self._lease = lease
        self._deadline = deadline
        self._ended = threading.Event()
        self._thread = threading.Thread(
            target=self._beat, name=f"heartbeat-{held.job_id[:8]}", daemon=True
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
        while not self._ended.wait(self._lease.total_seconds() / 3):
            try:
                if not self._store.extend(self._held, self._lease):
                    self._deadline.cancel()
                    return
            except StoreError as error:  # it may be back before the lease ends
                logger.warning("job %s: no sign of life given: %s", self._held.job_id, error)
