"""Discord as the use cases see it (`bot.platform.ChatPlatform`).

What is there and who may read it, and its history; how it is answered is in `bot.discord.replies`.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import discord

from bot.discord.history import Listed, Readable, history
from bot.discord.outages import outages, telling_outages
from bot.discord.permissions import (
    refusal_of_bot,
    refusal_of_person,
    refusal_of_unseen,
    same_readers,
)
from bot.discord.replies import Replies
from bot.platform import Answer, Heard, OnPosted, Refusal, SourceInfo
from precis.ask import Ask, AskRequest
from precis.normalisation import clean_name

NAME = "discord"
FRESH = 5.0
"""Seconds that a member's roles count as current; commands bring them along."""
AVAILABLE = 10.0
"""Seconds in which a server becomes available, unless Discord has an outage."""
LOOK = 0.1  # seconds
MOST_REMEMBERED = 10_000
READABLE = (discord.TextChannel, discord.VoiceChannel, discord.StageChannel, discord.Thread)


class DiscordPlatform:
    """See `ChatPlatform`."""

    name = NAME

    def __init__(self, bot: discord.Client) -> None:
        self._bot = bot
        self._replies = Replies(bot, self.channel)
        self._members: dict[tuple[int, int], tuple[discord.Member, float]] = {}

    def met(self, member: discord.Member) -> None:
        """A command brought a member along, with their roles as they are."""
        if len(self._members) >= MOST_REMEMBERED:
            self._members.clear()
        self._members[member.guild.id, member.id] = (member, time.monotonic())

    async def source(self, request: AskRequest) -> SourceInfo | Refusal:
        channel = await self.anywhere(request.source, request.server)
        if isinstance(channel, Refusal):
            return channel
        parent = channel.parent_id if isinstance(channel, discord.Thread) else None
        above = (channel.category_id, parent)
        return SourceInfo(
            name=clean_name(channel.name),
            shown=f"<#{channel.id}>",
            within=(str(channel.id), *(str(each) for each in above if each)),
            parent=str(parent) if parent else None,
        )

    @telling_outages
    async def still_there(self, server: str, place: str | None = None) -> bool | None:
        if not self._knows(int(server)):  # an outage, or not yet connected
            return None
        guild = self._bot.get_guild(int(server))
        try:
            if guild is None:  # another process may serve it
                await self._bot.fetch_guild(int(server), with_counts=False)
                return True if place is None else None
            if place is None or guild.get_channel_or_thread(int(place)):
                return True
            await self._bot.fetch_channel(int(place))
        except discord.NotFound:
            return False
        except discord.Forbidden:  # a channel is there; of a server that isn't ours, nothing is
            return guild is not None
        return True

    @telling_outages
    async def refusal(self, request: AskRequest, *, again: bool = False) -> Refusal | None:
        channel = await self.channel(request.source, request.server)
        if isinstance(channel, Refusal):
            return channel
        # The bot first: of a channel that it can't see, it doesn't know who can.
        if refusal := await refusal_of_bot(channel):
            return refusal
        member = await self.member(channel.guild, int(request.person), again=again)
        if member is None:
            return Refusal.PERSON_CANNOT_VIEW
        return await refusal_of_person(channel, member)

    async def audience_fits(self, request: AskRequest) -> bool:
        source = await self.channel(request.source, request.server)
        place = await self.channel(request.place, request.server)
        if isinstance(source, Refusal) or isinstance(place, Refusal):
            return False
        return same_readers(source, place)

    async def history(self, request: AskRequest) -> AsyncIterator[Heard]:
        channel = await self.channel(request.source, request.server)
        if isinstance(channel, Refusal):
            return
        with outages():
            async for each in history(channel, request):
                yield each

    @telling_outages
    async def say(self, request: AskRequest, text: str, *, final: bool = False) -> None:
        await self._replies.say(request, text, final=final)

    @telling_outages
    async def answer(self, ask: Ask, answer: Answer, posted: OnPosted) -> None:
        await self._replies.answer(ask, answer, posted)

    @telling_outages
    async def withdraw(self, request: AskRequest, text: str, *, posted: Sequence[str] = ()) -> None:
        await self._replies.withdraw(request, text, posted=posted)

    async def channel(self, channel_id: str, server: str | None) -> Readable | Refusal:
        """A channel or thread with messages, of that server and of no other."""
        found = await self.anywhere(channel_id, server)
        return Refusal.CHANNEL_GONE if isinstance(found, discord.ForumChannel) else found

    @telling_outages
    async def anywhere(self, channel_id: str, server: str | None) -> Listed | Refusal:
        """The same, also a forum, which has threads alone."""
        if server is None:
            return Refusal.CHANNEL_GONE
        guild = await self.guild(int(server))
        channel: Any = guild.get_channel_or_thread(int(channel_id)) if guild else None
        if channel is None:
            try:
                channel = await self._bot.fetch_channel(int(channel_id))
            except discord.NotFound:
                return Refusal.CHANNEL_GONE
            except discord.Forbidden:
                return refusal_of_unseen(guild)
        if (
            not isinstance(channel, (*READABLE, discord.ForumChannel))
            or str(channel.guild.id) != server
        ):
            return Refusal.CHANNEL_GONE
        return channel

    async def guild(self, server: int) -> discord.Guild | None:
        """A server, with what is in it: after a new connection that comes bit by bit."""
        async with asyncio.timeout(AVAILABLE):
            while not self._knows(server):  # noqa: ASYNC110 - the library tells of it late
                await asyncio.sleep(LOOK)
        return self._bot.get_guild(server)

    def _knows(self, server: int) -> bool:
        """Whether all is known of a server that will be; of another's, that is nothing."""
        guild = self._bot.get_guild(server)
        return self._bot.is_ready() if guild is None else not guild.unavailable

    async def member(
        self, guild: discord.Guild, person: int, *, again: bool = False
    ) -> discord.Member | None:
        """Somebody on a server, with their roles; `again`: whatever was known of them before."""
        member, when = self._members.get((guild.id, person), (None, 0.0))
        if member is not None and not again and time.monotonic() - when < FRESH:
            return member
        try:
            return await guild.fetch_member(person)
        except discord.NotFound:
            return None
