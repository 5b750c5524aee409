"""Serves a platform until the process is told to stop: signals, connection, ended jobs.

Knows no platform, and nothing of the queue's library: `cli` hands in what tells of ended jobs.
"""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractContextManager
from typing import Any, Protocol

from bot.frontend import Frontend
from precis.errors import PrecisError

OnDelivery = Callable[[str, Callable[[], None]], None]
Listening = Callable[[OnDelivery], AbstractContextManager[Any]]
"""Tells of ended jobs while the context lasts; see `worker.deliveries`."""
Errand = Callable[[Frontend], Awaitable[None]]
"""All that a bot is there for, where it doesn't serve: it hears of nothing, and ends with it."""


class BotError(PrecisError):
    """The bot can't run as it is set up."""


class Served(Protocol):
    """A platform's bot, as `serve` needs it."""

    @property
    def frontend(self) -> Frontend: ...

    @property
    def connected(self) -> asyncio.Event:
        """Set once there is a connection, whatever becomes of it."""

    @property
    def asked_to_stop(self) -> asyncio.Event:
        """Set by whoever ends the bot: a signal, a test."""

    async def close(self) -> None:
        """Leave what is in hand to the next bot, tell who waits, and disconnect."""


async def serve(
    bot: Served,
    connection: Coroutine[Any, Any, None],
    listening: Listening,
    errand: Errand | None = None,
) -> None:
    """Run `connection` until `bot.asked_to_stop`, which signals set, or until `errand` is done.

    Raises what they raise.
    """
    loop = asyncio.get_running_loop()
    stop = bot.asked_to_stop
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, RuntimeError):  # not the main thread
            loop.add_signal_handler(name, stop.set)

    def on_delivery(job_id: str, done: Callable[[], None]) -> None:
        loop.call_soon_threadsafe(bot.frontend.deliver, job_id, done)

    serving = asyncio.create_task(connection)
    stopping = asyncio.create_task(stop.wait())
    connected = asyncio.create_task(bot.connected.wait())
    await asyncio.wait({serving, stopping, connected}, return_when=asyncio.FIRST_COMPLETED)
    connected.cancel()
    # Until then the broker keeps what is to be delivered.
    hearing = listening(on_delivery) if bot.connected.is_set() else contextlib.nullcontext()
    with hearing:
        until: set[asyncio.Future[Any]] = {serving, stopping}
        doing: asyncio.Future[None] | None = None
        if errand is not None and bot.connected.is_set():
            doing = asyncio.ensure_future(errand(bot.frontend))
            until.add(doing)
        await asyncio.wait(until, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if doing is not None:
            if doing.done():
                stop.set()
            else:
                doing.cancel()
        await bot.close()
        if stop.is_set():  # what the connection was just doing no longer matters
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
        else:
            await serving
        if doing is not None and doing.done() and not doing.cancelled():
            doing.result()  # raises
