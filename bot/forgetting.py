"""Forgets what was deleted while no bot listened: channels, threads, and servers it was put out of.

Looks slowly, for nobody waits for it. Messages deleted meanwhile are not looked for: of those the
store has copies until they are purged, but whoever asks again is answered from the platform.
Knows no platform.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from bot.context import Context
from bot.platform import PlatformDownError
from bot.privacy import Privacy
from precis.errors import StoreError
from precis.places import where

logger = logging.getLogger(__name__)

AFTER_START = 60.0  # seconds, in which a platform tells what there is
EVERY = 24 * 3_600.0
"""Seconds; connections are lost now and then, and what happens meanwhile is not told."""
BETWEEN = 0.5
"""Seconds between two looks: most are answered from memory, but not all."""


class Forgetting:
    """Looks whether what is stored is still there on the platform."""

    def __init__(self, context: Context, between: float = BETWEEN) -> None:
        self._context = context
        self._privacy = Privacy(context)
        self._between = between
        self.forget_server: Callable[[str], Awaitable[object]] = self._privacy.forget_server
        """Whatever a platform keeps of a server beside may go with it."""
        self.installed: Callable[[], Awaitable[Sequence[str]]] = _none
        """Servers of which something is kept even if nothing is in the store."""

    async def run(self) -> None:
        """Look now and then, until cancelled."""
        await asyncio.sleep(AFTER_START)
        while True:
            try:
                await self.look()
            except StoreError as error:
                logger.warning("what is gone is looked for tomorrow: %s", error)
            except Exception as error:  # noqa: BLE001 - a bug here must not end all forgetting
                logger.error("forgetting: %s", where(error))  # noqa: TRY400 - a trace may quote
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Forget what is gone, all but what can't be known now.

        Raises StoreError.
        """
        context, name = self._context, self._context.platform.name
        known = await context.blocking(context.chat.known_servers, name)
        for server in dict.fromkeys([*known, *await self.installed()]):
            there = await self._still_there(server)
            if there is False:
                logger.info("a server is gone, and what was stored of it")
                await self.forget_server(server)
            elif there:
                await self._look_in(server)

    async def _look_in(self, server: str) -> None:
        context, name = self._context, self._context.platform.name
        for place in await context.blocking(context.chat.known_places, name, server):
            if await self._still_there(server, place) is False:
                logger.info("a channel is gone, and what was stored of it")
                await self._privacy.forget_place(server, place)

    async def _still_there(self, server: str, place: str | None = None) -> bool | None:
        await asyncio.sleep(self._between)
        try:
            return await self._context.platform.still_there(server, place)
        except PlatformDownError:
            return None


async def _none() -> Sequence[str]:
    return ()
