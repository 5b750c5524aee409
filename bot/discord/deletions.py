"""The cog that hears of deleted messages and channels, so that what is stored of them goes too.

Deletions are gathered for a moment: a moderator's purge is hundreds at once.
"""

import asyncio
import logging
from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from precis.errors import StoreError
from precis.places import where

if TYPE_CHECKING:
    from bot.discord.bot import PrecisBot

logger = logging.getLogger(__name__)

GATHERED_FOR = 0.5  # seconds
AGAIN_AFTER = 10.0


class Deletions(commands.Cog):
    def __init__(self, bot: "PrecisBot") -> None:
        self._bot = bot
        self._gone: set[str] = set()
        self._places: set[str] = set()
        self._some = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def cog_load(self) -> None:
        self._task = asyncio.create_task(self._forget())

    async def cog_unload(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._forget_now()

    @commands.Cog.listener()
    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        self._note({event.message_id})

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        self._note(event.message_ids)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        self._note_place(event.thread_id)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        self._note_place(channel.id)

    def _note_place(self, place: int) -> None:
        self._places.add(str(place))
        self._some.set()

    def _note(self, ids: set[int]) -> None:
        gone = {str(each) for each in ids}
        self._bot.privacy.note_deleted(gone)
        self._gone |= gone
        self._some.set()

    async def _forget(self) -> None:
        while True:
            await self._some.wait()
            await asyncio.sleep(GATHERED_FOR)
            self._some.clear()
            if not await self._forget_now():
                await asyncio.sleep(AGAIN_AFTER)
                self._some.set()

    async def _forget_now(self) -> bool:
        """Whether all is forgotten that was deleted; what isn't is kept in mind."""
        try:
            if gone := set(self._gone):
                await self._bot.privacy.forget_messages(gone)
                self._gone -= gone
            for place in set(self._places):
                await self._bot.privacy.forget_place(place)
                self._places.discard(place)
        except StoreError as error:
            logger.warning("%d deleted messages wait to be forgotten: %s", len(self._gone), error)
            return False
        except Exception as error:  # noqa: BLE001 - a bug here must not end all forgetting
            logger.error("forgetting: %s", where(error))  # noqa: TRY400 - a trace may quote
            return False
        return True
