"""What clicks on an answer's buttons do. A click is acknowledged first, and trusted in nothing."""

import logging
from typing import Any

import discord

from bot.context import Context
from bot.delivering import answer_of
from bot.discord.buttons import answer_view
from bot.discord.platform import DiscordPlatform
from bot.discord.rendering import embeds
from bot.platform import Answer
from bot.texts import Texts, texts_in
from precis.ask import Ask, AskRequest
from precis.errors import StoreError

logger = logging.getLogger(__name__)
NOBODY = discord.AllowedMentions.none()


class Clicks:
    """The use case behind each button."""

    def __init__(self, context: Context, platform: DiscordPlatform) -> None:
        self._context = context
        self._platform = platform

    async def act(self, click: discord.Interaction[Any], action: str, ask_id: str) -> None:
        """Do what a button says for whoever clicked, if they may; else say why not."""
        await click.response.defer()  # acknowledged, and the message stays as it is
        if isinstance(click.user, discord.Member):
            self._platform.met(click.user)
        texts = texts_in("en")
        try:
            server = str(click.guild_id) if click.guild_id else None
            texts = texts_in((await self._context.server_settings(server)).language)
            said = await self._acted(click, action, ask_id, texts)
        except StoreError as error:
            logger.warning("a click waits for the store: %s", error)
            said = texts.store_down
        if said:
            await click.followup.send(said, ephemeral=True, allowed_mentions=NOBODY)

    async def _acted(
        self, click: discord.Interaction[Any], action: str, ask_id: str, texts: Texts
    ) -> str | None:
        """What to tell whoever clicked."""
        ask = await self._context.blocking(self._context.chat.ask, ask_id)
        if action == "delete":
            return await self._delete(click, ask, texts)
        if ask is None or ask.job_id is None:
            return texts.gone
        if await self._platform.refusal(_asked_by(click, ask)):
            return texts.lost_access.format(place=f"<#{ask.request.source}>")
        if action in ("good", "bad"):
            return await self._judge(click, ask.job_id, texts, good=action == "good")
        if str(click.user.id) != ask.request.person:
            return texts.not_yours
        return await self._open(click, action, ask, texts)

    async def _judge(
        self, click: discord.Interaction[Any], job_id: str, texts: Texts, *, good: bool
    ) -> str:
        context = self._context
        await context.blocking(
            context.chat.judge, job_id, self._platform.name, str(click.user.id), good=good
        )
        return texts.thanks

    async def _open(
        self, click: discord.Interaction[Any], action: str, ask: Ask, texts: Texts
    ) -> str | None:
        answer = await self._answer(ask, texts)
        if isinstance(answer, str):
            return answer
        if action == "share":
            return await self._share(click, ask, answer, texts)
        await _send(click, answer, texts, private=True)
        return None

    async def _delete(
        self, click: discord.Interaction[Any], ask: Ask | None, texts: Texts
    ) -> str | None:
        asked = ask is not None and ask.request.person == str(click.user.id)
        if not asked and not click.permissions.manage_messages:
            return texts.cannot_delete
        await click.delete_original_response()
        return None

    async def _answer(self, ask: Ask, texts: Texts) -> Answer | str:
        assert ask.job_id is not None, "checked"  # noqa: S101 - for the type checker
        try:
            return await answer_of(self._context, ask, ask.job_id, texts)
        except StoreError:
            return texts.gone

    async def _share(
        self, click: discord.Interaction[Any], ask: Ask, answer: Answer, texts: Texts
    ) -> str | None:
        place = str(click.channel_id)
        public = ask.request.model_copy(update={"place": place, "private": False})
        if not await self._platform.audience_fits(public):
            return texts.cannot_share.format(place=f"<#{ask.request.source}>")
        view = answer_view(ask.id, texts, private=True, shared=True)
        await click.edit_original_response(view=view)  # first: a second click shares nothing more
        note = texts.shared_by.format(person=f"<@{click.user.id}>")
        await _send(click, answer, texts, private=False, note=note)
        return None


async def _send(
    click: discord.Interaction[Any],
    answer: Answer,
    texts: Texts,
    *,
    private: bool,
    note: str | None = None,
) -> None:
    """The whole answer, as messages of its own."""
    parts = embeds(answer, texts)
    for number, part in enumerate(parts):
        content: dict[str, Any] = {"content": note} if note and number == 0 else {}
        if part is parts[-1]:
            content["view"] = answer_view(answer.ask_id, texts, private=private, shared=private)
        await click.followup.send(embed=part, ephemeral=private, allowed_mentions=NOBODY, **content)


def _asked_by(click: discord.Interaction[Any], ask: Ask) -> AskRequest:
    return ask.request.model_copy(update={"person": str(click.user.id)})
