"""Discord as moderation sees it (`bot.moderation.desk.Desk`).

Who may decide is who may manage messages where it was written; whom the bot may time out is as
Discord's role hierarchy has it (https://discord.com/developers/docs/topics/permissions).
"""

from datetime import datetime
from typing import Any

import discord

from bot.discord.card_rendering import card_components, card_embed
from bot.discord.escaping import escaped
from bot.discord.outages import telling_outages
from bot.discord.platform import DiscordPlatform
from bot.discord.replies import GONE, NOBODY
from bot.moderation.desk import Abilities, CardView, NoDeskError, RefusedError
from bot.platform import Refusal
from precis.moderation import Case

MISSING = 50001
"""Discord's code for a channel that the bot may not see."""
LONGEST_LINE = 2_000


class DiscordDesk:
    """See `Desk`."""

    def __init__(self, bot: discord.Client, platform: DiscordPlatform) -> None:
        self._bot = bot
        self._platform = platform

    @telling_outages
    async def is_moderator(self, server: str, person: str, place: str | None) -> bool:
        """By a member fetched anew: roles change, and a click may be all that is left of one."""
        guild = self._bot.get_guild(int(server))
        if guild is None or not person.isdecimal():
            return False
        try:
            member = await guild.fetch_member(int(person))
        except discord.NotFound:
            return False
        channel = await self._channel(server, place) if place else None
        if channel is None:  # it is gone: then who may everywhere
            return member.guild_permissions.manage_messages
        allowed = channel.permissions_for(member)
        return bool(allowed.view_channel and allowed.manage_messages)

    @telling_outages
    async def may_time_out(self, case: Case, person: str) -> bool:
        """Whether somebody may, by Moderate Members and by their place among the roles."""
        guild = self._bot.get_guild(int(case.server))
        if guild is None or not person.isdecimal():
            return False
        try:
            member = await guild.fetch_member(int(person))
        except discord.NotFound:
            return False
        return await _may_time_out(guild, member, case.author)

    @telling_outages
    async def abilities(self, case: Case) -> Abilities:
        channel = await self._channel(case.server, case.place)
        guild = self._bot.get_guild(int(case.server))
        if channel is None or guild is None or guild.me is None:
            return Abilities()
        return Abilities(
            remove=channel.permissions_for(guild.me).manage_messages,
            time_out=await _may_time_out(guild, guild.me, case.author),
        )

    @telling_outages
    async def post(self, channel: str, card: CardView, server: str) -> str:
        place = await self._desk(channel, server)
        try:
            sent = await place.send(
                embed=card_embed(card),
                view=card_components(card),
                nonce=f"{card.card_id[:16]}-{channel[-8:]}",
                allowed_mentions=NOBODY,
            )
        except (discord.Forbidden, discord.NotFound):
            raise NoDeskError from None
        return str(sent.id)

    @telling_outages
    async def update(self, channel: str, message: str, card: CardView, server: str) -> bool:
        place = await self._desk(channel, server)
        try:
            await place.get_partial_message(int(message)).edit(
                embed=card_embed(card), view=card_components(card), allowed_mentions=NOBODY
            )
        except discord.NotFound:
            return False
        except discord.Forbidden:
            raise NoDeskError from None
        return True

    @telling_outages
    async def take_away(self, channel: str, message: str, server: str) -> None:
        place = await self._channel(server, channel)
        if place is None:
            return
        try:
            await place.get_partial_message(int(message)).delete()
        except (discord.NotFound, discord.Forbidden):
            return

    @telling_outages
    async def tell(self, channel: str, text: str, server: str, nonce: str) -> None:
        place = await self._desk(channel, server)
        try:
            await place.send(text[:LONGEST_LINE], nonce=nonce[:25], allowed_mentions=NOBODY)
        except (discord.Forbidden, discord.NotFound):
            raise NoDeskError from None

    @telling_outages
    async def remove(self, case: Case) -> None:
        channel = await self._channel(case.server, case.place)
        if channel is None:
            return
        try:
            await channel.get_partial_message(int(case.subject)).delete()
        except discord.NotFound:
            return
        except discord.Forbidden:
            raise RefusedError from None

    @telling_outages
    async def time_out(self, case: Case, until: datetime) -> None:
        guild = self._bot.get_guild(int(case.server))
        if guild is None or case.author is None:
            raise RefusedError
        try:
            member = await guild.fetch_member(int(case.author))
            await member.timeout(until)
        except discord.NotFound:  # they left
            return
        except discord.Forbidden:
            raise RefusedError from None
        except discord.HTTPException as error:
            if error.code in GONE or error.status == 400:  # an administrator, or the owner
                raise RefusedError from None
            raise

    async def person(self, server: str, person: str) -> str:
        return f"<@{person}>" if person.isdecimal() else "?"

    async def place(self, server: str, place: str) -> str:
        return f"<#{place}>" if place.isdecimal() else "?"

    def link(self, permalink: str, label: str) -> str:
        return f"[{label}]({permalink})" if permalink.startswith("https://discord.com/") else ""

    def moment(self, when: datetime) -> str:
        return f"<t:{int(when.timestamp())}:f>"

    def escaped(self, text: str, limit: int) -> str:
        return escaped(text, limit)

    async def _desk(self, channel: str, server: str) -> Any:
        """The moderators' channel. Raises NoDeskError."""
        found = await self._channel(server, channel)
        if found is None:
            raise NoDeskError
        return found

    async def _channel(self, server: str, place: str) -> Any:
        found = await self._platform.channel(place, server)
        return None if isinstance(found, Refusal) else found


async def _may_time_out(guild: discord.Guild, member: discord.Member, author: str | None) -> bool:
    """Whether a member may keep an author from writing: nobody can an administrator."""
    if author is None or not member.guild_permissions.moderate_members:
        return False
    try:
        theirs = await guild.fetch_member(int(author))
    except discord.NotFound:
        return False
    if theirs.id in (guild.owner_id, member.id) or theirs.guild_permissions.administrator:
        return False
    return member.id == guild.owner_id or member.top_role > theirs.top_role
