"""Discord as digests see it (`bot.digests.poster.Poster`).

What there is to read and who may; how digests are posted is in `bot.discord.digest_posting`.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import discord

from bot.digests.poster import OnPosted
from bot.digests.view import DigestView
from bot.discord.audiences import everybody_reads
from bot.discord.digest_places import places_of
from bot.discord.digest_posting import DigestPosting
from bot.discord.history import Listed, heard
from bot.discord.outages import telling_outages
from bot.discord.permissions import refusal_of_bot, refusal_of_person
from bot.discord.platform import DiscordPlatform
from bot.platform import Refusal
from precis.ask import AskRequest, Place
from precis.conversation import Message
from precis.digest import Target

if TYPE_CHECKING:
    from bot.discord.bot import PrecisBot


class DiscordPoster:
    """See `Poster`."""

    def __init__(self, bot: "PrecisBot", platform: DiscordPlatform) -> None:
        self._bot = bot
        self._platform = platform
        self._posting = DigestPosting(bot, platform)

    @telling_outages
    async def places(self, server: str, channel: str, since: datetime) -> Sequence[Place]:
        found = await self._platform.anywhere(channel, server)
        if isinstance(found, Refusal) or await refusal_of_bot(found):
            return ()
        try:
            return await places_of(found, since)
        except (discord.Forbidden, discord.NotFound):  # just now
            return ()

    @telling_outages
    async def as_now(self, request: AskRequest, message: Message) -> Message | None:
        found = await self._platform.anywhere(request.source, request.server)
        if isinstance(found, Refusal | discord.ForumChannel):
            return None
        # What a thread began from is in its channel, but in a forum.
        if isinstance(found, discord.Thread) and message.id == str(found.id):
            found = found.parent if isinstance(found.parent, discord.TextChannel) else found
        try:
            return heard(await found.fetch_message(int(message.id))).message
        except (discord.Forbidden, discord.NotFound):
            return None

    @telling_outages
    async def bot_refusal(self, server: str, place: str) -> Refusal | None:
        found = await self._platform.anywhere(place, server)
        return found if isinstance(found, Refusal) else await refusal_of_bot(found)

    @telling_outages
    async def reader_refusal(self, server: str, place: str, person: str) -> Refusal | None:
        found = await self._platform.anywhere(place, server)
        if isinstance(found, Refusal):
            return found
        if refusal := await refusal_of_bot(found):
            return refusal
        member = await self._platform.member(found.guild, int(person), again=True)
        if member is None:
            return Refusal.PERSON_CANNOT_VIEW
        return await refusal_of_person(found, member)

    @telling_outages
    async def may_ask(self, server: str, person: str, roles: Collection[str]) -> bool:
        guild = await self._platform.guild(int(server))
        member = await self._platform.member(guild, int(person), again=True) if guild else None
        if member is None:
            return False
        has = {str(role.id) for role in member.roles}
        return member.guild_permissions.manage_guild or not has.isdisjoint(roles)

    @telling_outages
    async def all_may_read(self, server: str, source: str, target: str) -> bool:
        """As for public answers, threads are as their channels; private ones are never read."""
        read = await self._platform.anywhere(source, server)
        written = await self._platform.anywhere(target, server)
        if isinstance(read, Refusal) or isinstance(written, Refusal):
            return False
        if read.type is discord.ChannelType.private_thread:
            return False
        here, there = _base(read), _base(written)
        if here is None or there is None:
            return False
        # Of a channel that the bot can't see, Discord doesn't say who can.
        if not all(each.permissions_for(each.guild.me).view_channel for each in (here, there)):
            return False
        return everybody_reads(here, there)

    @telling_outages
    async def may_write(self, server: str, target: Target) -> bool:
        if target.kind == "person":
            return True
        found = await self._platform.channel(target.id, server)
        if isinstance(found, Refusal):
            return False
        may = found.permissions_for(found.guild.me)
        in_thread = isinstance(found, discord.Thread)
        writes = may.send_messages_in_threads if in_thread else may.send_messages
        joins = may.connect or not isinstance(found, discord.VoiceChannel | discord.StageChannel)
        return may.view_channel and writes and may.embed_links and joins

    @telling_outages
    async def post(
        self,
        server: str,
        target: Target,
        view: DigestView,
        posted: Sequence[str],
        on_posted: OnPosted,
    ) -> None:
        texts = await self._bot.context.texts_soon(server)
        label = texts.digests.mine
        await self._posting.post(server, target, view, posted, on_posted, label=label)

    @telling_outages
    async def tell(self, server: str, person: str, text: str, key: str) -> None:
        await self._posting.tell(person, text, key)

    async def place(self, server: str, place: str) -> str:
        return f"<#{place}>" if place.isascii() and place.isdecimal() else "?"


def _base(channel: Listed) -> discord.abc.GuildChannel | None:
    return channel.parent if isinstance(channel, discord.Thread) else channel
