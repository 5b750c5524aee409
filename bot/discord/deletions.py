"""The cog that hears of deleted messages, channels and servers, so that what is stored goes too."""

from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.deletions import Deletions as Gathered

if TYPE_CHECKING:
    from bot.discord.bot import PrecisBot


class Deletions(commands.Cog):
    def __init__(self, bot: "PrecisBot") -> None:
        self._gone = Gathered(bot.context, bot.privacy)

    async def cog_load(self) -> None:
        self._gone.start()

    async def cog_unload(self) -> None:
        await self._gone.close()

    @commands.Cog.listener()
    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        self._gone.messages({str(event.message_id)})

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        self._gone.messages({str(each) for each in event.message_ids})

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        self._gone.place(str(event.guild_id), str(event.thread_id))

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        self._gone.place(str(channel.guild.id), str(channel.id))

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed; a server that has an outage is another event."""
        self._gone.server(str(guild.id))

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        self._gone.back_on(str(guild.id))

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """What the library makes of a new server that says that it has no outage."""
        self._gone.back_on(str(guild.id))
