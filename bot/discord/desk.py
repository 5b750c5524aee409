"""Discord as moderation sees it (`bot.moderation.desk.Desk`).

Who may decide is who may manage messages where it was written, and read there; whom the bot may
time out is as Discord's role hierarchy has it
(https://discord.com/developers/docs/topics/permissions#permission-hierarchy). How cards are posted
is in `bot.discord.card_posting`.
"""

from datetime import datetime

import discord

from bot.discord.card_posting import CardPosting
from bot.discord.escaping import escaped
from bot.discord.history import Readable
from bot.discord.outages import telling_outages
from bot.discord.permissions import refusal_of_person
from bot.discord.platform import DiscordPlatform
from bot.discord.rendering import PERMALINK
from bot.moderation.desk import Abilities, CardView, RefusedError
from bot.platform import Refusal
from precis.moderation import Case

REASON = "Précis, because a moderator decided so"
"""In the server's own audit log."""


class DiscordDesk:
    """See `Desk`."""

    def __init__(self, bot: discord.Client, platform: DiscordPlatform) -> None:
        self._bot = bot
        self._platform = platform
        self._posting = CardPosting(bot, platform)

    @telling_outages
    async def is_moderator(self, server: str, person: str, place: str | None) -> bool:
        """By a member fetched anew: roles change, and a click may be all that is left of one.

        `place` None: everywhere.
        """
        member = await self._member(server, person)
        if member is None:
            return False
        everywhere = member.guild_permissions
        if place is None:
            return everywhere.manage_messages
        channel = await self._platform.channel(place, server)
        if isinstance(channel, Refusal):  # gone, or not for the bot to see: for who sees all
            return everywhere.administrator
        if not channel.permissions_for(member).manage_messages:
            return False
        return await refusal_of_person(channel, member) is None

    @telling_outages
    async def may_read(self, server: str, person: str, place: str) -> bool:
        member = await self._member(server, person)
        if member is None:
            return False
        channel = await self._platform.channel(place, server)
        if isinstance(channel, Refusal):
            return member.guild_permissions.administrator
        return await refusal_of_person(channel, member) is None

    @telling_outages
    async def may_time_out(self, case: Case, person: str) -> bool:
        """Whether somebody may, by Moderate Members and by their place among the roles."""
        member = await self._member(case.server, person)
        return member is not None and await self._may_time_out(member, case)

    @telling_outages
    async def abilities(self, case: Case) -> Abilities:
        channel = await self._platform.channel(case.place, case.server)
        guild = await self._platform.guild(int(case.server))
        if isinstance(channel, Refusal) or guild is None:
            return Abilities()
        return Abilities(
            remove=channel.permissions_for(guild.me).manage_messages,
            time_out=await self._may_time_out(guild.me, case),
        )

    @telling_outages
    async def post(self, channel: str, card: CardView, server: str) -> str:
        return await self._posting.post(channel, card, server)

    @telling_outages
    async def update(self, channel: str, message: str, card: CardView, server: str) -> bool:
        return await self._posting.update(channel, message, card, server)

    @telling_outages
    async def take_away(self, channel: str, message: str, server: str) -> None:
        await self._posting.take_away(channel, message, server)

    @telling_outages
    async def tell(self, channel: str, text: str, server: str, nonce: str) -> None:
        await self._posting.tell(channel, text, server, nonce)

    @telling_outages
    async def remove(self, case: Case) -> None:
        channel = await self._platform.channel(case.place, case.server)
        if channel is Refusal.CHANNEL_GONE:
            return
        if isinstance(channel, Refusal):
            raise RefusedError
        try:
            await self._bot.http.delete_message(channel.id, int(case.subject), reason=REASON)
        except discord.NotFound:
            return
        except discord.Forbidden:
            raise RefusedError from None

    @telling_outages
    async def time_out(self, case: Case, until: datetime) -> None:
        """Also where somebody left meanwhile, it is refused: they may come back."""
        if case.author is None:
            raise RefusedError
        try:
            await self._bot.http.edit_member(
                int(case.server),
                int(case.author),
                reason=REASON,
                communication_disabled_until=until.isoformat(),
            )
        except (discord.Forbidden, discord.NotFound):
            raise RefusedError from None

    async def person(self, server: str, person: str) -> str:
        return f"<@{person}>" if _is_id(person) else "?"

    async def place(self, server: str, place: str) -> str:
        return f"<#{place}>" if _is_id(place) else "?"

    def link(self, permalink: str, label: str) -> str:
        return f"[{label}]({permalink})" if PERMALINK.fullmatch(permalink) else ""

    def moment(self, when: datetime) -> str:
        return f"<t:{int(when.timestamp())}:f>"

    def escaped(self, text: str, limit: int) -> str:
        return escaped(text, limit)

    async def _member(self, server: str, person: str) -> discord.Member | None:
        """Somebody as they are now; None where they aren't."""
        guild = await self._platform.guild(int(server))
        if guild is None or not _is_id(person):
            return None
        try:
            return await guild.fetch_member(int(person))
        except discord.NotFound:
            return None

    async def _may_time_out(self, member: discord.Member, case: Case) -> bool:
        """Whether a member may keep an author from writing: nobody can an administrator."""
        guild = member.guild
        if case.author is None or not member.guild_permissions.moderate_members:
            return False
        author = await self._member(case.server, case.author)
        if author is None or author.id in (guild.owner_id, member.id):
            return False
        if author.guild_permissions.administrator:
            return False
        return member.id == guild.owner_id or member.top_role > author.top_role


def readable_by_bot(channel: Readable) -> bool:
    """Whether the bot may read a channel or thread, as far as Discord has told it."""
    allowed = channel.permissions_for(channel.guild.me)
    return allowed.view_channel and allowed.read_message_history


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 20
