"""What the commands share that ask a worker: an app to submit with, and what is waited for."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cli.progress import Progress
from precis.job import Job, JobState
from precis.settings import Settings
from precis.store import Store

if TYPE_CHECKING:
    from celery import Celery

WAITING = "Waiting for a worker"
PATIENCE = timedelta(seconds=10)


@contextmanager
def app_to_ask(settings: Settings, store: Store, steps: Progress) -> "Iterator[Celery]":
    """A Celery app to submit with; in the embedded set-up with a worker behind it."""
    # torch and Celery take seconds to import; `--help` and a typo's error line shouldn't.
    from worker.app import make_app  # noqa: PLC0415
    from worker.serving import embedded_worker  # noqa: PLC0415

    if not settings.embedded:
        yield make_app(settings)
        return
    steps.say("Loading the models")
    from worker.pipeline.summarise import Pipeline  # noqa: PLC0415

    pipeline = Pipeline(settings)
    try:
        pipeline.prepare()
        with embedded_worker(settings, store, pipeline) as app:
            yield app
    finally:
        pipeline.close()


def waiting(job: Job) -> str | None:
    """What a job waits for; None if it is worked on."""
    if job.state is not JobState.QUEUED:
        return None
    if job.attempts:
        return "Trying again"
    long = datetime.now(UTC) - job.created_at > PATIENCE
    return "Waiting for a worker; is one running? (precis worker)" if long else WAITING
