"""Celery's in-memory transport, one an app: for a worker in the same process.

kombu's own is one for the whole process, looks for messages by the clock, and serves all queues
in turn. This one keeps apps apart, wakes up for a message, and serves its queues in order of
precedence. Knows nothing of jobs.
"""

import threading
from collections import defaultdict
from queue import Empty
from typing import Any

from kombu.transport import memory, virtual
from kombu.utils.scheduling import FairCycle

LONGEST_SLEEP = 0.05  # seconds; what else a worker waits for (an end, a free thread) is seen then


def private_transport() -> type[memory.Transport]:
    """A transport class with queues of its own."""
    arrived = threading.Event()

    class Channel(memory.Channel):
        do_restore = True  # what a consumer leaves unacknowledged is another's, as on Redis

        def _put(self, queue: str, message: Any, **kwargs: Any) -> None:
            super()._put(queue, message, **kwargs)  # type: ignore[no-untyped-call]
            arrived.set()

        def _reset_cycle(self) -> None:
            self._cycle = _InOrder(self._get_and_deliver, self._active_queues, Empty)  # type: ignore[no-untyped-call]

    class Transport(memory.Transport):
        def drain_events(  # type: ignore[override]
            self, connection: Any, timeout: float | None = None
        ) -> None:
            arrived.clear()
            try:
                self.cycle.get(self._deliver, timeout=timeout)  # type: ignore[union-attr]
            except Empty:
                arrived.wait(LONGEST_SLEEP)
                raise TimeoutError from None  # the worker looks whether it is to end

    Channel.queues = {}
    Channel.events = defaultdict(set)
    Transport.Channel = Channel
    Transport.global_state = virtual.BrokerState()  # type: ignore[no-untyped-call]
    return Transport


class _InOrder(FairCycle):
    """Looks at the first queue first, always."""

    def get(self, callback: Any, **kwargs: Any) -> Any:
        self.pos = 0
        return super().get(callback, **kwargs)  # type: ignore[no-untyped-call]
