"""Calls that block (the store's, the broker's), away from the event loop and never for ever.

Knows nothing of what is called.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

from precis.errors import UnansweredError
from precis.monitoring.context import carried

P = ParamSpec("P")
Made = TypeVar("Made")

THREADS = 8
"""Enough to wait for a database; more would only be in each other's way."""
PATIENCE = 10.0  # seconds


class Offloading:
    """Threads for calls that block. The process ends without waiting for one that hangs."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._calls: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._threads = 0

    async def __call__(self, call: Callable[P, Made], *args: P.args, **kwargs: P.kwargs) -> Made:
        """What `call` returns. Raises what it raises, or UnansweredError if it takes too long.

        A call that is given up is not begun any more; one that has begun goes on in its thread,
        and may still succeed.
        """
        future: Future[Made] = Future()
        self._calls.put((future, carried(partial(call, *args, **kwargs))))
        if not self._idle.acquire(blocking=False) and self._threads < THREADS:
            self._threads += 1
            # ThreadPoolExecutor's threads are waited for at exit, also those that hang.
            threading.Thread(target=self._serve, name="blocking", daemon=True).start()
        try:
            # Not wait_for, which before Python 3.12 forgets who was cancelled just as it ends.
            async with asyncio.timeout(self._patience):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise UnansweredError(
                "the store doesn't answer; check that the database runs"
            ) from None

    def close(self) -> None:
        """Wait for nothing: what hangs may hang for ever."""
        for _ in range(self._threads):
            self._calls.put(None)

    def _serve(self) -> None:
        while self._served():
            self._idle.release()

    def _served(self) -> bool:
        """One call; a method of its own, so that nothing of it is kept until the next comes."""
        work = self._calls.get()
        if work is None:
            return False
        future, call = work
        if future.set_running_or_notify_cancel():
            try:
                future.set_result(call())
            except BaseException as error:  # noqa: BLE001 - it is the caller's
                future.set_exception(error)
        return True
