"""How what is to be said reaches who asked on Discord.

It goes into the interaction's deferred response while its token lives (15 minutes,
https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages); after
that it is a message to who asked, or to the channel. A message has a nonce, by which Discord knows
one that it was sent a moment ago; what is sent by a token can't have one.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import discord

from bot.discord.buttons import answer_view, show_view
from bot.discord.history import Readable
from bot.discord.rendering import embeds
from bot.platform import Answer, OnPosted, Refusal, UnreachableError
from bot.texts import texts_in
from precis.ask import Ask, AskRequest
from precis.normalisation.plain_text import shorten

TOKEN_LIVES = timedelta(minutes=15)
SPARE = timedelta(seconds=20)
"""Of a token's life that is not counted on: clocks differ, and an answer takes its time."""
MOST_CONTENT = 2_000
"""Characters of a message, https://discord.com/developers/docs/resources/message#create-message."""
NEARBY = 50
"""Messages after a command among which what answered it is looked for."""
NOBODY = discord.AllowedMentions.none()
GONE = frozenset({10015, 10008, 50027, 10062})
"""Codes of a webhook, message, token or interaction that is no more."""

FindChannel = Callable[[str, str | None], Awaitable[Readable | Refusal]]
"""A channel by its id and its server's."""


class Replies:
    """Says, answers and withdraws; see `bot.platform.ChatPlatform`."""

    def __init__(self, bot: discord.Client, channel: FindChannel) -> None:
        self._bot = bot
        self._channel = channel

    async def say(self, request: AskRequest, text: str, *, final: bool = False) -> None:
        text = shorten(text, MOST_CONTENT)
        if _in_time(request):
            try:
                await self._edit(request, content=text, embeds=[], view=None)
            except discord.HTTPException as error:
                if error.code not in GONE:
                    raise
            else:
                return
        if final:
            await self._say_late(request, text)
            await self._take_line_away(request)

    async def answer(self, ask: Ask, answer: Answer, posted: OnPosted) -> None:
        parts = embeds(answer, texts_in(answer.language))
        there = list(ask.posted)

        async def noted(message: str) -> None:
            there.append(message)
            await posted(message)

        if _in_time(ask.request):
            try:
                await self._answer_in_place(ask, answer, parts, there, noted)
            except discord.HTTPException as error:
                if error.code not in GONE:
                    raise
            else:
                return
        await self._answer_late(ask, answer, parts, len(there), noted)
        await self._take_line_away(ask.request, there)

    async def withdraw(self, request: AskRequest, text: str, *, posted: Sequence[str] = ()) -> None:
        text, alone = shorten(text, MOST_CONTENT), request.model_copy(update={"private": True})
        if request.private:
            await self.say(alone, text, final=True)
            return
        if _in_time(request):
            webhook = self._webhook(request)
            try:
                for each in (_original(), *(int(part) for part in posted)):
                    with suppress(discord.NotFound):  # it was tried before
                        await webhook.delete_message(each)
                await self._take_parts_away(request, posted)
                await webhook.send(text, ephemeral=True, allowed_mentions=NOBODY)
            except discord.HTTPException as error:
                if error.code not in GONE:
                    raise
            else:
                return
        await self._take_parts_away(request, posted)
        await self._say_late(alone, text)

    async def _answer_in_place(
        self,
        ask: Ask,
        answer: Answer,
        parts: Sequence[discord.Embed],
        there: Sequence[str],
        posted: OnPosted,
    ) -> None:
        """The first part takes the place of the deferred response; editing it twice does no harm.

        Further parts follow; the last one has the buttons. `there` are those that were posted.
        """
        view = answer_view(ask.id, texts_in(answer.language), private=answer.private)
        views = [None] * (len(parts) - 1) + [view]
        first = await self._edit(ask.request, content=None, embeds=[parts[0]], view=views[0])
        if not there:
            await posted(str(first.id))
        webhook = self._webhook(ask.request)
        for number in range(len(there), len(parts)):
            sent = await webhook.send(
                embed=parts[number],
                ephemeral=ask.request.private,
                wait=True,
                allowed_mentions=NOBODY,
                **_shown(views[number]),
            )
            await posted(str(sent.id))

    async def _answer_late(
        self,
        ask: Ask,
        answer: Answer,
        parts: Sequence[discord.Embed],
        number: int,
        posted: OnPosted,
    ) -> None:
        """As messages: to who asked, or in the channel, and to them if the bot can't write there.

        `number` is that of the first part that isn't posted.
        """
        request, texts = ask.request, texts_in(answer.language)
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

    async def _say_late(self, request: AskRequest, text: str) -> None:
        """A last word, as a message."""
        key = request.key or request.reply.get("token")
        nonce = f"{hashlib.sha256(key.encode()).hexdigest()[:20]}-f" if key else None
        try:
            await self._send(request, nonce=nonce, content=text)
        except discord.Forbidden:
            raise UnreachableError from None

    async def _take_line_away(self, request: AskRequest, posted: Sequence[str] = ()) -> None:
        """Delete the line that a public answer was to take the place of, unless it has.

        The token for it is dead; but it is a message of the bot's, known by whose command it
        answers.
        """
        if request.private or request.key is None:
            return
        place = await self._channel(request.place, request.server)
        if isinstance(place, Refusal):
            return
        asked = discord.Object(int(request.key))
        with suppress(discord.Forbidden, discord.NotFound):
            async for each in place.history(after=asked, limit=NEARBY, oldest_first=True):
                metadata = each.interaction_metadata
                if metadata and metadata.id == asked.id and str(each.id) not in posted:
                    await each.delete()

    async def _take_parts_away(self, request: AskRequest, posted: Sequence[str]) -> None:
        """Delete the line of a public answer, and all of it that was shown, noted or not."""
        await self._take_line_away(request)
        if not posted:
            return
        place = await self._channel(request.place, request.server)
        if isinstance(place, Refusal):
            return
        for each in posted:
            with suppress(discord.Forbidden, discord.NotFound):
                await place.get_partial_message(int(each)).delete()

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


def reply_of(interaction: discord.Interaction[Any]) -> tuple[dict[str, str], datetime]:
    """What it takes to answer an interaction later, and until when."""
    reply = {"application": str(interaction.application_id), "token": interaction.token}
    return reply, interaction.created_at + TOKEN_LIVES


def _in_time(request: AskRequest) -> bool:
    until = request.reply_until
    return bool(request.reply) and until is not None and datetime.now(UTC) < until - SPARE


def _shown(view: discord.ui.View | None) -> dict[str, Any]:
    """As the library takes it: no view is none given."""
    return {} if view is None else {"view": view}


def _original() -> int:
    return cast("int", "@original")  # the endpoint takes it in the place of an id
