"""The Celery app: queues, serialisation, acknowledgement; the same for both transports.

A message carries a job's id and nothing else. Knows nothing of what a job does.
"""

import hashlib
import os
import socket
from typing import Any

from celery import Celery
from kombu.entity import Exchange, Queue

from precis.job import DIGEST_QUEUE, INTERACTIVE_QUEUE, SUMMARISE_TASK, QueueName
from precis.settings import Settings

QUEUES: tuple[QueueName, ...] = (INTERACTIVE_QUEUE, DIGEST_QUEUE)
"""In order of precedence."""

_CONNECT_SECONDS = 3.0
_EMBEDDED_POLL_SECONDS = 0.02


def make_app(settings: Settings) -> Celery:
    """A Celery app on the broker of `settings`."""
    app = Celery("precis", broker=settings.broker_url, set_as_current=False)
    app.conf.update(
        task_queues=[_queue(settings, name) for name in QUEUES],
        task_default_queue=queue_key(settings, INTERACTIVE_QUEUE),
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
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=_CONNECT_SECONDS,
        broker_transport_options=_transport_options(settings),
    )
    return app


def queue_key(settings: Settings, name: QueueName) -> str:
    """The queue's name on the broker.

    The in-memory transport is one for the whole process, so there each store has its own queues.
    """
    if not settings.embedded:
        return name
    return f"{name}.{hashlib.sha256(settings.store_url.encode()).hexdigest()[:12]}"


def publish(app: Celery, settings: Settings, job_id: str, queue: QueueName) -> None:
    """Send a job's id to its queue. Raises kombu's OperationalError if the broker is down."""
    app.send_task(
        SUMMARISE_TASK,
        args=[job_id],
        queue=queue_key(settings, queue),
        retry=True,
        retry_policy={"max_retries": 1, "interval_start": 0.1, "interval_max": 0.2},
    )


def worker_name() -> str:
    """This process, for the store's books."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _queue(settings: Settings, name: QueueName) -> Queue:
    # The default exchange routes by the queue's own name. Others keep their bindings in Redis,
    # and after a FLUSHALL a running producer would publish into nothing.
    key = queue_key(settings, name)
    return Queue(key, Exchange(""), routing_key=key)  # type: ignore[no-untyped-call]


def _transport_options(settings: Settings) -> dict[str, Any]:
    if settings.embedded:
        return {"polling_interval": _EMBEDDED_POLL_SECONDS}
    return {
        # Redis gives unacknowledged messages to others after this; a job that still runs then is
        # claimed, so a copy does no harm.
        "visibility_timeout": int(2 * settings.job_time_limit.total_seconds()) + 60,
        "queue_order_strategy": "priority",
        "socket_connect_timeout": _CONNECT_SECONDS,
        "socket_timeout": 2 * _CONNECT_SECONDS,
        "socket_keepalive": True,
        "health_check_interval": 10,
    }
