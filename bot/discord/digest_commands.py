"""The cog of `/digest`: parse, acknowledge, hand on. Whatever may take time comes after."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.context import SOON
from bot.digests.subscribing import Wanted
from bot.discord.card_clicks import acknowledged, worded
from bot.discord.digest_list import MOST_LABEL, subscriber
from bot.discord.digest_options import MOST_SUGGESTED, suggested_zones, written_channels
from bot.discord.failures import UNHEARD
from bot.discord.languages import digest_phrase
from bot.discord.platform import READABLE
from bot.discord.replies import MOST_CONTENT, NOBODY
from bot.discord.summaries import STYLES
from bot.platform import PlatformDownError
from precis.digest import Target
from precis.errors import PrecisError
from precis.job import Style
from precis.normalisation.plain_text import shorten

if TYPE_CHECKING:
    from bot.discord.bot import PrecisBot

Used = discord.Interaction[Any]
Typed = app_commands.Range[str, 1, 100]
Channels = app_commands.Range[str, 1, 1_000]
Least = app_commands.Range[int, 1, 10_000]
Styled = app_commands.Choice[str]
Where = discord.TextChannel | discord.VoiceChannel | discord.StageChannel
"""What a digest can be posted in: a forum takes posts alone."""
OPTIONS = {
    each: digest_phrase(f"cmd_{each}")
    for each in ("days", "time", "zone", "least", "style", "weekly", "channels", "without")
}
CHOSEN = {"digest": digest_phrase("cmd_digest")}


@app_commands.guild_only()
class DigestCommands(
    commands.GroupCog, group_name="digest", group_description=digest_phrase("cmd_group")
):
    """Subscribes, and changes what is subscribed to."""

    def __init__(self, bot: "PrecisBot") -> None:
        self._bot = bot
        self._list = bot.digest_list

    @app_commands.command(description=digest_phrase("cmd_here"))
    @app_commands.describe(**OPTIONS)
    @app_commands.choices(style=STYLES)
    async def here(  # noqa: PLR0913 - a command's options are its arguments
        self,
        interaction: Used,
        *,
        days: Typed | None = None,
        time: Typed | None = None,
        zone: Typed | None = None,
        least: Least | None = None,
        style: Styled | None = None,
        weekly: bool | None = None,
        channels: Channels | None = None,
        without: Channels | None = None,
    ) -> None:
        """Where it is used in a thread, in the thread's channel."""
        here = _base(interaction.channel)
        target = Target(kind="channel", id=str(here.id)) if isinstance(here, Where) else None
        given = _given(days, time, zone, least, style, weekly)
        await self._subscribe(interaction, target, given, (channels, without))

    @app_commands.command(description=digest_phrase("cmd_to"))
    @app_commands.describe(channel=digest_phrase("cmd_channel"), **OPTIONS)
    @app_commands.choices(style=STYLES)
    async def to(  # noqa: PLR0913 - a command's options are its arguments
        self,
        interaction: Used,
        channel: Where,
        *,
        days: Typed | None = None,
        time: Typed | None = None,
        zone: Typed | None = None,
        least: Least | None = None,
        style: Styled | None = None,
        weekly: bool | None = None,
        channels: Channels | None = None,
        without: Channels | None = None,
    ) -> None:
        target = Target(kind="channel", id=str(channel.id))
        given = _given(days, time, zone, least, style, weekly)
        await self._subscribe(interaction, target, given, (channels, without))

    @app_commands.command(description=digest_phrase("cmd_me"))
    @app_commands.describe(**OPTIONS)
    @app_commands.choices(style=STYLES)
    async def me(  # noqa: PLR0913 - a command's options are its arguments
        self,
        interaction: Used,
        *,
        days: Typed | None = None,
        time: Typed | None = None,
        zone: Typed | None = None,
        least: Least | None = None,
        style: Styled | None = None,
        weekly: bool | None = None,
        channels: Channels | None = None,
        without: Channels | None = None,
    ) -> None:
        target = Target(kind="person", id=str(interaction.user.id))
        given = _given(days, time, zone, least, style, weekly)
        await self._subscribe(interaction, target, given, (channels, without))

    @app_commands.command(name="list", description=digest_phrase("cmd_list"))
    async def listed(self, interaction: Used) -> None:
        if await acknowledged(interaction, thinking=True):
            await self._list.show(interaction, str(interaction.guild_id))

    @app_commands.command(description=digest_phrase("cmd_pause"))
    @app_commands.describe(**CHOSEN)
    async def pause(self, interaction: Used, digest: Typed | None = None) -> None:
        await self._act(interaction, "pause", digest)

    @app_commands.command(description=digest_phrase("cmd_resume"))
    @app_commands.describe(**CHOSEN)
    async def resume(self, interaction: Used, digest: Typed | None = None) -> None:
        await self._act(interaction, "resume", digest)

    @app_commands.command(description=digest_phrase("cmd_preview"))
    @app_commands.describe(**CHOSEN)
    async def preview(self, interaction: Used, digest: Typed | None = None) -> None:
        await self._act(interaction, "preview", digest)

    @app_commands.command(description=digest_phrase("cmd_stop"))
    @app_commands.describe(**CHOSEN)
    async def stop(self, interaction: Used, digest: Typed | None = None) -> None:
        await self._act(interaction, "stop", digest)

    @here.autocomplete("zone")
    @to.autocomplete("zone")
    @me.autocomplete("zone")
    async def zone_typed(self, _: Used, current: str) -> list[app_commands.Choice[str]]:
        found = suggested_zones(current, str(self._bot.context.settings.zone))
        return [app_commands.Choice(name=each, value=each) for each in found]

    @pause.autocomplete("digest")
    @resume.autocomplete("digest")
    @preview.autocomplete("digest")
    @stop.autocomplete("digest")
    async def digest_typed(self, interaction: Used, current: str) -> list[app_commands.Choice[str]]:
        """Their own subscriptions; nothing where those aren't known in time."""
        if interaction.guild_id is None:
            return []
        try:
            async with asyncio.timeout(SOON):
                found = await self._bot.frontend.digests.listing(subscriber(interaction))
        except (TimeoutError, PrecisError, PlatformDownError):
            return []
        typed = current.casefold()
        fitting = [each for each in found if typed in each.label.casefold()]
        return [
            app_commands.Choice(name=each.label[:MOST_LABEL], value=each.id)
            for each in fitting[:MOST_SUGGESTED]
        ]

    async def _subscribe(
        self,
        used: Used,
        target: Target | None,
        given: dict[str, Any],
        channels: tuple[str | None, str | None],
    ) -> None:
        """`channels`: more that it is to be of, and those that it isn't to be of any more."""
        if not await acknowledged(used, thinking=True):
            return
        texts = await self._bot.context.texts_soon(str(used.guild_id))
        source, guild = _base(used.channel), used.guild
        if target is None or source is None or guild is None:
            await _say(used, texts.digests.not_a_target)
            return
        more, fewer = (written_channels(each, guild) for each in channels)
        if more is None or fewer is None:
            await _say(used, texts.digests.not_channels)
            return
        if isinstance(used.user, discord.Member):
            self._bot.platform.met(used.user)
        wanted = Wanted(target=target, source=str(source.id), channels=more, without=fewer, **given)
        work = self._bot.frontend.digests.subscribe(subscriber(used), wanted)
        said = await worded(used, work, texts)
        if said is not None:
            await _say(used, said)

    async def _act(self, used: Used, action: str, digest: str | None) -> None:
        """Without `digest` it is the only one there is; of several, one can be chosen."""
        if not await acknowledged(used, thinking=True):
            return
        server = str(used.guild_id)
        if digest is None:
            found = await self._list.found(used, server)
            if found is None:
                return
            if isinstance(found, str) or len(found) != 1:
                texts = await self._bot.context.texts_soon(server)
                await self._list.show(used, server, above=texts.digests.which)
                return
            digest = found[0].id
        said = await self._list.done(used, server, action, digest)
        if said is not None:
            await _say(used, said)


def _base(channel: Any) -> Any:
    """The channel where a command is used, a thread's for a thread; None where there is none.

    A thread's may be a forum, or not be known: then it is an id alone.
    """
    if isinstance(channel, discord.Thread):
        return channel.parent or discord.Object(channel.parent_id)
    return channel if isinstance(channel, READABLE) else None


def _given(
    days: str | None,
    time: str | None,
    zone: str | None,
    least: int | None,
    style: Styled | None,
    weekly: bool | None,
) -> dict[str, Any]:
    """As `Wanted` takes it."""
    return {
        "days": days,
        "time": time,
        "zone": zone,
        "least": least,
        "style": Style(style.value) if style else None,
        "weekly": weekly,
    }


async def _say(used: Used, text: str) -> None:
    with suppress(*UNHEARD):
        await used.edit_original_response(
            content=shorten(text, MOST_CONTENT), allowed_mentions=NOBODY
        )
