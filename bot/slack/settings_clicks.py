"""A workspace's settings, opened and changed by its admins: who they are is asked at each click."""

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING, Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.moderation.desk import Who
from bot.slack.blocks import line, modal, plain, section
from bot.slack.callers import Caller, of_interaction
from bot.slack.home_view import OPEN_SETTINGS
from bot.slack.modals import Modal
from bot.slack.settings_form import CALLBACK, Read, form, read
from precis.ask import ServerSettings

if TYPE_CHECKING:
    from bot.slack.app import SlackBot


SOON = 0.6
"""Seconds for what can be said in the acknowledgement: of its three, looking up the workspace may
have taken two."""
ON_ITS_WAY = 1.0
CONFIRM = "precis:settings:confirm"
MOST_METADATA = 3_000
"""Characters that a modal keeps for its app."""


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
        title = texts.slack.settings_title
        shown = Modal(self._bot.workspaces, caller.team, str(view.get("id")), title, texts)
        said: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def say(text: str) -> None:
            if said.done():  # too late for the acknowledgement, which may be on its way yet
                await asyncio.sleep(ON_ITS_WAY)
                await shown.say(text)
            else:
                said.set_result(text)

        self._bot.begin(caller.team, self._keep(caller, found, shown, said), say)
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

    async def _keep(
        self, caller: Caller, found: Read, shown: Modal, said: "asyncio.Future[str]"
    ) -> str | None:
        """What to say of it. Raises StoreError, and InputError for what can't be kept.

        Of other thresholds it is told first what they would have flagged.
        """
        texts = await self._bot.texts(caller.team)
        if not await self._bot.is_admin(caller):
            return texts.slack.only_admins
        now = await self._bot.frontend.managing.now(caller.team)
        changes = dict(found.changes)
        if found.channel is not None:
            channel, own = found.channel
            others = {k: v for k, v in now.channel_thresholds.items() if k != channel}
            changes["channel_thresholds"] = {**others, **({channel: own} if own else {})}
        own_names = ("thresholds", "channel_thresholds")
        if all(changes.get(name, getattr(now, name)) == getattr(now, name) for name in own_names):
            return await self._save(caller, changes)
        previewed = await self._bot.frontend.moderation.preview(caller.team, changes)
        kept = json.dumps(previewed.changes)
        if len(kept) > MOST_METADATA:  # more than a modal keeps: it is saved as it is
            return f"{previewed.text}\n{await self._save(caller, changes)}"
        if said.done():
            await asyncio.sleep(ON_ITS_WAY)
        else:
            said.set_result(texts.slack.saving)
            await asyncio.sleep(ON_ITS_WAY)
        await shown.show(
            modal(
                texts.slack.settings_title,
                [section(previewed.text)],
                texts.slack.cancel,
                callback_id=CONFIRM,
                submit=plain(texts.moderation.preview_save),
                private_metadata=kept,
            )
        )
        return None

    async def _save(self, caller: Caller, changes: dict[str, Any]) -> str:
        managing, moderation = self._bot.frontend.managing, self._bot.frontend.moderation
        before = await managing.now(caller.team)
        after = await managing.change(caller.team, caller.person, **changes)
        who = Who(server=caller.team, person=caller.person)
        await moderation.settings_changed(who, before, after)
        return (await self._bot.texts(caller.team)).settings_saved

    async def confirmed(
        self, ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        """Thresholds are saved after a look at what they would have flagged.

        What is to be saved comes back with the click, and may be forged: by an admin, who may set
        it all anyway.
        """
        caller = of_interaction(str(context.team_id), body)
        texts = self._bot.texts_at_hand(caller.team)
        title = texts.slack.settings_title
        await ack(response_action="update", view=line(title, texts.slack.saving, texts.slack.close))
        shown = Modal(self._bot.workspaces, caller.team, str(view.get("id")), title, texts)
        self._bot.begin(caller.team, self._confirmed(caller, view), shown.say)

    async def _confirmed(self, caller: Caller, view: dict[str, Any]) -> str:
        texts = await self._bot.texts(caller.team)
        if not await self._bot.is_admin(caller):
            return texts.slack.only_admins
        try:
            changes = json.loads(str(view.get("private_metadata") or ""))
        except ValueError:
            changes = None
        if not isinstance(changes, dict) or not set(changes) <= set(ServerSettings.model_fields):
            return texts.settings_bad
        return await self._save(caller, changes)
