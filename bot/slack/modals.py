"""Modals that are opened at once and filled when there is something to show.

Slack takes three seconds between a click and its modal
(https://docs.slack.dev/surfaces/modals#opening): too few for what a store may take.
"""

from dataclasses import dataclass

from bot.slack.blocks import View, line
from bot.slack.callers import Caller
from bot.slack.workspaces import Workspaces
from bot.texts import Texts


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
