"""The cog that hears of deleted messages, channels and servers, so that what is stored goes too.

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
        self._places: set[tuple[str, str]] = set()
        self._servers: set[str] = set()
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
        self._note_place(event.guild_id, event.thread_id)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        self._note_place(channel.guild.id, channel.id)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed; a server that has an outage is another event."""
        self._servers.add(str(guild.id))
        self._some.set()

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """It is back before what was stored of it went: that is of use again."""
        self._servers.discard(str(guild.id))

    def _note_place(self, server: int, place: int) -> None:
        self._places.add((str(server), str(place)))
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
            for server, place in set(self._places):
                await self._bot.privacy.forget_place(server, place)
                self._places.discard((server, place))
            for server in set(self._servers):
                await self._bot.privacy.forget_server(server)
                self._servers.discard(server)
        except StoreError as error:
            waiting = len(self._gone) + len(self._places) + len(self._servers)
            logger.warning("%d deleted things wait to be forgotten: %s", waiting, error)
            return False
        except Exception as error:  # noqa: BLE001 - a bug here must not end all forgetting
            logger.error("forgetting: %s", where(error))  # noqa: TRY400 - a trace may quote
            return False
        return True
