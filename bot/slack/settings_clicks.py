"""A workspace's settings, opened and changed by its admins: who they are is asked at each click."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.blocks import line
from bot.slack.callers import Caller, of_interaction
from bot.slack.home_view import OPEN_SETTINGS
from bot.slack.modals import Modal
from bot.slack.settings_form import CALLBACK, form, read

if TYPE_CHECKING:
    from bot.slack.app import SlackBot


SOON = 0.6
"""Seconds for what can be said in the acknowledgement: of its three, looking up the workspace may
have taken two."""
ON_ITS_WAY = 1.0


class SettingsClicks:
    def __init__(self, bot: "SlackBot") -> None:
        self._bot = bot
        bot.app.action(OPEN_SETTINGS)(self.clicked)
        bot.app.view(CALLBACK)(self.submitted)

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
        title = texts.slack.settings_title
        shown = Modal(self._bot.workspaces, caller.team, str(view.get("id")), title, texts)
        said: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def say(text: str) -> None:
            if said.done():  # too late for the acknowledgement, which may be on its way yet
                await asyncio.sleep(ON_ITS_WAY)
                await shown.say(text)
            else:
                said.set_result(text)

        self._bot.begin(caller.team, self._keep(caller, found.changes), say)
        try:
            text = await asyncio.wait_for(said, SOON)
        except TimeoutError:
            text = texts.slack.saving
        await ack(response_action="update", view=line(title, text, texts.slack.close))

    async def _fill(self, caller: Caller, shown: Modal) -> str | None:
        texts = await self._bot.texts(caller.team)
        if not await self._bot.is_admin(caller):
            return texts.slack.only_admins
        settings = await self._bot.frontend.managing.now(caller.team)
        await shown.show(form(settings, texts))
        return None

    async def _keep(self, caller: Caller, changes: dict[str, Any]) -> str:
        """What to say of it. Raises StoreError, and InputError for what can't be kept."""
        texts = await self._bot.texts(caller.team)
        if not await self._bot.is_admin(caller):
            return texts.slack.only_admins
        managing = self._bot.frontend.managing
        await managing.change(caller.team, caller.person, **changes)
        return (await self._bot.texts(caller.team)).settings_saved
