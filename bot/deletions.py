"""Forgets what a platform tells was deleted: messages, channels, and servers it was put out of.

It is gathered for a moment: a moderator's purge is hundreds at once. What the store can't forget
now is kept in mind. Knows no platform.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress

from bot.context import Context
from bot.privacy import Privacy
from precis.errors import StoreError
from precis.places import where

logger = logging.getLogger(__name__)

AGAIN_AFTER = 10.0  # seconds
AT_THE_END = 10.0

ForgetServer = Callable[[str], Awaitable[None]]


class Deletions:
    """Told of what is gone, it makes the store forget it."""

    def __init__(
        self, context: Context, privacy: Privacy, forget_server: ForgetServer | None = None
    ) -> None:
        """`forget_server` is for platforms that have more to forget of one than its messages."""
        self._context = context
        self._privacy = privacy
        self._forget_server = forget_server or privacy.forget_server
        self._gone: set[str] = set()
        self._places: set[tuple[str, str]] = set()
        self._servers: set[str] = set()
        self._some = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Forget from now on, until `close`. Again, it does nothing."""
        if self._task is None:
            self._task = asyncio.create_task(self._forget())

    async def close(self) -> None:
        """Forget what there is yet to be forgotten; once and not for long: the process ends."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(AT_THE_END):
                await self._forget_now()

    def messages(self, ids: Collection[str]) -> None:
        """These were deleted just now."""
        gone = set(ids)
        self._privacy.note_deleted(gone)
        self._gone |= gone
        self._some.set()

    def place(self, server: str, place: str) -> None:
        """A channel or thread was deleted, with all in it."""
        self._places.add((server, place))
        self._some.set()

    def server(self, server: str) -> None:
        """The bot was put out of a server."""
        self._servers.add(server)
        self._some.set()

    def back_on(self, server: str) -> None:
        """It is back before what was stored of it went: that is of use again."""
        self._servers.discard(server)

    async def _forget(self) -> None:
        while True:
            await self._some.wait()
            await asyncio.sleep(self._context.delays.deletions)
            self._some.clear()
            if not await self._forget_now():
                await asyncio.sleep(AGAIN_AFTER)
                self._some.set()

    async def _forget_now(self) -> bool:
        """Whether all is forgotten that was deleted; what isn't is kept in mind."""
        try:
            if gone := set(self._gone):
                await self._privacy.forget_messages(gone)
                self._gone -= gone
            for server, place in set(self._places):
                await self._privacy.forget_place(server, place)
                self._places.discard((server, place))
            while self._servers:  # each looked for anew: one may be back meanwhile
                server = next(iter(self._servers))
                await self._forget_server(server)
                self._servers.discard(server)
        except StoreError as error:
            waiting = len(self._gone) + len(self._places) + len(self._servers)
            logger.warning("%d deleted things wait to be forgotten: %s", waiting, error)
            return False
        except Exception as error:  # noqa: BLE001 - a bug here must not end all forgetting
            logger.error("forgetting: %s", where(error))  # noqa: TRY400 - a trace may quote
            return False
        return True
