"""Starts workers: as a thread of this process (embedded), or as this process (deployed).

Both run the same Celery app with a thread pool: the jobs of a worker share one model and its
batches. Knows nothing of what jobs do.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from celery import Celery

from precis.errors import QueueError
from precis.job import SUMMARISE_TASK, QueueName
from precis.settings import Settings
from precis.store import Store
from worker.app import QUEUES, make_app, publish, queue_key, worker_name
from worker.housekeeping import Housekeeper
from worker.running import JobRunner
from worker.summariser import Summariser

STOP_SECONDS = 30.0


def register(app: Celery, runner: JobRunner) -> None:
    """Make `app` run jobs with `runner`."""

    @app.task(name=SUMMARISE_TASK)  # type: ignore[untyped-decorator]
    def summarise(job_id: str) -> None:
        runner.run(job_id)


@contextmanager
def embedded_worker(settings: Settings, store: Store, summariser: Summariser) -> Iterator[Celery]:
    """A worker thread in this process on the in-memory transport; gives its app to publish with."""
    app = make_app(settings)
    register(app, JobRunner(settings, store, summariser, worker_name()))
    name = f"{queue_key(settings, QUEUES[0])}@embedded"
    worker = app.WorkController(
        hostname=name,
        pool="threads",
        concurrency=settings.concurrency,
        without_mingle=True,
        without_gossip=True,
        without_heartbeat=True,
    )
    thread = threading.Thread(target=worker.start, name="embedded-worker", daemon=True)
    thread.start()
    try:
        with Housekeeper(settings, store, partial(publish, app, settings)):
            yield app
    finally:
        # A message to itself ends the wait for messages at once; stop() would await a poll.
        app.control.broadcast("shutdown", destination=[name])
        thread.join(STOP_SECONDS)
        app.close()


def run_worker(
    settings: Settings,
    store: Store,
    summariser: Summariser,
    queues: Sequence[QueueName] = QUEUES,
) -> None:
    """Serve `queues` until SIGTERM (jobs in hand are finished) or SIGQUIT (they are left).

    Raises QueueError if the settings name no broker that other processes can reach.
    """
    if settings.embedded:
        raise QueueError("a separate worker needs a broker: set PRECIS_BROKER=redis://HOST:PORT/DB")
    app = make_app(settings)
    register(app, JobRunner(settings, store, summariser, worker_name()))
    worker = app.Worker(
        hostname=f"precis@{worker_name()}",
        queues=[queue_key(settings, queue) for queue in queues],
        pool="threads",
        concurrency=settings.concurrency,
        loglevel=settings.log_level,
        without_mingle=True,
        without_gossip=True,
        quiet=True,
    )
    with Housekeeper(settings, store, partial(publish, app, settings)):
        worker.start()
