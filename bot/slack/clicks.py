"""What clicks under an answer do on Slack: acknowledge, ask `bot.clicking`, show.

The id that a click brings may be forged, and of another workspace: see `SlackBot.is_of`.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.platform import Answer, UnreachableError
from bot.slack.callers import Caller, of_interaction
from bot.slack.ids import is_ts, message_id, place_id
from bot.slack.rendering import blocks, fallback_text
from bot.texts import Texts
from precis.ask import Wanted

if TYPE_CHECKING:
    from bot.slack.app import SlackBot

_ACTION = re.compile(r"^precis:(good|bad|share|delete|show)$")
_ASK = re.compile("[0-9a-f]{32}")

Act = Callable[[Caller, str, dict[str, Any]], Awaitable[str | None]]


class Clicks:
    """Each button's click, from its acknowledgement to the last word."""

    def __init__(self, bot: "SlackBot") -> None:
        self._bot = bot
        bot.app.action(_ACTION)(self.clicked)

    async def clicked(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        caller = of_interaction(str(context.team_id), body)
        done = self._acted(caller, body)
        self._bot.begin(caller.team, done, lambda said: self._bot.tell(caller, said))

    async def _acted(self, caller: Caller, body: dict[str, Any]) -> str | None:
        """What to tell whoever clicked."""
        texts = await self._bot.texts(caller.team)
        clicked = body["actions"][0]
        action, ask_id = str(clicked.get("action_id")), str(clicked.get("value"))
        acts: dict[str, Act] = {
            "precis:good": self._judge,
            "precis:bad": self._judge,
            "precis:share": self._share,
            "precis:show": self._show,
        }
        if not _ASK.fullmatch(ask_id):
            return texts.gone
        if action == "precis:delete":
            return await self._delete(caller, ask_id, body, texts)
        if not await self._bot.is_of(ask_id, caller.team):
            return texts.gone
        return await acts[action](caller, ask_id, body)

    async def _judge(self, caller: Caller, ask_id: str, body: dict[str, Any]) -> str:
        good = body["actions"][0].get("action_id") == "precis:good"
        clicking = self._bot.frontend.clicking
        return await clicking.judge(ask_id, caller.person, good=good, server=caller.team)

    async def _delete(
        self, caller: Caller, ask_id: str, body: dict[str, Any], texts: Texts
    ) -> str | None:
        """Also of what the store has forgotten, by who may delete others' messages here."""
        clicked = _clicked(caller, body)
        if clicked is None or await self._is_of_another(ask_id, caller.team):
            return texts.gone
        messages = await self._bot.frontend.clicking.may_delete(
            ask_id, clicked, caller.person, moderator=await self._bot.is_admin(caller)
        )
        if messages is None:
            return texts.cannot_delete
        await self._bot.platform.delete(messages)
        return None

    async def _is_of_another(self, ask_id: str, team: str) -> bool:
        context = self._bot.frontend.context
        there = await context.blocking(context.chat.ask, ask_id)
        return there is not None and not await self._bot.is_of(ask_id, team)

    async def _share(self, caller: Caller, ask_id: str, body: dict[str, Any]) -> str | None:
        shared: list[tuple[Answer, Texts]] = []
        place = _place(caller, body)

        async def post(answer: Answer, texts: Texts) -> list[str]:
            shared.append((answer, texts))
            # A mention would ping them.
            names = await self._bot.platform.names(caller.team, [caller.user])
            note = texts.shared_by.format(person=names.get(caller.user, "…"))
            return await self._bot.platform.publish(caller.team, place, answer, texts, note=note)

        try:
            said = await self._bot.frontend.clicking.share(
                ask_id,
                caller.person,
                place,
                post,
                take_back=self._bot.platform.delete,
                server=caller.team,
            )
        except UnreachableError:
            return (await self._bot.texts(caller.team)).slack.cannot_post
        if said is None:
            await self._no_more_sharing(caller, *shared[-1])
        return said

    async def _show(self, caller: Caller, ask_id: str, body: dict[str, Any]) -> str | None:
        request = caller.request(_place(caller, body), Wanted(), private=True)

        async def post(answer: Answer, texts: Texts) -> list[str]:
            return await self._bot.platform.show(request, answer, texts)

        clicking = self._bot.frontend.clicking
        return await clicking.show(ask_id, caller.person, post, server=caller.team)

    async def _no_more_sharing(self, caller: Caller, answer: Answer, texts: Texts) -> None:
        """The answer loses its button to share it; one that stays says that it is shared."""
        url = caller.reply.get("response_url")
        if url is None:
            return
        workspace = await self._bot.workspaces.url(caller.team)
        private = replace(answer, private=True)
        last = blocks(private, texts, workspace, shared=True)[-1]
        client = self._bot.workspaces.make_client()
        await AsyncWebhookClient(url, session=client.session, timeout=client.timeout).send_dict(
            {"replace_original": True, "text": fallback_text(private, texts), "blocks": last}
        )


def _clicked(caller: Caller, body: dict[str, Any]) -> str | None:
    """The id of the message whose button it is."""
    ts = (body.get("container") or {}).get("message_ts")
    if caller.channel is None or not isinstance(ts, str) or not is_ts(ts):
        return None
    return message_id(caller.team, caller.channel, ts)


def _place(caller: Caller, body: dict[str, Any]) -> str:
    """Where a click was: the thread, if the message is a reply in one."""
    ts = (body.get("container") or {}).get("message_ts")
    thread = caller.thread if caller.thread != ts else None
    return place_id(caller.channel or "", thread)
