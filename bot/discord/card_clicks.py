"""What clicks on moderators' cards do on Discord: acknowledge, ask `bot.moderation`, show.

Also from the list of `/precis review`, where a card is shown to one moderator alone.
"""

import asyncio
import logging
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, TypeVar

import discord

from bot.context import SOON, Context
from bot.discord.card_forms import TextForm, TimeOutForm
from bot.discord.card_rendering import card_components, card_embed, shown_embeds
from bot.discord.failures import UNHEARD, failed, tell
from bot.discord.outages import outages
from bot.discord.replies import NOBODY
from bot.moderation.deciding import NOTHING, Given, RefusedError
from bot.moderation.desk import Action, CardView, Shown, Who
from bot.moderation.moderating import Moderation
from bot.platform import PlatformDownError
from bot.refusals import told
from bot.texts import Texts
from precis.errors import PrecisError, StoreError
from precis.places import where

logger = logging.getLogger(__name__)

Click = discord.Interaction[Any]
Made = TypeVar("Made")
WITH_FORM = (Action.NOTE, Action.EDIT, Action.TIME_OUT)


class CardClicks:
    """Each click on a card, from its acknowledgement to the last word."""

    def __init__(self, context: Context, moderation: Moderation) -> None:
        self._context = context
        self._moderation = moderation

    async def act(self, click: Click, action: Action, card_id: str, seen: int) -> None:
        """Do what a button says for whoever clicked, if they may; else say why not."""
        if click.guild_id is None:  # no card is shown there
            await tell(click, self._texts(click).moderation.elsewhere)
        elif action in WITH_FORM:
            await self._open_form(click, action, card_id, seen)
        elif await acknowledged(click, thinking=action is Action.SHOW):
            await self._done(click, action, card_id, seen, NOTHING)

    async def submitted(
        self, click: Click, action: Action, card_id: str, seen: int, given: Given
    ) -> None:
        """A form was sent."""
        if await acknowledged(click):
            await self._done(click, action, card_id, seen, given)

    async def _open_form(self, click: Click, action: Action, card_id: str, seen: int) -> None:
        """A form can't follow an acknowledgement: it is one, and is to open soon."""
        texts = self._texts(click)
        try:
            async with asyncio.timeout(SOON):
                form = await self._form(click, action, card_id, seen)
            with outages():
                await click.response.send_modal(form)
        except RefusedError as error:
            await tell(click, str(error))
        except TimeoutError:
            await tell(click, texts.store_down)
        except (StoreError, PlatformDownError) as error:
            await tell(click, told(error, texts))
        except Exception as error:  # noqa: BLE001 - nobody is left without a word
            await failed(click, error)

    async def _form(
        self, click: Click, action: Action, card_id: str, seen: int
    ) -> discord.ui.Modal:
        who = who_clicked(click)
        texts = await self._context.texts(who.server)
        if action is Action.EDIT:
            text = await self._moderation.editable(who, card_id, seen)
            return TextForm(self, action, card_id, seen, texts, text=text)
        await self._moderation.check(who, card_id, seen)
        if action is Action.TIME_OUT:
            return TimeOutForm(self, card_id, seen, texts)
        return TextForm(self, action, card_id, seen, texts)

    async def _done(
        self, click: Click, action: Action, card_id: str, seen: int, given: Given
    ) -> None:
        work = self._moderation.act(who_clicked(click), action, card_id, seen, given)
        said = await worded(click, work, self._texts(click))
        if isinstance(said, Shown):
            await _show(click, said)
        elif said is not None:
            await self._refresh(click, card_id)
            await tell(click, said)

    async def _refresh(self, click: Click, card_id: str) -> None:
        """A card that one moderator was shown alone is brought up to date; nobody else does."""
        message = click.message
        if message is None or not message.flags.ephemeral:
            return
        with suppress(*UNHEARD, PrecisError, PlatformDownError):
            card = await self._moderation.open_card(who_clicked(click), card_id)
            await show_card(click, card)

    def _texts(self, click: Click) -> Texts:
        return self._context.last_texts(str(click.guild_id) if click.guild_id else None)


async def show_card(click: Click, card: CardView) -> None:
    """In the place of what the click was answered with, or of what it was on."""
    await click.edit_original_response(
        embed=card_embed(card), view=card_components(card), allowed_mentions=NOBODY
    )


async def _show(click: Click, shown: Shown) -> None:
    try:
        for embed in shown_embeds(shown):
            await click.followup.send(embed=embed, ephemeral=True, allowed_mentions=NOBODY)
    except UNHEARD as error:
        logger.warning("a text was not shown: %s", where(error))


async def acknowledged(click: Click, *, thinking: bool = False) -> bool:
    """Within the three seconds that Discord gives; False where that failed, which is told."""
    try:
        with outages():
            await click.response.defer(ephemeral=True, thinking=thinking)
    except PlatformDownError as error:
        logger.warning("a moderator's click fails: %s", where(error))
        return False
    except Exception as error:  # noqa: BLE001 - nobody is left without a word
        await failed(click, error)
        return False
    return True


async def worded(click: Click, work: Awaitable[Made], texts: Texts) -> Made | str | None:
    """What a use case gives, or why it failed; None where a bug was told of already."""
    try:
        with outages():
            return await work
    except RefusedError as error:
        return str(error)
    except (PrecisError, PlatformDownError) as error:
        logger.warning("a moderator's click fails: %s", str(error) or where(error))
        return told(error, texts)
    except Exception as error:  # noqa: BLE001 - nobody is left without a word
        await failed(click, error)
        return None


def who_clicked(click: Click) -> Who:
    """Whoever clicked, on the server where they did."""
    return Who(server=str(click.guild_id), person=str(click.user.id))
