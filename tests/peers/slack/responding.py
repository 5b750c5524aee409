"""Posts to a response_url (docs.slack.dev/interactivity/handling-user-interaction, «Message
responses»): 5 times within 30 minutes, to the person alone or to the channel.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.peers.slack import chat, render
from tests.peers.slack.errors import SlackError
from tests.peers.slack.http import Api, Request
from tests.peers.slack.messages import Message
from tests.peers.slack.posting import content

if TYPE_CHECKING:
    from tests.peers.slack.uses import Use

WHERE = "response_url"
_TAKES = {
    "text", "blocks", "attachments", "response_type", "replace_original", "delete_original",
    "thread_ts", "mrkdwn", "unfurl_links", "unfurl_media", "metadata", "parse", "link_names",
}  # fmt: skip
_ORIGINAL = ("replace_original", "delete_original")


async def serve(api: Api, web_request: web.Request) -> web.StreamResponse:
    """Take a post to a response_url; it is recorded as a request to "response_url"."""
    world = api.world
    url = f"{world.url}{web_request.path}"
    use = next((use for use in world.uses if use.response_url == url), None)
    body = await web_request.read()
    try:
        sent = json.loads(body)
    except ValueError:
        sent = None
    request = Request(
        WHERE, web_request.method, sent if isinstance(sent, dict) else {}, time.time()
    )
    api.requests.append(request)
    await api.limits.hold(WHERE, after_effect=False)
    fault = api.limits.fault(WHERE, after_effect=False)
    status, answer = (fault.status or 500, {"ok": False}) if fault else _take(use, sent)
    await api.limits.hold(WHERE, after_effect=True)
    request.status, request.answer = status, answer
    if use is not None:
        request.team = use.installation.workspace.id
    if status == 200:
        return web.Response(text="ok")
    return web.json_response(answer, status=status)


def _take(use: Use | None, sent: Any) -> tuple[int, dict[str, Any]]:
    if use is None:
        return 404, SlackError("no_active_hooks").body()
    try:
        _check(use, sent)
        respond(use, sent)
    except SlackError as refusal:
        use.refused.append(refusal.error)
        gone = refusal.error in {"expired_url", "used_url"}
        return 404 if gone else 400, refusal.body()
    use.responses += 1
    return 200, {"ok": True}


def _check(use: Use, sent: Any) -> None:
    world = use.world
    if use.expired:
        raise SlackError("expired_url")
    if use.used_up:
        world.violate("response_url used up", WHERE)
        raise SlackError("used_url")
    if not isinstance(sent, dict):
        world.violate("invalid arguments", WHERE)
        raise SlackError("invalid_payload")
    if unknown := sorted(set(sent) - _TAKES):
        world.violate("unknown argument", WHERE, unknown)


def respond(use: Use, sent: dict[str, Any]) -> None:
    """Show what was sent: a new message, the original replaced, or the original gone."""
    world = use.world
    replaced = use.source if use.kind == "block_actions" else None
    if sent.get("delete_original") in {True, "true"}:
        if replaced is not None:
            _remove(replaced)
        return
    made = content(world, WHERE, sent, together=False)
    if sent.get("replace_original") in {True, "true"} and replaced is not None:
        if replaced.deleted:
            return
        before = render.message(replaced)
        replaced.text, replaced.blocks = made.text or "", made.blocks or []
        replaced.attachments = made.attachments or []
        if replaced.only_for is None:
            chat.announce_change(replaced, before)
        if replaced not in use.shown:
            use.shown.append(replaced)
        return
    _show(use, sent, made.text or "", made.blocks or [], made.attachments or [])


def _show(use: Use, sent: dict[str, Any], text: str, blocks: Any, attachments: Any) -> None:
    channel = use.channel
    if channel is None:
        raise SlackError("channel_not_found")
    kind = sent.get("response_type", "ephemeral")
    if kind not in {"ephemeral", "in_channel"}:
        use.world.violate("invalid arguments", WHERE, kind)
        kind = "ephemeral"
    if channel.archived:
        raise SlackError("is_archived")
    thread = sent.get("thread_ts")
    if thread is not None and thread not in channel.log.by_ts:
        thread = None
    message = Message(
        channel, chat.stamp(channel, None), None, text, blocks, attachments, thread_ts=thread,
        subtype="bot_message", posted_by=use.installation, by_response_url=True,
        bot_id=use.installation.bot_id, only_for=use.user if kind == "ephemeral" else None,
    )  # fmt: skip
    use.shown.append(message)
    if kind == "ephemeral":
        channel.ephemerals.append(message)
        return
    channel.log.add(message)
    chat.announce(message)


def _remove(message: Message) -> None:
    if message.only_for is None:
        chat.delete(message)
        return
    message.deleted = True
    if message in message.channel.ephemerals:
        message.channel.ephemerals.remove(message)
