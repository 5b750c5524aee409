"""chat.postMessage, update, delete, postEphemeral, getPermalink."""

from __future__ import annotations

from typing import Any

from tests.peers.slack import chat, render
from tests.peers.slack.errors import SlackError
from tests.peers.slack.http import Call, method
from tests.peers.slack.kinds import PUBLIC
from tests.peers.slack.messages import Message
from tests.peers.slack.methods_conversations import dm_of
from tests.peers.slack.places import Channel
from tests.peers.slack.posting import UPDATE_MOST, Content, content

Answer = dict[str, Any]

_FORMAT = "text blocks attachments mrkdwn parse link_names unfurl_links unfurl_media metadata"


@method(
    "chat.postMessage",
    f"channel* thread_ts reply_broadcast username icon_emoji icon_url {_FORMAT}",
    scope="chat:write",
)
def post_message(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/chat.postMessage"""
    sent = _content(call)
    channel = _writable(call)
    thread = _thread(call, channel)
    if any(call.has(name) for name in ("username", "icon_emoji", "icon_url")):
        call.need("chat:write.customize")
    broadcast = call.flag("reply_broadcast") and thread is not None
    message = Message(
        channel, chat.stamp(channel, None), call.app.bot, sent.text or "", sent.blocks or [],
        sent.attachments or [], thread_ts=thread.ts if thread else None, broadcast=broadcast,
        subtype="thread_broadcast" if broadcast else None, posted_by=call.app,
        bot_id=call.app.bot_id, metadata=call.json("metadata", "invalid_metadata_format"),
    )  # fmt: skip
    channel.log.add(message)
    chat.announce(message)
    return {"channel": channel.id, "ts": message.ts, "message": render.message(message)}


@method("chat.update", f"channel* ts* reply_broadcast {_FORMAT}", scope="chat:write")
def update(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/chat.update

    Text without blocks takes the blocks away; blocks keep the message from being marked as edited.
    """
    message = _own(call, "cant_update_message")
    sent = _content(call, most=UPDATE_MOST)
    before = render.message(message)
    if sent.text is not None or sent.blocks is not None:
        message.text = message.text if sent.text is None else sent.text
        message.blocks = sent.blocks or []
    if sent.attachments is not None:
        message.attachments = sent.attachments
    if call.has("metadata"):
        message.metadata = call.json("metadata", "invalid_metadata_format")
    if not message.blocks:
        message.edited = (call.app.bot.id, chat.stamp(message.channel, None))
    chat.announce_change(message, before)
    shown = render.message(message)
    return {"channel": message.channel.id, "ts": message.ts, "text": message.text, "message": shown}


@method("chat.delete", "channel* ts*", scope="chat:write")
def delete(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/chat.delete"""
    message = _own(call, "cant_delete_message")
    chat.delete(message)
    return {"channel": message.channel.id, "ts": message.ts}


@method("chat.postEphemeral", f"channel* user* thread_ts username {_FORMAT}", scope="chat:write")
def post_ephemeral(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/chat.postEphemeral"""
    sent = _content(call)
    channel = _writable(call)
    user = call.workspace.find_user(call.text("user"))
    if user is None or user not in channel.members:
        raise SlackError("user_not_in_channel")
    thread = _thread(call, channel)
    message = Message(
        channel, chat.stamp(channel, None), call.app.bot, sent.text or "", sent.blocks or [],
        sent.attachments or [], thread_ts=thread.ts if thread else None, posted_by=call.app,
        bot_id=call.app.bot_id, only_for=user,
    )  # fmt: skip
    channel.ephemerals.append(message)
    return {"message_ts": message.ts}


@method("chat.getPermalink", "channel* message_ts*")
def permalink(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/chat.getPermalink"""
    channel = _known(call)
    message = channel.log.by_ts.get(call.text("message_ts"))
    if message is None:
        raise SlackError("message_not_found")
    return {"channel": channel.id, "permalink": message.permalink}


def _content(call: Call, **options: Any) -> Content:
    sent = {
        "text": call.request.args.get("text"),
        "blocks": call.json("blocks", "invalid_blocks_format"),
        "attachments": call.json("attachments", "invalid_arguments"),
    }
    return content(call.world, call.request.method, sent, **options)


def _known(call: Call) -> Channel:
    """A conversation that the bot may know of, whatever its `*:read` scopes."""
    channel = call.workspace.channels.get(call.text("channel"))
    if channel is None or (channel.kind != PUBLIC and call.app.bot not in channel.members):
        raise SlackError("channel_not_found")
    return channel


def _writable(call: Call) -> Channel:
    """Where a message may go; a user's id is their direct messages with the app."""
    wanted = call.text("channel")
    direct = dm_of(call, wanted) if wanted[:1] in {"U", "W"} else None
    channel = direct or _known(call)
    if direct is not None and not call.world.app.messages_tab:
        raise SlackError("messages_tab_disabled")
    if channel.archived:
        raise SlackError("is_archived")
    if call.app.bot not in channel.members and "chat:write.public" not in call.app.scopes:
        raise SlackError("not_in_channel")
    return channel


def _thread(call: Call, channel: Channel) -> Message | None:
    """The parent that a reply goes below; a reply's ts is not to be used for it
    (docs.slack.dev/reference/methods/chat.postMessage).
    """
    if not call.has("thread_ts"):
        return None
    named = channel.log.by_ts.get(call.text("thread_ts"))
    if named is None:
        raise SlackError("thread_not_found")
    if named.is_reply:
        call.violate("reply to a reply", named.ts)
        return channel.log.by_ts.get(named.thread_ts or "", named)
    return named


def _own(call: Call, error: str) -> Message:
    """A message that the bot posted by chat.postMessage; an ephemeral one is not found."""
    message = _known(call).log.by_ts.get(call.text("ts"))
    if message is None or message.subtype == "tombstone":
        raise SlackError("message_not_found")
    if message.posted_by is not call.app or message.by_response_url:
        raise SlackError(error)
    return message
