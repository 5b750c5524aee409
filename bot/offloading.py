"""Calls that block (the store's, the broker's), away from the event loop and never for ever.

Knows nothing of what is called.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from precis.errors import StoreError

P = ParamSpec("P")
Made = TypeVar("Made")

THREADS = 16
PATIENCE = 10.0  # seconds


class Offloading:
    """A pool of threads for calls that block."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._threads = ThreadPoolExecutor(THREADS, "store")

    async def __call__(self, call: Callable[P, Made], *args: P.args, **kwargs: P.kwargs) -> Made:
        """What `call` returns. Raises what it raises, or StoreError if it takes too long.

        A call that is given up goes on in its thread, and may still succeed.
        """
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._threads, lambda: call(*args, **kwargs))
        try:
            return await asyncio.wait_for(asyncio.shield(future), self._patience)
        except TimeoutError:
            future.add_done_callback(_ignored)
            raise StoreError("the store doesn't answer; check that the database runs") from None

    def close(self) -> None:
        """Wait for nothing: what hangs may hang for ever."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _ignored(future: "asyncio.Future[Made]") -> None:
    if not future.cancelled():
        future.exception()  # else asyncio would log that nobody looked
