"""The cog of `/summarize`, `/catchup` and the message menus: parse, authorise, hand on."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord.failures import tell
from bot.discord.languages import phrase, texts_for
from bot.discord.permissions import same_readers
from bot.discord.platform import NAME, READABLE
from bot.discord.replies import reply_of
from precis.ask import MOST_MESSAGES, AskRequest, Wanted
from precis.errors import InputError
from precis.job import Style
from precis.window import Window, parse_moment

if TYPE_CHECKING:
    from bot.discord.bot import PrecisBot

DEFAULT_LAST = 200
STYLES = [app_commands.Choice(name=phrase(f"style_{each}"), value=each.value) for each in Style]

StyleOption = app_commands.Choice[str] | None


class Summaries(commands.Cog):
    """Each command acknowledges first; all that may take time comes after."""

    def __init__(self, bot: "PrecisBot") -> None:
        self._bot = bot
        menus = (("menu_from_here", self.from_here), ("menu_of_thread", self.of_thread))
        self._menus = [
            app_commands.ContextMenu(
                name=phrase(name),
                callback=callback,
                allowed_contexts=app_commands.AppCommandContext(guild=True),
                allowed_installs=app_commands.AppInstallationType(guild=True),
            )
            for name, callback in menus
        ]

    async def cog_load(self) -> None:
        for menu in self._menus:
            self._bot.tree.add_command(menu)

    @app_commands.command(description=phrase("command_summarize"))
    @app_commands.describe(
        last=phrase("option_last"),
        since=phrase("option_since"),
        thread=phrase("option_thread"),
        style=phrase("option_style"),
        private=phrase("option_private"),
    )
    @app_commands.choices(style=STYLES)
    @app_commands.guild_only()
    async def summarize(
        self,
        interaction: discord.Interaction[Any],
        last: app_commands.Range[int, 1, MOST_MESSAGES] | None = None,
        since: app_commands.Range[str, 1, 40] | None = None,
        thread: app_commands.AppCommandThread | None = None,
        style: StyleOption = None,
        private: bool = True,
    ) -> None:
        try:
            start = _moment(since, self._bot.context.settings.zone)
        except InputError:
            await tell(interaction, (await texts_for(interaction)).not_a_time)
            return
        of_thread = thread is not None or isinstance(interaction.channel, discord.Thread)
        if last is None and start is None and not of_thread:
            last = DEFAULT_LAST
        wanted = Wanted(window=Window(since=start, last=last), style=_style(style))
        source = thread or interaction.channel
        await self._begin(interaction, source, wanted, private=private)

    @app_commands.command(description=phrase("command_catchup"))
    @app_commands.describe(style=phrase("option_style"))
    @app_commands.choices(style=STYLES)
    @app_commands.guild_only()
    async def catchup(
        self, interaction: discord.Interaction[Any], style: StyleOption = None
    ) -> None:
        wanted = Wanted(since_own=True, style=_style(style))
        await self._begin(interaction, interaction.channel, wanted)

    async def from_here(
        self, interaction: discord.Interaction[Any], message: discord.Message
    ) -> None:
        wanted = Wanted(after=str(message.id))
        await self._begin(interaction, interaction.channel, wanted)

    async def of_thread(
        self, interaction: discord.Interaction[Any], message: discord.Message
    ) -> None:
        if not message.flags.has_thread and message.thread is None:
            texts = await texts_for(interaction)
            said = texts.message_has_no_thread.format(menu=texts.menu_from_here)
            await tell(interaction, said)
            return
        # A thread that began from a message has the message's id.
        await self._begin(interaction, discord.Object(message.id), Wanted())

    async def _begin(
        self,
        interaction: discord.Interaction[Any],
        source: Any,
        wanted: Wanted,
        *,
        private: bool = True,
    ) -> None:
        """`source` is a channel or thread; that it can be read is for others to see."""
        place = interaction.channel
        if source is None or not isinstance(place, READABLE) or interaction.guild is None:
            await tell(interaction, (await texts_for(interaction)).not_a_channel)
            return
        made_private = not private and not same_readers(source, place)
        private = private or made_private
        await interaction.response.defer(ephemeral=private, thinking=True)
        if isinstance(interaction.user, discord.Member):
            self._bot.platform.met(interaction.user)
        reply, until = reply_of(interaction)
        request = AskRequest(
            platform=NAME,
            server=str(interaction.guild.id),
            source=str(source.id),
            place=str(place.id),
            person=str(interaction.user.id),
            private=private,
            wanted=wanted.model_copy(update={"made_private": made_private}),
            reply=reply,
            reply_until=until,
            key=str(interaction.id),
        )
        self._bot.ask(
            request,
            roles=[str(role.id) for role in getattr(interaction.user, "roles", ())],
            manager=interaction.permissions.manage_guild,
        )


def _moment(since: str | None, zone: Any) -> datetime | None:
    if since is None:
        return None
    return parse_moment(since, now=datetime.now(UTC), zone=zone, option="since")


def _style(choice: StyleOption) -> Style | None:
    return Style(choice.value) if choice else None
