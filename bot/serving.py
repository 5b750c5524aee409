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
from precis.health import reporting_health

OnDelivery = Callable[[str, Callable[[], None]], None]
Listening = Callable[[OnDelivery], AbstractContextManager[Any]]
"""Tells of ended jobs while the context lasts; see `worker.deliveries`."""
Errand = Callable[[Frontend], Awaitable[None]]
"""All that a bot is there for, where it doesn't serve: it hears of nothing, and ends with it."""


ANSWER_SECONDS = 5.0
"""For the event loop to say how the connection is."""


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

    async def is_connected(self) -> bool:
        """Whether the platform can reach the bot now."""

    async def close(self) -> None:
        """Leave what is in hand to the next bot, tell who waits, and disconnect."""


def check_connection(bot: Served, loop: asyncio.AbstractEventLoop) -> None:
    """Ask the event loop, from another thread, whether the bot is connected. Raises BotError."""
    asked = asyncio.run_coroutine_threadsafe(bot.is_connected(), loop)
    try:
        connected = asked.result(ANSWER_SECONDS)
    except TimeoutError:
        asked.cancel()
        raise BotError("the event loop doesn't answer") from None
    if not connected:
        raise BotError("not connected")


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
    health = _health(bot, loop) if errand is None else contextlib.nullcontext()
    with hearing, health:
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


def _health(bot: Served, loop: asyncio.AbstractEventLoop) -> AbstractContextManager[None]:
    context = bot.frontend.context
    name = context.platform.name
    checks = {"store": context.jobs.ping, name: lambda: check_connection(bot, loop)}
    return reporting_health(context.settings.health_file, f"bot {name}", checks)
