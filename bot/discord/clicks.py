"""What clicks on an answer's buttons do. A click is acknowledged first, and trusted in nothing."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import discord

from bot.context import Context
from bot.delivering import Delivering, answer_of
from bot.discord.buttons import answer_view
from bot.discord.failures import failed
from bot.discord.platform import NOBODY, READABLE, DiscordPlatform
from bot.discord.rendering import embeds
from bot.platform import Answer
from bot.refusals import refused
from bot.texts import ENGLISH, Texts
from precis.ask import Ask, AskRequest
from precis.errors import PrecisError, PurgedError, StoreError

logger = logging.getLogger(__name__)

Click = discord.Interaction[Any]


class Clicks:
    """The use case behind each button."""

    def __init__(self, context: Context, platform: DiscordPlatform, delivering: Delivering) -> None:
        self._context = context
        self._platform = platform
        self._delivering = delivering

    async def act(self, click: Click, action: str, ask_id: str) -> None:
        """Do what a button says for whoever clicked, if they may; else say why not."""
        texts = ENGLISH
        try:
            await click.response.defer()  # acknowledged, and the message stays as it is
            if isinstance(click.user, discord.Member):
                self._platform.met(click.user)
            texts = await self._context.texts(str(click.guild_id) if click.guild_id else None)
            said = await self._acted(click, action, ask_id, texts)
        except StoreError as error:
            logger.warning("a click waits for the store: %s", error)
            said = texts.store_down
        except PrecisError as error:
            said = texts.failed.format(reason=error)
        except Exception as error:  # noqa: BLE001 - nobody is left without a word
            await failed(click, error)
            return
        if said:
            await click.followup.send(said, ephemeral=True, allowed_mentions=NOBODY)

    async def _acted(self, click: Click, action: str, ask_id: str, texts: Texts) -> str | None:
        """What to tell whoever clicked."""
        ask = await self._context.blocking(self._context.chat.ask, ask_id)
        if action == "delete":
            return await self._delete(click, ask, texts)
        if ask is None or ask.job_id is None:
            return texts.gone
        if action in ("good", "bad"):
            return await self._judge(click, ask, ask.job_id, texts, good=action == "good")
        if str(click.user.id) != ask.request.person:
            return texts.not_yours
        if action == "share":
            return await self._share(click, ask, texts)
        return await self._show(click, ask, texts)

    async def _judge(self, click: Click, ask: Ask, job_id: str, texts: Texts, *, good: bool) -> str:
        reader = ask.request.model_copy(update={"person": str(click.user.id)})
        if refusal := await self._platform.refusal(reader):
            return refused(refusal, texts, f"<#{ask.request.source}>")
        context = self._context
        await context.blocking(
            context.chat.judge, job_id, self._platform.name, reader.person, good=good
        )
        return texts.thanks

    async def _delete(self, click: Click, ask: Ask | None, texts: Texts) -> str | None:
        clicked = str(click.message.id) if click.message else ""
        posted = ask.posted if ask and clicked in ask.posted else ()
        asked = posted and ask and ask.request.person == str(click.user.id)
        if not asked and not click.permissions.manage_messages:
            return texts.cannot_delete
        await click.delete_original_response()
        # An answer of several messages goes whole.
        await self._remove(click, [each for each in posted if each != clicked])
        return None

    async def _remove(self, click: Click, messages: Sequence[str]) -> None:
        place = click.channel
        if not isinstance(place, READABLE):
            return
        for each in messages:
            # What was posted elsewhere, or was seen by one person alone, isn't there.
            with suppress(discord.NotFound, discord.Forbidden):
                await place.get_partial_message(int(each)).delete()

    async def _show(self, click: Click, ask: Ask, texts: Texts) -> str | None:
        """An answer that could not be sent to who asked, for them alone."""
        answer = await self._answer(ask, ask.request, texts)
        if isinstance(answer, str):
            return answer
        await _send(click, answer, texts, private=True)
        return None

    async def _share(self, click: Click, ask: Ask, texts: Texts) -> str | None:
        """A private answer, once, for all who read the channel where it is."""
        context = self._context
        if not ask.request.private:
            return texts.not_yours
        public = ask.request.model_copy(update={"place": str(click.channel_id), "private": False})
        answer = await self._answer(ask, public, texts)
        if isinstance(answer, str):
            return answer
        if not await context.blocking(context.chat.share, ask.id):
            return texts.shared_before
        try:
            note = texts.shared_by.format(person=f"<@{click.user.id}>")
            posted = await _send(click, answer, texts, private=False, note=note)
        except Exception:
            await context.blocking(context.chat.unshare, ask.id)
            raise
        await context.blocking(context.chat.add_posted, ask.id, posted)
        view = answer_view(ask.id, texts, private=True, shared=True)
        await click.edit_original_response(view=view)
        return None

    async def _answer(self, ask: Ask, shown: AskRequest, texts: Texts) -> Answer | str:
        """The summary, or why it may not be shown as `shown` says."""
        assert ask.job_id is not None, "checked"  # noqa: S101 - for the type checker
        if refusal := await self._delivering.refusal(shown, texts):
            return refusal
        try:
            asked = ask.model_copy(update={"request": shown})
            return await answer_of(self._context, asked, ask.job_id, texts)
        except PurgedError:
            return texts.gone


async def _send(
    click: Click, answer: Answer, texts: Texts, *, private: bool, note: str | None = None
) -> list[str]:
    """The whole answer, as messages of its own; returns their ids."""
    posted = []
    parts = embeds(answer, texts)
    for number, part in enumerate(parts):
        content: dict[str, Any] = {"content": note} if note and number == 0 else {}
        if number == len(parts) - 1:
            content["view"] = answer_view(answer.ask_id, texts, private=private, shared=private)
        sent = await click.followup.send(
            embed=part, ephemeral=private, allowed_mentions=NOBODY, wait=True, **content
        )
        posted.append(str(sent.id))
    return posted
