"""The cog that hears what is written in watched channels, new and edited, and reports by a menu."""

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord.card_clicks import acknowledged, who_clicked, worded
from bot.discord.desk import readable_by_bot
from bot.discord.failures import tell
from bot.discord.history import SPOKEN, heard
from bot.discord.languages import moderation_phrase, texts_for
from bot.discord.platform import READABLE
from precis.ask import Place
from precis.conversation import Message

if TYPE_CHECKING:
    from bot.discord.bot import PrecisBot


class Hearing(commands.Cog):
    def __init__(self, bot: "PrecisBot") -> None:
        self._bot = bot
        self._menu = app_commands.ContextMenu(
            name=moderation_phrase("menu_report"),
            callback=self.report,
            allowed_contexts=app_commands.AppCommandContext(guild=True),
            allowed_installs=app_commands.AppInstallationType(guild=True),
        )

    async def cog_load(self) -> None:
        self._bot.tree.add_command(self._menu)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        self._hear(message)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        """It has the whole message along; previews of links, pins and threads are no edits."""
        if event.message.edited_at is None:
            return
        self._hear(event.message)
        message = event.message

        async def fresh() -> Message | None:
            return _plain(message)

        await self._bot.frontend.digests.edited(str(message.id), fresh)

    @commands.Cog.listener()
    async def on_disconnect(self) -> None:
        self._bot.frontend.moderation.listening.connection_lost()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        self.catch_up()

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        if self._bot.is_ready():
            self._catch_up_in(guild)

    def catch_up(self) -> None:
        """There is a new connection: what was written before it may have been missed.

        A session that is resumed brings along what was missed, and needs none of this.
        """
        for guild in self._bot.guilds:
            self._catch_up_in(guild)

    async def report(self, interaction: discord.Interaction[Any], message: discord.Message) -> None:
        """“Report to moderators”: whoever sees a message may."""
        if not await acknowledged(interaction, thinking=True):
            return
        place, said = _place(message), _plain(message)
        texts = await texts_for(interaction)
        if place is None or said is None:
            await tell(interaction, texts.moderation.cannot_report)
            return
        work = self._bot.frontend.moderation.report_message(who_clicked(interaction), place, said)
        answer = await worded(interaction, work, texts)
        if isinstance(answer, str):
            await tell(interaction, answer)

    def _hear(self, message: discord.Message) -> None:
        """A thread's first line only stands for the message that it began from."""
        if message.type not in SPOKEN:
            return
        place, said = _place(message), _plain(message)
        if place is not None and said is not None:
            category = getattr(message.channel, "category_id", None)
            within = [str(category)] if category else []
            self._bot.frontend.moderation.listening.hear(place, said, within=within)

    def _catch_up_in(self, guild: discord.Guild) -> None:
        """In all its channels and active threads: which are watched, the settings say."""
        server = str(guild.id)
        places = [
            Place(server=server, place=str(channel.id))
            for channel in guild.channels
            if isinstance(channel, READABLE) and readable_by_bot(channel)
        ]
        places += [
            Place(server=server, place=str(thread.id), parent=str(thread.parent_id))
            for thread in guild.threads
            if thread.parent is not None and readable_by_bot(thread)
        ]
        self._bot.frontend.moderation.listening.catch_up(server, places)


def _place(message: discord.Message) -> Place | None:
    """Where it is; None in direct messages."""
    channel = message.channel
    if message.guild is None or not isinstance(channel, READABLE):
        return None
    parent = channel.parent_id if isinstance(channel, discord.Thread) else None
    return Place(
        server=str(message.guild.id), place=str(channel.id), parent=str(parent) if parent else None
    )


def _plain(message: discord.Message) -> Message | None:
    """What somebody wrote, as the history has it; None for bots, commands and system lines."""
    return heard(message).message
