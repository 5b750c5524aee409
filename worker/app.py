"""The Celery app: queues, serialisation, acknowledgement; the same for both transports.

A message carries a job's id and nothing else. Knows nothing of what a job does.
"""

import os
import socket
from typing import Any
from urllib.parse import urlsplit

from celery import Celery
from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.exceptions import OperationalError

from precis.errors import QueueError, SettingsError
from precis.job import (
    DIGEST_QUEUE,
    INTERACTIVE_QUEUE,
    SUMMARISE_TASK,
    WATCH_QUEUE,
    QueueName,
)
from precis.monitoring.metrics import BROKER_ERRORS
from precis.settings import EMBEDDED_BROKER, Settings
from worker.deliveries import send_id
from worker.memory import private_transport

QUEUES: tuple[QueueName, ...] = (INTERACTIVE_QUEUE,)
"""Celery's."""
OWN_QUEUES: tuple[QueueName, ...] = (DIGEST_QUEUE, WATCH_QUEUE)
"""Those that have threads of their own (`worker.own_threads`)."""
ALL_QUEUES: tuple[QueueName, ...] = (*QUEUES, *OWN_QUEUES)
"""What a worker can serve."""

BROKERS = ("redis://", "rediss://", "redis+socket://")

_CONNECT_SECONDS = 3.0


def make_app(settings: Settings) -> Celery:
    """A Celery app on the broker of `settings`. Raises SettingsError if Précis can't use it."""
    if not settings.embedded and not _is_usable(settings.broker_url):
        raise SettingsError("PRECIS_BROKER is no usable URL; write redis://HOST:PORT/DB")
    # kombu warns of a URL without a host, also where none is needed.
    broker = "memory://localhost/" if settings.embedded else settings.broker_url
    app = Celery("precis", broker=broker, set_as_current=False)
    app.conf.update(
        task_queues=[_queue(name) for name in QUEUES],
        task_default_queue=INTERACTIVE_QUEUE,
        task_create_missing_queues=False,
        task_serializer="json",
        result_serializer="json",
        event_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=_CONNECT_SECONDS,
        broker_transport=private_transport() if settings.embedded else None,
        broker_transport_options={} if settings.embedded else _redis_options(settings),
    )
    return app


def _is_usable(url: str) -> bool:
    try:
        _ = urlsplit(url).port  # raises where it is no number
    except ValueError:
        return False
    return url.startswith(BROKERS)


def publish(app: Celery, job_id: str, queue: QueueName) -> None:
    """Send a job's id to its queue. Raises QueueError if the broker can't be reached."""
    try:
        if queue in OWN_QUEUES:
            send_id(app, job_id, queue)
            return
        app.send_task(
            SUMMARISE_TASK,
            args=[job_id],
            queue=queue,
            retry=True,
            retry_policy={"max_retries": 1, "interval_start": 0.1, "interval_max": 0.2},
        )
    except OperationalError as error:
        BROKER_ERRORS.inc()
        raise QueueError(f"the broker {_why(app, error)}; check PRECIS_BROKER") from None


def check_broker(app: Celery) -> str:
    """The broker's address without password, if it answers. Raises QueueError if it doesn't."""
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0.1)
            return _shown(connection)
    except OperationalError as error:
        raise QueueError(f"the broker {_why(app, error)}; check PRECIS_BROKER") from None


def worker_name() -> str:
    """This process, for the store's books."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _queue(name: QueueName) -> Queue:
    # The default exchange routes by the queue's own name. Others keep their bindings in Redis,
    # and after a FLUSHALL a running producer would publish into nothing.
    return Queue(name, Exchange(""), routing_key=name)  # type: ignore[no-untyped-call]


def _why(app: Celery, error: OperationalError) -> str:
    shown = _shown(app.connection_for_write())
    return f"{shown} can't be reached ({type(error.__cause__ or error).__name__})"


def _shown(connection: Connection) -> str:
    """The broker's address without password."""
    by_name = isinstance(connection.transport_cls, str)  # the embedded one is a class of its own
    return str(connection.as_uri()) if by_name else EMBEDDED_BROKER


def _redis_options(settings: Settings) -> dict[str, Any]:
    return {
        # Redis gives unacknowledged messages to others after this; a job that still runs then is
        # claimed, so a copy does no harm.
        "visibility_timeout": int(settings.job_tries * settings.job_time_limit.total_seconds())
        + 60,
        "queue_order_strategy": "priority",
        "socket_connect_timeout": _CONNECT_SECONDS,
        "socket_timeout": 2 * _CONNECT_SECONDS,
        "socket_keepalive": True,
        "health_check_interval": 10,
    }
