"""Modals that are opened at once and filled when there is something to show.

Slack takes three seconds between a click and its modal
(https://docs.slack.dev/surfaces/modals#opening): too few for what a store may take.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.blocks import View, line
from bot.slack.callers import Caller
from bot.slack.workspaces import Workspaces
from bot.texts import Texts

if TYPE_CHECKING:
    from bot.slack.app import SlackBot

SOON = 0.6
"""Seconds for what can be said in the acknowledgement: of its three, looking up the workspace may
have taken two."""
ON_ITS_WAY = 1.0
"""Seconds in which an acknowledgement has surely come to Slack."""


@dataclass(frozen=True, slots=True)
class Modal:
    """One that is open, as Slack knows it."""

    workspaces: Workspaces
    team: str
    view_id: str
    title: str
    texts: Texts

    async def show(self, view: View) -> None:
        """Raises as Slack's client does."""
        client = await self.workspaces.client(self.team)
        await client.views_update(view_id=self.view_id, view=view)

    async def say(self, text: str) -> None:
        """One thing, in the place of all there was."""
        await self.show(line(self.title, text, self.texts.slack.close))


async def open_modal(
    workspaces: Workspaces, caller: Caller, title: str, texts: Texts
) -> Modal | None:
    """Open one for whoever clicked; None where the click can open none."""
    if caller.trigger is None:
        return None
    client = await workspaces.client(caller.team)
    opened = await client.views_open(
        trigger_id=caller.trigger, view=line(title, texts.slack.wait, texts.slack.close)
    )
    view = opened.get("view") or {}
    return Modal(workspaces, caller.team, str(view.get("id")), title, texts)


async def answer_form(
    bot: "SlackBot", ack: AsyncAck, shown: Modal, work: Awaitable[str | View | None]
) -> None:
    """Acknowledge a form that was sent, with what comes of it in its place: a line, or a view.

    What takes longer follows the acknowledgement.
    """
    answer: asyncio.Future[View] = asyncio.get_running_loop().create_future()
    texts = shown.texts

    async def show(view: View) -> None:
        if answer.done():  # the acknowledgement may be on its way yet
            await asyncio.sleep(ON_ITS_WAY)
            await shown.show(view)
        else:
            answer.set_result(view)

    async def done() -> str | None:
        said = await work
        if isinstance(said, dict):
            await show(said)
            return None
        return said

    async def say(text: str) -> None:
        await show(line(shown.title, text, texts.slack.close))

    bot.begin(shown.team, done(), say)
    try:
        view = await asyncio.wait_for(asyncio.shield(answer), SOON)
    except TimeoutError:
        view = line(shown.title, texts.slack.saving, texts.slack.close)
        if not answer.done():
            answer.set_result(view)
    await ack(response_action="update", view=view)
