"""A workspace's settings, opened and changed by its admins: who they are is asked at each click.

Other thresholds are saved after a look at what they would have flagged: meanwhile the modal holds
what is to be saved.
"""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.moderation.desk import Who
from bot.platform import PlatformDownError, UnreachableError
from bot.slack.blocks import View
from bot.slack.callers import Caller, of_interaction
from bot.slack.home_view import OPEN_SETTINGS
from bot.slack.modals import Modal, answer_form
from bot.slack.settings_form import (
    CALLBACK,
    CONFIRM,
    Pending,
    form,
    preview_modal,
    read,
    read_pending,
)
from bot.texts import Texts
from precis.ask import ServerSettings
from precis.errors import DamagedError, StoreError

if TYPE_CHECKING:
    from bot.slack.app import SlackBot

THRESHOLDS = ("thresholds", "channel_thresholds")
MOST_TOLD = 5
"""Channels of which it is told that the bot isn't in them."""


class SettingsClicks:
    def __init__(self, bot: "SlackBot") -> None:
        self._bot = bot
        bot.app.action(OPEN_SETTINGS)(self.clicked)
        bot.app.view(CALLBACK)(self.submitted)
        bot.app.view(CONFIRM)(self.confirmed)

    async def clicked(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        self.open(of_interaction(str(context.team_id), body))

    def open(self, caller: Caller) -> None:
        """Show the settings in a modal to somebody who may change them. Returns at once."""
        title = self._bot.texts_at_hand(caller.team).slack.settings_title
        self._bot.in_modal(caller, title, partial(self._fill, caller))

    async def submitted(
        self, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        """What is wrong is said in the form; what can be kept is, and the form says that."""
        caller = of_interaction(str(context.team_id), body)
        texts = self._bot.texts_at_hand(caller.team)
        found = read((view.get("state") or {}).get("values") or {}, caller.team, texts)
        if found.errors:
            await ack(response_action="errors", errors=found.errors)
            return
        pending = Pending(found.changes, found.channel)
        await answer_form(self._bot, ack, self._modal(caller, view), self._keep(caller, pending))

    async def confirmed(
        self, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        """What is to be saved comes back with the click, and may be forged: by an admin, who may
        set it all anyway.
        """
        caller = of_interaction(str(context.team_id), body)
        done = self._confirmed(caller, read_pending(view))
        await answer_form(self._bot, ack, self._modal(caller, view), done)

    def _modal(self, caller: Caller, view: Mapping[str, Any]) -> Modal:
        texts = self._bot.texts_at_hand(caller.team)
        title, view_id = texts.slack.settings_title, str(view.get("id"))
        return Modal(self._bot.workspaces, caller.team, view_id, title, texts)

    async def _fill(self, caller: Caller, shown: Modal) -> str | None:
        texts = await self._bot.texts(caller.team)
        if not await self._bot.is_admin(caller):
            return texts.slack.only_admins
        settings = await self._bot.frontend.managing.now(caller.team)
        await shown.show(form(settings, texts))
        return None

    async def _keep(self, caller: Caller, pending: Pending) -> str | View:
        """What to say of it, or what other thresholds would have flagged, before they are saved.

        Raises StoreError, and InputError for what can't be kept.
        """
        texts = await self._bot.texts(caller.team)
        if not await self._bot.is_admin(caller):
            return texts.slack.only_admins
        now, damaged = await self._bot.frontend.managing.found(caller.team)
        changes = {**pending.changes, **pending.of_channel(now)}
        other = [
            name
            for name in THRESHOLDS
            if changes.get(name, getattr(now, name)) != getattr(now, name)
        ]
        if damaged or not other:  # of damaged settings there is nothing to compare with
            return await self._save(caller, pending)
        previewed = await self._bot.frontend.moderation.preview(caller.team, changes)
        return preview_modal(previewed.text, pending.less(now), texts)

    async def _confirmed(self, caller: Caller, pending: Pending | None) -> str:
        texts = await self._bot.texts(caller.team)
        if not await self._bot.is_admin(caller):
            return texts.slack.only_admins
        return texts.settings_bad if pending is None else await self._save(caller, pending)

    async def _save(self, caller: Caller, pending: Pending) -> str:
        managing, moderation = self._bot.frontend.managing, self._bot.frontend.moderation
        before = await managing.now(caller.team)
        depending = pending.of_channel if pending.channel else None
        try:
            after = await managing.change(caller.team, caller.person, depending, **pending.changes)
        except DamagedError:  # of which one channel can't be changed alone
            after = await managing.change(caller.team, caller.person, **pending.changes)
        await moderation.settings_changed(Who(caller.team, caller.person), before, after)
        texts = await self._bot.texts(caller.team)
        absent = await self._absent(caller.team, before, after, texts)
        return "\n".join([texts.settings_saved, *absent])

    async def _absent(
        self, team: str, before: ServerSettings, after: ServerSettings, texts: Texts
    ) -> list[str]:
        """Of channels that the bot is to write in or hear from now on: in which it isn't."""
        asked = [each for each in after.watched if each not in before.watched]
        if after.moderators_channel and after.moderators_channel != before.moderators_channel:
            asked.insert(0, after.moderators_channel)
        try:
            absent = [
                channel
                for channel in dict.fromkeys(asked[:MOST_TOLD])
                if not await self._bot.platform.is_in(team, channel)
            ]
        except (PlatformDownError, UnreachableError, StoreError):  # it is saved all the same
            return []
        return [texts.bot_cannot_view.format(place=f"<#{channel}>") for channel in absent]
