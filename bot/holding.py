"""Keeps hold of an ask, or of a digest, while it is worked on, however long that takes.

Knows no platform.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from bot.context import Context
from precis.errors import StoreError
from precis.monitoring.metrics import BOT_LEASES_LOST
from precis.store import HeldAsk

Held = TypeVar("Held")

A_LEASE = 3
"""Signs of life in the time of a lease."""


class LostError(Exception):
    """Another process has taken it up, and does what is to be done."""


@asynccontextmanager
async def holding(
    context: Context, held: Held, extend: Callable[[Held], bool] | None = None
) -> AsyncIterator[None]:
    """Gives signs of life while the block lasts, by `extend`; of an ask by that of the store.

    Ends the block, and raises LostError, once another process has what is held.
    """
    working = asyncio.current_task()
    assert working is not None, "in a task"  # noqa: S101 - for the type checker
    lost = False

    def stop() -> None:
        nonlocal lost
        lost = True
        working.cancel()

    keeping = asyncio.create_task(_keep(context, held, extend or context.chat.extend, stop))
    try:
        yield
    except asyncio.CancelledError:
        if lost and working.uncancel() == 0:
            BOT_LEASES_LOST.inc(what="request" if isinstance(held, HeldAsk) else "digest")
            raise LostError from None
        raise
    finally:
        keeping.cancel()


async def _keep(
    context: Context, held: Any, extend: Callable[[Any], bool], on_lost: Callable[[], None]
) -> None:
    while True:
        await asyncio.sleep(context.settings.lease.total_seconds() / A_LEASE)
        try:
            if not await context.blocking(extend, held):
                on_lost()
                return
        except StoreError:
            continue  # it may be back before the lease ends, or before another sees its end
