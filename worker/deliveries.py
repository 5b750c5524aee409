"""Ids of jobs on queues beside Celery's: those that have ended, for frontends, and those to score.

A message carries a job's id. It is acknowledged when whoever hears it is done with it, so that one
that dies halfway hears of the job again. What the broker loses is found in the store
(`Store.pending_deliveries`, `Store.recover`). Knows nothing of what is done about a job.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from celery import Celery
from kombu.entity import Exchange, Queue
from kombu.exceptions import OperationalError
from kombu.message import Message
from kombu.messaging import Consumer

from precis.job import DELIVERIES
from precis.places import where

logger = logging.getLogger(__name__)

AT_ONCE = 32
"""Ids that a listener works on at a time."""
LOOK = 0.1  # seconds between looks at what is to be acknowledged
RECONNECT = 1.0  # seconds

OnDelivery = Callable[[str, Callable[[], None]], None]
"""Is given a job's id, and what to call, from any thread, when it is dealt with."""


def send_id(app: Celery, job_id: str, queue_name: str) -> None:
    """Put a job's id on a queue. Raises kombu's OperationalError if the broker is down."""
    told = _queue(queue_name)
    with app.producer_or_acquire() as producer:
        producer.publish(
            {"job_id": job_id},
            exchange="",
            routing_key=told.name,
            serializer="json",
            declare=[told],
            retry=True,
            retry_policy={"max_retries": 1, "interval_start": 0.1, "interval_max": 0.2},
        )


def tell(app: Celery, job_id: str, frontend: str) -> None:
    """Tell a frontend that a job has ended. A broker that is down is logged: the store knows."""
    try:
        send_id(app, job_id, f"{DELIVERIES}.{frontend}")
    except OperationalError as error:
        cause = type(error.__cause__ or error).__name__
        logger.warning(
            "job %s: the broker is down (%s); its delivery is in the store", job_id, cause
        )


class IdListener:
    """A thread that listens to a queue of ids until the `with` block ends."""

    def __init__(
        self, app: Celery, queue_name: str, on_delivery: OnDelivery, at_once: int = AT_ONCE
    ) -> None:
        """`at_once` bounds the ids that are heard and not yet dealt with."""
        self._app = app
        self._queue = _queue(queue_name)
        self._at_once = at_once
        self._on_delivery = on_delivery
        self._done: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._down = False
        self._turned: float | None = None
        """When its loop last turned; None where it doesn't run yet."""
        self._thread = threading.Thread(target=self._listen, name=f"ids-{queue_name}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """What is still in hand stays unacknowledged, and is delivered to the next listener."""
        self.stop()
        self._thread.join()

    def stop(self) -> None:
        """Begin to end: several listeners end in the time of one."""
        self._ended.set()

    def silence(self) -> float:
        """Seconds since its loop last turned; 0 where it doesn't run."""
        turned = self._turned
        if turned is None or self._ended.is_set():
            return 0.0
        return time.monotonic() - turned

    def _listen(self) -> None:
        while not self._ended.is_set():
            self._turned = time.monotonic()
            try:
                self._consume()
            except Exception as error:  # noqa: BLE001 - whatever the broker's client raises
                if not self._down:  # an outage is told once, not every second
                    logger.warning("deliveries wait for the broker (%s)", type(error).__name__)
                    logger.debug("deliveries wait: %s", where(error))
                self._down = True
                self._done = queue.SimpleQueue()  # of a connection that is gone
                self._ended.wait(RECONNECT)

    def _consume(self) -> None:
        with self._app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0.1)
            done = self._done
            consumer = Consumer(  # type: ignore[no-untyped-call]
                connection.default_channel,
                queues=[self._queue],
                callbacks=[lambda body, message: self._received(body, message, done)],
                accept=["json"],
                prefetch_count=self._at_once,
                # Else the one message that nobody can read would be in the way of all others.
                on_decode_error=lambda message, _error: message.reject(),
            )
            with consumer:
                self._down = False
                while not self._ended.is_set():
                    self._turned = time.monotonic()
                    with suppress(TimeoutError):
                        connection.drain_events(timeout=LOOK)
                    self._acknowledge(done)
                self._acknowledge(done)

    def _received(self, body: Any, message: Message, done: "queue.SimpleQueue[Message]") -> None:
        job_id = body.get("job_id") if isinstance(body, dict) else None
        if not isinstance(job_id, str):
            message.reject()  # type: ignore[no-untyped-call]
            return
        self._on_delivery(job_id, lambda: done.put(message))

    @staticmethod
    def _acknowledge(done: "queue.SimpleQueue[Message]") -> None:
        # Here and not where the work was done: a broker's connection is one thread's.
        while not done.empty():
            done.get().ack()  # type: ignore[no-untyped-call]


class Deliveries(IdListener):
    """Hears which jobs of a frontend have ended."""

    def __init__(self, app: Celery, frontend: str, on_delivery: OnDelivery) -> None:
        super().__init__(app, f"{DELIVERIES}.{frontend}", on_delivery)


def _queue(name: str) -> Queue:
    return Queue(name, Exchange(""), routing_key=name)  # type: ignore[no-untyped-call]
