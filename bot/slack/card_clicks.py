"""What clicks on moderators' cards do on Slack, in their channel or opened from the list.

All that a click or a form brings may be forged: the use cases look it up in the workspace where it
was clicked.
"""

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.moderation.deciding import NOTHING, Given, RefusedError
from bot.moderation.desk import Action, Shown, Who
from bot.slack.blocks import modal
from bot.slack.callers import Caller, of_interaction
from bot.slack.card_blocks import (
    ACTIONS,
    FORM,
    OPEN,
    PAGE,
    card_modal,
    form_modal,
    read_card,
    read_click,
    read_form,
    read_page,
    review_blocks,
    shown_modal,
)
from bot.slack.modals import Modal, answer_form
from precis.store.moderation_store import Order

if TYPE_CHECKING:
    from bot.slack.app import SlackBot

ORDERS: tuple[Order, ...] = ("oldest", "severity", "channel")


class CardClicks:
    """Each click, from its acknowledgement to the last word."""

    def __init__(self, bot: "SlackBot") -> None:
        self._bot = bot
        bot.app.action(re.compile(f"^{ACTIONS}"))(self.clicked)
        bot.app.action(OPEN)(self.opened)
        bot.app.action(re.compile(f"^{PAGE}"))(self.turned)
        bot.app.view(FORM)(self.submitted)

    def open_review(self, caller: Caller) -> None:
        """Show somebody in a modal what waits, if they moderate. Returns at once."""
        title = self._bot.texts_at_hand(caller.team).slack.review_title
        self._bot.in_modal(caller, title, partial(self._list, caller, "oldest", 1))

    async def clicked(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        caller = of_interaction(str(context.team_id), body)
        found = read_click(body["actions"][0])
        if found is None:  # forged
            return
        action, card_id, seen = found
        words = self._bot.texts_at_hand(caller.team).moderation
        view = body.get("view") or {}
        if action in (Action.SHOW, Action.NOTE, Action.EDIT) and view.get("type") != "modal":
            title = {
                Action.SHOW: words.shown_title,
                Action.NOTE: words.note_title,
                Action.EDIT: words.edit_title,
            }[action]
            self._bot.in_modal(caller, title, partial(self._fill, caller, found))
            return
        if view.get("type") == "modal":
            texts = self._bot.texts_at_hand(caller.team)
            shown = Modal(
                self._bot.workspaces, caller.team, str(view.get("id")), words.review_open, texts
            )
            self._bot.begin(caller.team, self._in_modal(caller, found, shown), shown.say)
            return
        done = self._acted(caller, action, card_id, seen)
        self._bot.begin(caller.team, done, lambda said: self._bot.tell(caller, said))

    async def submitted(
        self, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        """A note, or a summary in a moderator's words."""
        caller = of_interaction(str(context.team_id), body)
        texts = self._bot.texts_at_hand(caller.team)
        found = read_form(view)
        if found is None:  # forged
            await ack()
            return
        is_note = found[0] is Action.NOTE
        title = texts.moderation.note_title if is_note else texts.moderation.edit_title
        shown = Modal(self._bot.workspaces, caller.team, str(view.get("id")), title, texts)
        await answer_form(self._bot, ack, shown, self._acted(caller, *found))

    async def opened(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """A line of the list was opened."""
        await ack()
        caller = of_interaction(str(context.team_id), body)
        card_id = read_card(body["actions"][0])
        if card_id is not None:
            title = self._bot.texts_at_hand(caller.team).moderation.review_open
            self._bot.in_modal(caller, title, partial(self._open, caller, card_id))

    async def turned(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Another page, or another order, in the Home tab or in a modal."""
        await ack()
        caller = of_interaction(str(context.team_id), body)
        found = read_page(body["actions"][0])
        if found is None:  # forged
            return
        order: Order = next((each for each in ORDERS if each == found[0]), "oldest")
        view = body.get("view") or {}
        if view.get("type") == "home":
            self._bot.home.refresh(caller.team, caller.user, order=order, page=found[1])
            return
        texts = self._bot.texts_at_hand(caller.team)
        title = texts.slack.review_title
        shown = Modal(self._bot.workspaces, caller.team, str(view.get("id")), title, texts)
        self._bot.begin(caller.team, self._list(caller, order, found[1], shown), shown.say)

    async def _acted(
        self, caller: Caller, action: Action, card_id: str, seen: int, given: Given = NOTHING
    ) -> str | None:
        """What to tell whoever clicked, or sent a form."""
        moderation = self._bot.frontend.moderation
        try:
            said = await moderation.act(who(caller), action, card_id, seen, given)
        except RefusedError as error:
            return str(error)
        return said if isinstance(said, str) else None

    async def _fill(
        self, caller: Caller, found: tuple[Action, str, int], shown: Modal
    ) -> str | None:
        """The texts of a card, or a form, in a modal that is open."""
        action, card_id, seen = found
        moderation, texts = self._bot.frontend.moderation, await self._bot.texts(caller.team)
        try:
            if action is Action.SHOW:
                said = await moderation.act(who(caller), action, card_id, seen)
                if isinstance(said, Shown):
                    await shown.show(shown_modal(said, texts))
                return None
            text = ""
            if action is Action.EDIT:
                text = await moderation.editable(who(caller), card_id, seen)
            else:
                await moderation.check(who(caller), card_id, seen)
        except RefusedError as error:
            return str(error)
        await shown.show(form_modal(action, card_id, seen, texts, text=text))
        return None

    async def _in_modal(
        self, caller: Caller, found: tuple[Action, str, int], shown: Modal
    ) -> str | None:
        """A click on a card that was opened from the list: what it does is shown in its place."""
        action, card_id, seen = found
        if action in (Action.SHOW, Action.NOTE, Action.EDIT):
            return await self._fill(caller, found, shown)
        said = await self._acted(caller, action, card_id, seen)
        self._bot.home.refresh(caller.team, caller.user)
        return said

    async def _list(self, caller: Caller, order: Order, page: int, shown: Modal) -> str | None:
        texts = await self._bot.texts(caller.team)
        try:
            found = await self._bot.frontend.moderation.review(who(caller), order, page=page)
        except RefusedError as error:
            return str(error)
        blocks = review_blocks(found, texts)
        await shown.show(modal(texts.slack.review_title, blocks, texts.slack.close))
        return None

    async def _open(self, caller: Caller, card_id: str, shown: Modal) -> str | None:
        texts = await self._bot.texts(caller.team)
        try:
            card = await self._bot.frontend.moderation.open_card(who(caller), card_id)
        except RefusedError as error:
            return str(error)
        await shown.show(card_modal(card, texts))
        return None


def who(caller: Caller) -> Who:
    """Whoever clicked, in the workspace where they did."""
    return Who(server=caller.team, person=caller.person)
