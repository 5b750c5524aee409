"""Runs of training that schedules ask for: one at a time, on workers that serve queue `training`.

What a run does is handed in. Knows nothing of models.
"""

import logging
import queue
import threading
from collections.abc import Callable
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from celery import Celery
from kombu.exceptions import OperationalError

from precis.errors import PrecisError, StoreError
from precis.places import where
from precis.settings import Settings
from precis.store import Store
from precis.store.training_runs import HeldRun, RunState, ScheduleStore
from worker.deliveries import IdListener, send_id

logger = logging.getLogger(__name__)

TRAINING_QUEUE = "training"
A_LEASE = 3
"""Signs of life in the time of a lease."""

Train = Callable[[dict[str, Any]], str]
"""Takes a run's options, gives what came of it, in a line. Raises PrecisError where it can't."""


def send_due(app: Celery, store: Store) -> None:
    """Send the runs that are due to the queue. Raises StoreError; a broker may be down."""
    for run_id in ScheduleStore(store).due_runs():
        try:
            send_id(app, run_id, TRAINING_QUEUE)
        except OperationalError as error:
            logger.warning("a training run waits for the broker (%s)", type(error).__name__)


class Training:
    """Works on runs until the `with` block ends."""

    def __init__(self, app: Celery, settings: Settings, store: Store, train: Train) -> None:
        self._store = ScheduleStore(store, settings.lease)
        self._settings = settings
        self._train = train
        self._waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._held: HeldRun | None = None
        self._stopped = False
        # A pool's threads are waited for when the process ends, and a run may take hours.
        self._thread = threading.Thread(target=self._work, name="training", daemon=True)
        self._listener = IdListener(app, TRAINING_QUEUE, self._begin)

    def __enter__(self) -> Self:
        self._thread.start()
        self._listener.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """A run in hand is given back: whoever takes it up next goes on from its checkpoints."""
        with self._lock:
            self._stopped = True
            held = self._held
        self._listener.__exit__(kind, error, trace)
        if held is None:
            return
        try:
            if self._store.give_back(held):
                logger.info("training run %s waits for another worker", held.id)
        except StoreError as down:
            # Its lease ends, and it is found when the store is back.
            logger.error("training run %s: %s", held.id, down)  # noqa: TRY400 - a line is enough

    def silence(self) -> float:
        """Seconds since the loop of the queue last turned."""
        return self._listener.silence()

    def _begin(self, run_id: str, done: Callable[[], None]) -> None:
        # Acknowledged at once: it may take hours, and what is lost is found in the store.
        done()
        self._waiting.put(run_id)

    def _work(self) -> None:
        while True:
            self.run(self._waiting.get())

    def run(self, run_id: str) -> None:
        """Work on a run, if it is to be had. Raises nothing."""
        try:
            held = self._claim(run_id)
            if held is not None:
                self._run(held)
        except StoreError as error:
            logger.error("training run %s: %s", run_id, error)  # noqa: TRY400 - a line is enough
        finally:
            with self._lock:
                self._held = None

    def _claim(self, run_id: str) -> HeldRun | None:
        with self._lock:  # so that whoever stops this sees what is held
            if not self._stopped:
                self._held = self._store.claim_run(run_id)
            return self._held

    def _run(self, held: HeldRun) -> None:
        with self._signs_of_life(held):
            try:
                state, outcome = RunState.DONE, self._train(held.options)
            except PrecisError as error:
                state, outcome = RunState.FAILED, str(error)
            except Exception as error:  # noqa: BLE001 - a bug must end in the run
                logger.error("training run %s: %s", held.id, where(error))  # noqa: TRY400
                state, outcome = RunState.FAILED, "an internal error; the worker's log says more"
        if self._store.end_run(held, state, outcome):
            logger.info("training run %s: %s", held.id, outcome)

    @contextmanager
    def _signs_of_life(self, held: HeldRun) -> Any:
        ended = threading.Event()

        def keep() -> None:
            while not ended.wait(self._settings.lease.total_seconds() / A_LEASE):
                try:
                    if not self._store.extend_run(held):
                        return
                except StoreError as error:
                    logger.warning("training run %s: %s", held.id, error)

        thread = threading.Thread(target=keep, name="training-lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
