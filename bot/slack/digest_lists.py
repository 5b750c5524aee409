"""The list of somebody's digests, shown where they asked for it, and what its buttons do.

All that a click brings may be forged: the use case looks it up in the workspace where it was
clicked, for whoever clicked.
"""

import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.digests.poster import Subscriber
from bot.slack.blocks import Block
from bot.slack.callers import Caller, of_interaction
from bot.slack.digest_blocks import (
    ACTIONS,
    OPEN,
    list_blocks,
    list_modal,
    read_change,
    read_page,
)
from bot.slack.escaping import escaped
from bot.slack.modals import Modal
from bot.slack.posting import Content
from precis.ask import Wanted
from precis.errors import InputError

if TYPE_CHECKING:
    from bot.slack.app import SlackBot

MOST_SAID = 500


class DigestLists:
    """Each click, from its acknowledgement to the last word."""

    def __init__(self, bot: "SlackBot") -> None:
        self._bot = bot
        bot.app.action(re.compile(f"^{ACTIONS}"))(self.clicked)

    async def subscriber(self, caller: Caller) -> Subscriber:
        """Whoever uses the bot, as they are now. Admins manage, as they do its settings."""
        return Subscriber(
            server=caller.team,
            person=caller.person,
            manager=await self._bot.is_admin(caller),
            roles=tuple(caller.people),
        )

    async def show(self, caller: Caller, *, said: str = "") -> str | None:
        """The list, to whoever asked for it alone."""
        texts = await self._bot.texts(caller.team)
        if caller.place is None:
            return None
        blocks = await self._blocks(caller, 1, said)
        request = caller.request(caller.place, Wanted(), private=True)
        await self._bot.platform.tell(request, Content(texts.digests.list_title, blocks))
        return None

    async def change(self, caller: Caller, action: str, subscription_id: str) -> str:
        """Pause, resume, preview or stop; what to say of it."""
        digests = self._bot.frontend.digests
        acts: dict[str, Callable[[Subscriber, str], Awaitable[str]]] = {
            "pause": digests.pause,
            "resume": digests.resume,
            "without": digests.without,
            "preview": digests.preview,
            "stop": digests.stop,
        }
        who = await self.subscriber(caller)
        return await self.worded(acts[action](who, subscription_id))

    async def worded(self, work: Awaitable[str]) -> str:
        """What a use case says; what was typed wrong is told in words that quote it."""
        try:
            return await work
        except InputError as error:
            return escaped(str(error), MOST_SAID)

    async def clicked(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        caller = of_interaction(str(context.team_id), body)
        clicked, view = body["actions"][0], body.get("view") or {}
        texts = self._bot.texts_at_hand(caller.team)
        if clicked.get("action_id") == OPEN:
            title = texts.digests.list_title
            self._bot.in_modal(caller, title, partial(self._fill, caller, 1, ""))
            return
        change, page = read_change(clicked), read_page(clicked)
        if change is None and page is None:  # forged
            return
        done = self._done(caller, body, change, page or 1)
        say: Callable[[str], Awaitable[None]] = partial(self._bot.tell, caller)
        if view.get("type") == "modal":
            say = self._modal(caller, view).say
        elif view.get("type") == "home":
            say = partial(self._bot.home.say, caller.team, caller.user)
        self._bot.begin(caller.team, done, say)

    async def _done(
        self, caller: Caller, body: dict[str, Any], change: tuple[str, str, int] | None, page: int
    ) -> str | None:
        """Do it, and show the list as it is then, in its place."""
        said, view = "", body.get("view") or {}
        if change is not None:
            action, subscription_id, page = change
            said = await self.change(caller, action, subscription_id)
        if view.get("type") == "home":
            await self._bot.home.publish(caller.team, caller.user, digests=(page, said))
            return None
        if view.get("type") == "modal":
            await self._fill(caller, page, said, self._modal(caller, view))
            return None
        texts, url = await self._bot.texts(caller.team), caller.reply.get("response_url")
        content = Content(texts.digests.list_title, await self._blocks(caller, page, said))
        shown = url is not None and await self._bot.platform.replace(url, content)
        return None if shown else said

    async def _fill(self, caller: Caller, page: int, said: str, shown: Modal) -> None:
        blocks = await self._blocks(caller, page, said)
        await shown.show(list_modal(blocks, await self._bot.texts(caller.team)))

    async def _blocks(self, caller: Caller, page: int, said: str) -> list[Block]:
        texts = await self._bot.texts(caller.team)
        found = await self._bot.frontend.digests.listing(
            await self.subscriber(caller), labels=False
        )
        return list_blocks(found, texts, page=page, said=said)

    def _modal(self, caller: Caller, view: dict[str, Any]) -> Modal:
        texts = self._bot.texts_at_hand(caller.team)
        title, view_id = texts.digests.list_title, str(view.get("id"))
        return Modal(self._bot.workspaces, caller.team, view_id, title, texts)
