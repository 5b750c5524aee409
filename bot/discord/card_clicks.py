"""What clicks on moderators' cards do on Discord: acknowledge, ask `bot.moderation`, show.

Also from the list of `/precis review`, where a card is shown to one moderator alone.
"""

import asyncio
import logging
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any

import discord

from bot.context import SOON, Context
from bot.discord.card_forms import TextForm, TimeOutForm
from bot.discord.card_rendering import card_components, card_embed, shown_embeds
from bot.discord.failures import UNHEARD, failed, tell
from bot.discord.outages import outages
from bot.discord.replies import NOBODY
from bot.moderation.deciding import NOTHING, Given, RefusedError
from bot.moderation.desk import Action, Shown, Who
from bot.moderation.moderating import Moderation
from bot.platform import PlatformDownError
from bot.refusals import told
from bot.texts import Texts
from precis.errors import PrecisError, StoreError
from precis.places import where

logger = logging.getLogger(__name__)

Click = discord.Interaction[Any]


class CardClicks:
    """Each click on a card, from its acknowledgement to the last word."""

    def __init__(self, context: Context, moderation: Moderation) -> None:
        self._context = context
        self._moderation = moderation

    async def act(self, click: Click, action: Action, card_id: str, seen: int) -> None:
        """Do what a button says for whoever clicked, if they may; else say why not."""
        if click.guild_id is None:
            return
        if action in (Action.NOTE, Action.EDIT, Action.TIME_OUT):
            await self._open_form(click, action, card_id, seen)
            return
        await click.response.defer(ephemeral=True, thinking=action is Action.SHOW)
        await self._done(click, action, card_id, seen, NOTHING)

    async def submitted(
        self, click: Click, action: Action, card_id: str, seen: int, given: Given
    ) -> None:
        """A form was sent."""
        await click.response.defer(ephemeral=True, thinking=False)
        await self._done(click, action, card_id, seen, given)

    async def _open_form(self, click: Click, action: Action, card_id: str, seen: int) -> None:
        """A form can't follow an acknowledgement: it is one, and is to open soon."""
        texts = self._context.last_texts(str(click.guild_id))
        try:
            with outages():
                async with asyncio.timeout(SOON):
                    form = await self._form(click, action, card_id, seen)
        except RefusedError as error:
            await tell(click, str(error))
        except TimeoutError:
            await tell(click, texts.store_down)
        except StoreError as error:
            await tell(click, told(error, texts))
        except PlatformDownError as error:
            await tell(click, told(error, texts))
        except Exception as error:  # noqa: BLE001 - nobody is left without a word
            await failed(click, error)
        else:
            await click.response.send_modal(form)

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
        said = await worded(click, work, self._context.last_texts(str(click.guild_id)))
        if said is None:
            return
        if isinstance(said, Shown):
            for embed in shown_embeds(said):
                with suppress(*UNHEARD):
                    await click.followup.send(embed=embed, ephemeral=True, allowed_mentions=NOBODY)
            return
        await self._refresh(click, card_id)
        await tell(click, said)

    async def _refresh(self, click: Click, card_id: str) -> None:
        """A card that one moderator was shown alone is brought up to date; nobody else does."""
        message = click.message
        if message is None or not message.flags.ephemeral:
            return
        with suppress(*UNHEARD, PrecisError, PlatformDownError):
            card = await self._moderation.open_card(who_clicked(click), card_id)
            await click.edit_original_response(
                embed=card_embed(card), view=card_components(card), allowed_mentions=NOBODY
            )


async def worded(click: Click, work: Awaitable[str | Shown], texts: Texts) -> str | Shown | None:
    """What a use case says, or why it failed; None where a bug was told of already."""
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
