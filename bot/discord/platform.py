"""Discord as the use cases see it (`bot.platform.ChatPlatform`).

An answer goes into the interaction's deferred response while its token lives (15 minutes,
https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages); after
that it is a message to who asked, or to the channel.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import discord

from bot.discord.buttons import answer_view, show_view
from bot.discord.history import Readable, history
from bot.discord.outages import outages, telling_outages
from bot.discord.permissions import refusal_of_bot, refusal_of_person, same_readers
from bot.discord.rendering import embeds
from bot.platform import Answer, Heard, OnPosted, Refusal, SourceInfo, UnreachableError
from bot.texts import texts_in
from precis.ask import Ask, AskRequest
from precis.normalisation import clean_name
from precis.normalisation.plain_text import shorten

NAME = "discord"
TOKEN_LIVES = timedelta(minutes=15)
SPARE = timedelta(seconds=20)
"""Of a token's life that is not counted on: clocks differ, and an answer takes its time."""
FRESH = 5.0
"""Seconds that a member's roles count as current; commands bring them along."""
AVAILABLE = 10.0
"""Seconds in which a server becomes available, unless Discord has an outage."""
LOOK = 0.1  # seconds
MOST_REMEMBERED = 10_000
MOST_CONTENT = 2_000
"""Characters of a message, https://discord.com/developers/docs/resources/message#create-message."""
NOBODY = discord.AllowedMentions.none()
READABLE = (discord.TextChannel, discord.VoiceChannel, discord.StageChannel, discord.Thread)
GONE = frozenset({10015, 10008, 50027, 10062})
"""Codes of a webhook, message, token or interaction that is no more."""


class DiscordPlatform:
    """See `ChatPlatform`."""

    name = NAME

    def __init__(self, bot: discord.Client) -> None:
        self._bot = bot
        self._members: dict[tuple[int, int], tuple[discord.Member, float]] = {}

    def met(self, member: discord.Member) -> None:
        """A command brought a member along, with their roles as they are."""
        if len(self._members) >= MOST_REMEMBERED:
            self._members.clear()
        self._members[member.guild.id, member.id] = (member, time.monotonic())

    async def source(self, request: AskRequest) -> SourceInfo | Refusal:
        channel = await self._channel(request.source, request.server)
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
        channel = await self._channel(request.source, request.server)
        if isinstance(channel, Refusal):
            return channel
        # The bot first: of a channel that it can't see, it doesn't know who can.
        if refusal := await refusal_of_bot(channel):
            return refusal
        member = await self._member(channel.guild, int(request.person), again=again)
        if member is None:
            return Refusal.PERSON_CANNOT_VIEW
        return await refusal_of_person(channel, member)

    async def audience_fits(self, request: AskRequest) -> bool:
        source = await self._channel(request.source, request.server)
        place = await self._channel(request.place, request.server)
        if isinstance(source, Refusal) or isinstance(place, Refusal):
            return False
        return same_readers(source, place)

    async def history(self, request: AskRequest) -> AsyncIterator[Heard]:
        channel = await self._channel(request.source, request.server)
        if isinstance(channel, Refusal):
            return
        with outages():
            async for each in history(channel, request):
                yield each

    @telling_outages
    async def say(self, request: AskRequest, text: str, *, final: bool = False) -> None:
        text = shorten(text, MOST_CONTENT)
        if self._in_time(request):
            try:
                await self._edit(request, content=text, embeds=[], view=None)
            except discord.HTTPException as error:
                if error.code not in GONE:
                    raise
            else:
                return
        if final:
            try:
                await self._send(request, content=text)
            except discord.Forbidden:
                raise UnreachableError from None

    @telling_outages
    async def answer(self, ask: Ask, answer: Answer, posted: OnPosted) -> None:
        parts = embeds(answer, texts_in(answer.language))
        if self._in_time(ask.request):
            try:
                await self._answer_in_place(ask, answer, parts, posted)
            except discord.HTTPException as error:
                if error.code not in GONE:
                    raise
            else:
                return
        await self._answer_late(ask, answer, parts, posted)

    @telling_outages
    async def withdraw(self, request: AskRequest, text: str) -> None:
        alone = request.model_copy(update={"private": True})
        if request.private or not self._in_time(request):
            await self.say(alone, text, final=True)
            return
        webhook = self._webhook(request)
        try:
            with suppress(discord.NotFound):  # it was tried before
                await webhook.delete_message(_original())
            await webhook.send(text, ephemeral=True, allowed_mentions=NOBODY)
        except discord.HTTPException as error:
            if error.code not in GONE:
                raise
            await self.say(alone.model_copy(update={"reply": {}}), text, final=True)

    async def _answer_in_place(
        self, ask: Ask, answer: Answer, parts: Sequence[discord.Embed], posted: OnPosted
    ) -> None:
        """The first part takes the place of the deferred response; editing it twice does no harm.

        Further parts follow; the last one has the buttons.
        """
        view = answer_view(ask.id, texts_in(answer.language), private=answer.private)
        views = [None] * (len(parts) - 1) + [view]
        first = await self._edit(ask.request, content=None, embeds=[parts[0]], view=views[0])
        if not ask.posted:
            await posted(str(first.id))
        webhook = self._webhook(ask.request)
        for number in range(max(1, len(ask.posted)), len(parts)):
            sent = await webhook.send(
                embed=parts[number],
                ephemeral=ask.request.private,
                wait=True,
                allowed_mentions=NOBODY,
                **_shown(views[number]),
            )
            await posted(str(sent.id))

    async def _answer_late(
        self, ask: Ask, answer: Answer, parts: Sequence[discord.Embed], posted: OnPosted
    ) -> None:
        """As messages: to who asked, or in the channel, and to them if the bot can't write there.

        Each has a nonce, by which Discord knows one that it was sent a moment ago.
        """
        request, texts = ask.request, texts_in(answer.language)
        number = len(ask.posted)
        while number < len(parts):
            # In direct messages there is nobody to share it with.
            view = answer_view(ask.id, texts, private=request.private, shared=request.private)
            last = number == len(parts) - 1
            try:
                sent = await self._send(
                    request,
                    nonce=f"{ask.id[:20]}-{number}",
                    embed=parts[number],
                    **_shown(view if last else None),
                )
            except discord.Forbidden:
                if ask.request.private:
                    await self._announce(ask, answer, posted)
                    return
                if request.private:
                    raise UnreachableError from None
                request = request.model_copy(update={"private": True})
                continue
            await posted(str(sent.id))
            number += 1

    async def _announce(self, ask: Ask, answer: Answer, posted: OnPosted) -> None:
        """Who asked takes no messages: say in the channel that an answer waits, not what it is."""
        texts = texts_in(answer.language)
        place = await self._channel(ask.request.place, ask.request.server)
        if isinstance(place, Refusal):
            raise UnreachableError
        try:
            sent = await place.send(
                texts.late_notice.format(place=f"<#{ask.request.source}>"),
                view=show_view(ask.id, texts),
                nonce=f"{ask.id[:20]}-s",
                allowed_mentions=NOBODY,
            )
        except discord.Forbidden:
            raise UnreachableError from None
        await posted(str(sent.id))

    async def _send(self, request: AskRequest, **content: Any) -> discord.Message:
        content["allowed_mentions"] = NOBODY
        if request.private:
            user = await self._bot.fetch_user(int(request.person))
            return await user.send(**content)
        place = await self._channel(request.place, request.server)
        if isinstance(place, Refusal):
            raise UnreachableError
        return await place.send(**content)

    async def _edit(self, request: AskRequest, **content: Any) -> discord.WebhookMessage:
        return await self._webhook(request).edit_message(
            _original(), allowed_mentions=NOBODY, **content
        )

    def _webhook(self, request: AskRequest) -> discord.Webhook:
        """An interaction's token makes a webhook of it, also for a bot that was restarted since."""
        # As the library makes one of an interaction; others may send nothing to one person alone.
        reply: Any = {
            "id": request.reply["application"],
            "token": request.reply["token"],
            "type": discord.WebhookType.application.value,
        }
        return discord.Webhook.from_state(reply, state=self._bot._connection)

    @staticmethod
    def _in_time(request: AskRequest) -> bool:
        until = request.reply_until
        return bool(request.reply) and until is not None and datetime.now(UTC) < until - SPARE

    @telling_outages
    async def _channel(self, channel_id: str, server: str | None) -> Readable | Refusal:
        """A channel or thread of that server, and of no other."""
        if server is None:
            return Refusal.CHANNEL_GONE
        guild = await self._guild(int(server))
        channel: Any = guild.get_channel_or_thread(int(channel_id)) if guild else None
        if channel is None:
            try:
                channel = await self._bot.fetch_channel(int(channel_id))
            except discord.NotFound:
                return Refusal.CHANNEL_GONE
            except discord.Forbidden:
                return Refusal.BOT_CANNOT_VIEW
        if not isinstance(channel, READABLE) or str(channel.guild.id) != server:
            return Refusal.CHANNEL_GONE
        return channel

    async def _guild(self, server: int) -> discord.Guild | None:
        """A server, with what is in it: after a new connection that comes bit by bit."""
        async with asyncio.timeout(AVAILABLE):
            while not self._knows(server):  # noqa: ASYNC110 - the library tells of it late
                await asyncio.sleep(LOOK)
        return self._bot.get_guild(server)

    def _knows(self, server: int) -> bool:
        """Whether all is known of a server that will be; of another's, that is nothing."""
        guild = self._bot.get_guild(server)
        return self._bot.is_ready() if guild is None else not guild.unavailable

    async def _member(
        self, guild: discord.Guild, person: int, *, again: bool
    ) -> discord.Member | None:
        member, when = self._members.get((guild.id, person), (None, 0.0))
        if member is not None and not again and time.monotonic() - when < FRESH:
            return member
        try:
            return await guild.fetch_member(person)
        except discord.NotFound:
            return None


def reply_of(interaction: discord.Interaction[Any]) -> tuple[dict[str, str], datetime]:
    """What it takes to answer an interaction later, and until when."""
    reply = {"application": str(interaction.application_id), "token": interaction.token}
    return reply, interaction.created_at + TOKEN_LIVES


def _shown(view: discord.ui.View | None) -> dict[str, Any]:
    """As the library takes it: no view is none given."""
    return {} if view is None else {"view": view}


def _original() -> int:
    return cast("int", "@original")  # the endpoint takes it in the place of an id
