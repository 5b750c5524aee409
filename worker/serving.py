"""Starts workers: as a thread of this process (embedded), or as this process (deployed).

Both run the same Celery app with a thread pool, and beside it the queues that have threads of their
own: the jobs of a worker share one model and its batches. Knows nothing of what jobs do.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from celery import Celery
from celery.concurrency.thread import TaskPool
from celery.exceptions import WorkerShutdown
from celery.signals import worker_ready
from celery.worker import state

from precis.conversation import Conversation
from precis.errors import PrecisError, QueueError
from precis.health import Check, reporting_health
from precis.job import SUMMARISE_TASK, JobRequest, QueueName, Result, Scored
from precis.settings import Settings
from precis.store import Store
from worker.app import (
    ALL_QUEUES,
    OWN_QUEUES,
    QUEUES,
    check_broker,
    make_app,
    publish,
    worker_name,
)
from worker.deliveries import tell
from worker.housekeeping import Housekeeper
from worker.liveness import ConsumerPulse, Liveness
from worker.own_threads import OwnThreads
from worker.running import JobRunner
from worker.summariser import Deadline, Summariser
from worker.training_queue import TRAINING_QUEUE, Train, Training, send_due

STOP_SECONDS = 30.0
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
LISTENERS = ("discord", "slack")
"""Frontends that are told of ended jobs; the command line looks for itself."""


@contextmanager
def embedded_worker(settings: Settings, store: Store, summariser: Summariser) -> Iterator[Celery]:
    """A worker in a thread of this process; gives the app to publish with.

    Jobs still in hand at the end are abandoned at their next step, and stay queued in the store.
    """
    with (
        _working(settings, store, summariser) as (app, runner),
        OwnThreads(app, OWN_QUEUES, settings.concurrency, runner.run),
    ):
        worker = app.WorkController(
            hostname=f"embedded@{worker_name()}", **_options(settings, QUEUES)
        )
        thread = threading.Thread(target=worker.start, name="embedded-worker", daemon=True)
        thread.start()
        try:
            yield app
        finally:
            runner.stop()
            worker.consumer.call_soon(_shut_down)
            thread.join(STOP_SECONDS)


def run_worker(
    settings: Settings,
    store: Store,
    summariser: Summariser | None,
    queues: Sequence[str] = ALL_QUEUES,
    train: Train | None = None,
) -> None:
    """Serve `queues` until SIGTERM (jobs in hand are finished) or SIGQUIT (they are left).

    Raises QueueError if the settings name no broker that other processes can reach.
    """
    if settings.embedded:
        raise QueueError("a separate worker needs a broker: set PRECIS_BROKER=redis://HOST:PORT/DB")
    with _working(settings, store, summariser) as (app, runner), ExitStack() as beside:
        celerys = [queue for queue in QUEUES if queue in queues]
        others = [queue for queue in OWN_QUEUES if queue in queues]
        own = OwnThreads(app, others, settings.concurrency, runner.run)
        # By now the models are loaded.
        liveness = Liveness()
        liveness.watch("the loop of watched channels and digests", own.silence)
        checks: dict[str, Check] = {
            "store": store.ping,
            "broker": partial(check_broker, app),
            "queues": liveness.check,
        }
        beside.enter_context(reporting_health(settings.health_file, "worker", checks))
        # Before there is work that a signal could cut short; Celery sees to it otherwise.
        stop = None if celerys else beside.enter_context(stop_signal())
        if train is not None and TRAINING_QUEUE in queues:
            training = beside.enter_context(Training(app, settings, store, train))
            liveness.watch("the loop of training", training.silence)
        if stop is not None:
            beside.enter_context(own)
            if stop() == signal.SIGQUIT:
                runner.stop()
            return

        def begin(**_: object) -> None:
            beside.enter_context(own)

        worker_ready.connect(begin)  # by then Celery hears signals
        worker = app.Worker(
            hostname=f"precis@{worker_name()}",
            loglevel=settings.log_level,
            quiet=True,
            **_options(settings, celerys),
        )
        liveness.watch("Celery's consumer", ConsumerPulse(worker.consumer).silence)
        try:
            worker.start()
        finally:
            if state.should_terminate:
                runner.stop()


@contextmanager
def stop_signal() -> Iterator[Callable[[], int]]:
    """Gives what waits for a signal to stop, and returns its number.

    Through a pipe: an event or a queue would wait for ever if a signal came in the moment between
    the last look at it and the wait. After the block the signals are still ignored: what comes then
    is the end of the process.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for number in STOP_SIGNALS:
        signal.signal(number, lambda _number, _frame: None)

    def wait() -> int:
        while (number := os.read(reader, 1)[0]) not in STOP_SIGNALS:
            pass
        return number

    try:
        yield wait
    finally:
        signal.set_wakeup_fd(-1)
        os.close(reader)
        os.close(writer)


@contextmanager
def _working(
    settings: Settings, store: Store, summariser: Summariser | None
) -> Iterator[tuple[Celery, JobRunner]]:
    """An app that knows how to run jobs, while a housekeeper looks after them."""
    app = make_app(settings)
    also = partial(send_due, app, store)
    with Housekeeper(settings, store, partial(publish, app), also) as housekeeper:
        runner = JobRunner(
            settings,
            store,
            summariser or _NoSummariser(),
            worker_name(),
            housekeeper.look_in,
            lambda job_id, frontend: _tell(app, job_id, frontend),
        )

        @app.task(name=SUMMARISE_TASK, shared=False)  # type: ignore[untyped-decorator]
        def summarise(job_id: str) -> None:
            runner.run(job_id)

        try:
            yield app, runner
        finally:
            app.close()


class _NoSummariser:
    """Of a worker that only trains: it gets no jobs."""

    def summarise(
        self, request: JobRequest, conversation: Conversation, deadline: Deadline
    ) -> Result:
        raise PrecisError("This worker only trains; let another one serve the queues of jobs.")

    def score(self, request: JobRequest, conversation: Conversation, deadline: Deadline) -> Scored:
        raise PrecisError("This worker only trains; let another one serve the queues of jobs.")


def _tell(app: Celery, job_id: str, frontend: str) -> None:
    if frontend in LISTENERS:
        tell(app, job_id, frontend)


def _options(settings: Settings, queues: Sequence[QueueName]) -> dict[str, Any]:
    return {
        "queues": list(queues),
        "pool": _JobThreads,
        "concurrency": settings.concurrency,
        "without_mingle": True,
        "without_gossip": True,
        "without_heartbeat": True,
    }


class _JobThreads(TaskPool):  # type: ignore[misc]
    """Celery's thread pool, whose threads know their app even where a process has several."""

    def __init__(self, *args: Any, app: Celery, **options: Any) -> None:
        super().__init__(*args, app=app, **options)
        self.executor = ThreadPoolExecutor(self.limit, "job", initializer=app.set_current)


def _shut_down() -> None:
    raise WorkerShutdown(0)
