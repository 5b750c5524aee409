"""The App Home and what is clicked there: privacy, and recent summaries shown again."""

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.digests.poster import Subscriber
from bot.moderation.deciding import RefusedError
from bot.moderation.desk import Who
from bot.platform import Answer
from bot.slack.blocks import Block, modal
from bot.slack.callers import NAME, Caller, of_interaction
from bot.slack.card_blocks import review_blocks
from bot.slack.digest_blocks import list_blocks
from bot.slack.home_view import MOST_RECENT, OPEN_PRIVACY, SHOW, home_line, home_view
from bot.slack.ids import person_id
from bot.slack.modals import Modal
from bot.slack.privacy_view import ACTIONS, DELETE, IN, OUT, privacy_blocks, privacy_modal
from bot.slack.rendering import blocks
from bot.texts import Texts
from precis.store.moderation_store import Order

if TYPE_CHECKING:
    from bot.slack.app import Say, SlackBot

MOST_BLOCKS = 100
"""In a view."""


class Home:
    """Publishes somebody's home, and does what they click in it, or in the modal of privacy."""

    def __init__(self, bot: "SlackBot") -> None:
        self._bot = bot
        bot.app.event("app_home_opened")(self.opened)
        bot.app.action(OPEN_PRIVACY)(self.privacy)
        bot.app.action(re.compile(f"^{ACTIONS}"))(self.chose)
        bot.app.action(SHOW)(self.show)

    async def opened(self, event: dict[str, Any], context: AsyncBoltContext) -> None:
        if event.get("tab", "home") == "home" and event.get("user"):
            self.refresh(str(context.team_id), str(event["user"]))

    async def privacy(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        self.open_privacy(of_interaction(str(context.team_id), body))

    async def chose(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Out, in, or delete: about whoever clicked, wherever they did."""
        await ack()
        caller = of_interaction(str(context.team_id), body)
        action, view = str(body["actions"][0].get("action_id")), body.get("view") or {}
        if view.get("type") == "home":
            say: Say = partial(self.say, caller.team, caller.user)
            done = self._chose_at_home(caller, action)
        else:
            texts = self._bot.texts_at_hand(caller.team)
            shown = Modal(
                self._bot.workspaces, caller.team, str(view.get("id")), texts.privacy_title, texts
            )
            say, done = shown.say, self._chose_in_modal(caller, action, shown)
        self._bot.begin(caller.team, done, say)

    async def show(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        caller = of_interaction(str(context.team_id), body)
        ask_id = str(body["actions"][0].get("value") or "")
        title = self._bot.texts_at_hand(caller.team).slack.summary
        self._bot.in_modal(caller, title, partial(self._show, caller, ask_id))

    def open_privacy(self, caller: Caller) -> None:
        """Show somebody in a modal what is stored of them, and what they may do about it."""

        async def fill(shown: Modal) -> None:
            await self._fill_privacy(caller, shown)

        title = self._bot.texts_at_hand(caller.team).privacy_title
        self._bot.in_modal(caller, title, fill)

    def refresh(self, team: str, user: str, *, order: Order = "oldest", page: int = 1) -> None:
        """Publish somebody's home as it is now, moderators' with a page of what waits.

        Returns at once.
        """
        work = self.publish(team, user, order=order, page=page)
        self._bot.begin(team, work, partial(self.say, team, user))

    async def _chose_at_home(self, caller: Caller, action: str) -> None:
        done = await self._act(caller, action)
        await self.publish(caller.team, caller.user, done)

    async def _chose_in_modal(self, caller: Caller, action: str, shown: Modal) -> None:
        done = await self._act(caller, action)
        await self._fill_privacy(caller, shown, done)

    async def _act(self, caller: Caller, action: str) -> str:
        """What was done, in words."""
        privacy = self._bot.frontend.privacy
        act = {OUT: privacy.opt_out, IN: privacy.opt_in, DELETE: privacy.delete}.get(action)
        if act is None:  # forged
            return ""
        return await act(caller.person, await self._bot.texts(caller.team))

    async def _fill_privacy(self, caller: Caller, shown: Modal, done: str = "") -> None:
        texts = await self._bot.texts(caller.team)
        await shown.show(privacy_modal(await self._privacy(caller.person, texts, done), texts))

    async def _privacy(self, person: str, texts: Texts, done: str = "") -> list[Block]:
        privacy = self._bot.frontend.privacy
        opted_out = (await privacy.stored(person)).opted_out
        return privacy_blocks(
            await privacy.told(person, texts), texts, opted_out=opted_out, done=done
        )

    async def publish(
        self,
        team: str,
        user: str,
        done: str = "",
        *,
        order: Order = "oldest",
        page: int = 1,
        digests: tuple[int, str] = (1, ""),
    ) -> None:
        """For somebody of this workspace: nobody else sees its App Home.

        `done` is what they just did about their privacy; `digests` the page of those, and what
        they did there.
        """
        context, person = self._bot.frontend.context, person_id(team, user)
        texts = await self._bot.texts(team)
        admin = await self._bot.platform.is_admin(team, user)
        view = home_view(
            texts,
            await self._privacy(person, texts, done),
            await context.blocking(context.chat.recent, NAME, team, person, MOST_RECENT),
            admin=admin,
            review=await self._review(team, person, texts, order, page),
            digests=await self._digests(team, person, texts, *digests, admin=admin),
        )
        client = await self._bot.workspaces.client(team)
        await client.views_publish(user_id=user, view=view)

    async def _review(
        self, team: str, person: str, texts: Texts, order: Order, page: int
    ) -> list[Block]:
        """What waits, for moderators alone."""
        moderation, who = self._bot.frontend.moderation, Who(server=team, person=person)
        try:
            found = await moderation.review(who, order, page=page)
        except RefusedError:
            return []
        return review_blocks(found, texts)

    async def _digests(
        self, team: str, person: str, texts: Texts, page: int, said: str, *, admin: bool
    ) -> list[Block]:
        who = Subscriber(server=team, person=person, manager=admin, roles=(person,))
        found = await self._bot.frontend.digests.listing(who, labels=False)
        return list_blocks(found, texts, page=page, said=said, begin=texts.slack.home_digests)

    async def say(self, team: str, user: str, text: str) -> None:
        """One thing, in the place of somebody's home."""
        client = await self._bot.workspaces.client(team)
        await client.views_publish(user_id=user, view=home_line(text))

    async def _show(self, caller: Caller, ask_id: str, shown: Modal) -> str | None:
        async def post(answer: Answer, texts: Texts) -> list[str]:
            url = await self._bot.workspaces.url(caller.team)
            parts = blocks(answer, texts, url, shared=True)
            # Without the last part's buttons, which are for messages.
            whole = [block for part in parts for block in part if block["type"] != "actions"]
            await shown.show(modal(texts.slack.summary, whole[:MOST_BLOCKS], texts.slack.close))
            return []

        if not await self._bot.is_of(ask_id, caller.team):
            return (await self._bot.texts(caller.team)).gone
        clicking = self._bot.frontend.clicking
        return await clicking.show(ask_id, caller.person, post, server=caller.team)
