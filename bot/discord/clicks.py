"""What clicks on an answer's buttons do on Discord: acknowledge, ask `bot.clicking`, show."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import discord

from bot.clicking import Clicking
from bot.context import Context
from bot.discord.buttons import answer_view
from bot.discord.failures import UNHEARD, failed, tell
from bot.discord.outages import outages
from bot.discord.platform import READABLE, DiscordPlatform
from bot.discord.rendering import embeds
from bot.discord.replies import NOBODY
from bot.moderation.desk import Who
from bot.moderation.moderating import Moderation
from bot.platform import Answer, PlatformDownError
from bot.refusals import told
from bot.texts import Texts
from precis.errors import PrecisError
from precis.places import where

logger = logging.getLogger(__name__)

Click = discord.Interaction[Any]
NEARBY = 50
"""Messages before the last part of an answer among which its other parts are looked for."""


class Clicks:
    """Each button's click, from its acknowledgement to the last word."""

    def __init__(
        self,
        context: Context,
        platform: DiscordPlatform,
        clicking: Clicking,
        moderation: Moderation,
    ) -> None:
        self._context = context
        self._platform = platform
        self._clicking = clicking
        self._moderation = moderation

    async def act(self, click: Click, action: str, ask_id: str) -> None:
        """Do what a button says for whoever clicked, if they may; else say why not."""
        texts = self._context.last_texts(_server(click))
        try:
            with outages():
                await click.response.defer()  # acknowledged, and the message stays as it is
                if isinstance(click.user, discord.Member):
                    self._platform.met(click.user)
                texts = await self._context.texts(_server(click))
                said = await self._acted(click, action, ask_id, texts)
        except (PrecisError, PlatformDownError) as error:
            logger.warning("a click fails: %s", str(error) or where(error))
            said = told(error, texts)
        except Exception as error:  # noqa: BLE001 - nobody is left without a word
            await failed(click, error)
            return
        if said:
            await tell(click, said)

    async def _acted(self, click: Click, action: str, ask_id: str, texts: Texts) -> str | None:
        """What to tell whoever clicked."""
        clicking, person, server = self._clicking, str(click.user.id), _server(click)
        if action == "delete":
            return await self._delete(click, ask_id, texts)
        if action == "share":
            return await self._share(click, ask_id)
        if action == "report":
            return await self._report(server, person, ask_id, texts)
        if action == "show":
            post = partial(_send, click, private=True)
            return await clicking.show(ask_id, person, post, server=server)
        return await clicking.judge(ask_id, person, good=action == "good", server=server)

    async def _report(self, server: str | None, person: str, ask_id: str, texts: Texts) -> str:
        """To the moderators of the server that it is of, also from direct messages."""
        if server is None:
            ask = await self._context.blocking(self._context.chat.ask, ask_id)
            server = ask.request.server if ask else None
        if server is None:
            return texts.gone
        return await self._moderation.report_summary(Who(server, person), ask_id)

    async def _delete(self, click: Click, ask_id: str, texts: Texts) -> str | None:
        clicked = str(click.message.id) if click.message else ""
        messages = await self._clicking.may_delete(
            ask_id,
            clicked,
            str(click.user.id),
            moderator=click.permissions.manage_messages,
            asked=_asked(click),
        )
        if messages is None:
            return texts.cannot_delete
        others = [each for each in messages if each != clicked] or await _other_parts(click)
        await click.delete_original_response()
        await _remove(click, others)
        return None

    async def _share(self, click: Click, ask_id: str) -> str | None:
        said = await self._clicking.share(
            ask_id,
            str(click.user.id),
            str(click.channel_id),
            partial(_send, click, private=False),
            take_back=partial(_remove, click),
            server=_server(click),
        )
        if said is None:
            await self._no_more_sharing(click, ask_id)
        return said

    async def _no_more_sharing(self, click: Click, ask_id: str) -> None:
        """The answer loses its button to share it; one that stays says that it is shared."""
        texts = await self._context.texts(_server(click))
        view = answer_view(ask_id, texts, private=True, shared=True)
        with suppress(*UNHEARD):
            await click.edit_original_response(view=view)


def _server(click: Click) -> str | None:
    return str(click.guild_id) if click.guild_id else None


def _asked(click: Click) -> bool:
    """Whether Discord knows that the message came of what they themselves did.

    Whoever has deleted all that is stored of them is known by nothing else.
    """
    metadata = click.message.interaction_metadata if click.message else None
    return metadata is not None and metadata.user.id == click.user.id


async def _other_parts(click: Click) -> list[str]:
    """The other messages of an answer that the store doesn't know, as Discord tells them."""
    message, place = click.message, click.channel
    metadata = message.interaction_metadata if message else None
    if message is None or metadata is None or not isinstance(place, READABLE):
        return []
    parts = []
    with suppress(discord.Forbidden):
        async for each in place.history(limit=NEARBY, before=message, oldest_first=False):
            theirs = each.interaction_metadata
            if theirs and theirs.id == metadata.id and each.author.id == message.author.id:
                parts.append(str(each.id))
    return parts


async def _remove(click: Click, messages: Sequence[str]) -> None:
    place = click.channel
    if not isinstance(place, READABLE):
        return
    for each in messages:
        # What was posted elsewhere, or was seen by one person alone, isn't there.
        with suppress(discord.NotFound, discord.Forbidden):
            await place.get_partial_message(int(each)).delete()


async def _send(click: Click, answer: Answer, texts: Texts, *, private: bool) -> list[str]:
    """The whole answer, as messages of its own; returns their ids. In part, it is removed."""
    posted: list[str] = []
    parts = embeds(answer, texts)
    try:
        for number, part in enumerate(parts):
            content: dict[str, Any] = {}
            if number == 0 and not private:
                content["content"] = texts.shared_by.format(person=f"<@{click.user.id}>")
            if number == len(parts) - 1:
                view = answer_view(answer.ask_id, texts, private=private, shared=private)
                content["view"] = view
            sent = await click.followup.send(
                embed=part, ephemeral=private, allowed_mentions=NOBODY, wait=True, **content
            )
            posted.append(str(sent.id))
    finally:
        if len(posted) < len(parts) and not private:
            await _remove(click, posted)
    return posted
