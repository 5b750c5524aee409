"""A workspace's settings, opened and changed by its admins: who they are is asked at each click."""

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
        await ack(response_action="update", view=line(title, texts.slack.saving, texts.slack.close))
        shown = Modal(self._bot.workspaces, caller.team, str(view.get("id")), title, texts)
        self._bot.begin(caller.team, self._keep(caller, found.changes), shown.say)

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
