"""Writing, editing and deleting messages, joining and leaving, with the events that follow.

Used by the tests' people and by the API. The events are docs.slack.dev/reference/events/message
with its subtypes, app_mention, member_joined_channel and the like.
"""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.peers.slack import events, render
from tests.peers.slack.kinds import IM, PUBLIC, TYPES, WORDS
from tests.peers.slack.messages import TOMBSTONE, Message
from tests.peers.slack.rich_text import rich_text

if TYPE_CHECKING:
    from tests.peers.slack.people import User
    from tests.peers.slack.places import Channel

# What Slack itself writes: not a bot's words, though they may be about one.
_NOTES = {"channel_join", "group_join", "channel_leave", "group_leave"}
_MENTION = re.compile(r"<@([UW]\w+)(?:\|[^>]*)?>")


def stamp(channel: Channel, at: datetime | float | None) -> str:
    """A free ts: at a moment, or now and after all that is there."""
    if at is None:
        now = int(channel.world.clock.now() * 1_000_000)
        return channel.log.free(max(now, channel.log.last + 1))
    seconds = at.timestamp() if isinstance(at, datetime) else float(at)
    return channel.log.free(round(seconds * 1_000_000))


def say(
    channel: Channel,
    user: User | None,
    text: str,
    *,
    at: datetime | float | None = None,
    ts: str | None = None,
    thread: Message | None = None,
    broadcast: bool = False,
    blocks: list[dict[str, Any]] | None = None,
    files: list[str | dict[str, Any]] | None = None,
    subtype: str | None = None,
    quietly: bool = False,
    **more: Any,
) -> Message:
    """Somebody, or another app, writes."""
    person = user is not None and not user.is_bot
    if blocks is None:
        blocks = [rich_text(text)] if person and text and subtype is None else []
    if broadcast:
        subtype = "thread_broadcast"
    elif files and subtype is None:
        subtype = "file_share"
    if ts is not None and ts in channel.log.by_ts:
        raise ValueError(f"there is a message {ts} already")
    parent_ts = None if thread is None else thread.thread_ts or thread.ts
    by_bot = user is not None and user.is_bot and subtype not in _NOTES
    message = Message(
        channel, ts or stamp(channel, at), user, text, blocks, subtype=subtype,
        thread_ts=parent_ts, broadcast=broadcast,
        files=[file_object(channel, file) for file in files or []],
        client_msg_id=str(uuid.uuid4()) if person and subtype is None else None,
        **({"bot_id": user.bot_id} if user and by_bot else {}) | more,
    )  # fmt: skip
    if subtype == "bot_message" and message.bot_id is None:
        message.bot_id = "B0OLDAPP01"
    channel.log.add(message)
    if not quietly:
        announce(message)
    return message


def file_object(channel: Channel, file: str | dict[str, Any]) -> dict[str, Any]:
    """docs.slack.dev/reference/objects/file-object: for a name, or what a dict adds to one."""
    given = {"name": file} if isinstance(file, str) else file
    number = f"F0{channel.world.serial():08X}"
    base = f"{channel.workspace.url}files/{number}/{given['name']}"
    return {
        "id": number, "title": given["name"], "mimetype": "application/octet-stream",
        "filetype": "binary", "size": 1000, "mode": "hosted", "url_private": base,
        "permalink": base, **given,
    }  # fmt: skip


def edit(message: Message, text: str, blocks: list[dict[str, Any]] | None = None) -> None:
    """As a person does: the message is marked as edited."""
    before = snapshot(message)
    message.text = text
    message.blocks = [rich_text(text)] if blocks is None and message.blocks else blocks or []
    author = message.user.id if message.user else ""
    message.edited = (author, events.now_ts(message.channel.world))
    announce_change(message, before)


def delete(message: Message) -> None:
    """docs.slack.dev/reference/events/message/message_deleted; a parent with replies becomes a
    tombstone, and that is a message_changed.
    """
    channel, before = message.channel, snapshot(message)
    if message.replies:
        message.text, message.blocks, message.attachments, message.files = TOMBSTONE, [], [], []
        message.subtype, message.edited, message.posted_by = "tombstone", None, None
        message.user, message.bot_id, message.username = None, None, None
        announce_change(message, before)
        return
    message.deleted = True
    channel.log.remove(message)
    event = {
        "subtype": "message_deleted",
        "hidden": True,
        "deleted_ts": message.ts,
        "ts": events.now_ts(channel.world),
        "previous_message": before,
    }
    _tell(channel, event)


def snapshot(message: Message) -> dict[str, Any]:
    return render.message(message)


def announce(message: Message) -> None:
    """Tell the app of a new message, and that it was mentioned
    (docs.slack.dev/reference/events/app_mention).
    """
    if message.only_for is not None:
        return
    channel = message.channel
    data = snapshot(message)
    _tell(channel, data)
    if message.user is None or message.subtype not in {None, "file_share", "thread_broadcast"}:
        return
    named = set(_MENTION.findall(message.text))
    for heard in events.hearers(channel, "app_mention", "app_mention"):
        # docs.slack.dev/reference/events/app_mention: direct messages send none.
        if heard.bot.id in named and message.user is not heard.bot and channel.kind != IM:
            event = {**data, "type": "app_mention", "channel": channel.id, "event_ts": message.ts}
            events.send(heard, event, external=channel.external)


def announce_change(message: Message, before: dict[str, Any]) -> None:
    """docs.slack.dev/reference/events/message/message_changed"""
    event = {
        "subtype": "message_changed",
        "hidden": True,
        "message": snapshot(message),
        "previous_message": before,
        "ts": events.now_ts(message.channel.world),
    }
    _tell(message.channel, event)


def _tell(channel: Channel, data: dict[str, Any]) -> None:
    event = {
        **data,
        "type": "message",
        "channel": channel.id,
        "event_ts": data["ts"],
        "channel_type": TYPES[channel.kind],
    }
    events.tell(channel, event, f"message.{WORDS[channel.kind]}")


def join(channel: Channel, user: User, *, by: User | None, quietly: bool) -> None:
    """docs.slack.dev/reference/events/member_joined_channel"""
    if user in channel.members:
        return
    channel.members[user] = None
    if quietly:
        return
    _note(channel, user, "channel_join", "group_join", f"{user.mention} has joined the channel")
    event = _membership(channel, user, "member_joined_channel")
    events.tell(channel, {**event, "inviter": by.id} if by else event)


def leave(channel: Channel, user: User, *, by: User | None, quietly: bool) -> None:
    """docs.slack.dev/reference/events/member_left_channel; the app's own bot hears of channel_left
    or group_left too.
    """
    if user not in channel.members:
        return
    own = "channel_left" if channel.kind == PUBLIC else "group_left"
    hearers = events.hearers(channel, "member_left_channel", "member_left_channel")
    leavers = [one for one in events.hearers(channel, own, own) if one.bot is user]
    del channel.members[user]
    if quietly:
        return
    _note(channel, user, "channel_leave", "group_leave", f"{user.mention} has left the channel")
    for heard in leavers:
        actor = {"actor_id": by.id} if by else {}
        left = {"type": own, "channel": channel.id, **actor}
        events.send(heard, left, external=channel.external)
    for heard in hearers:
        event = _membership(channel, user, "member_left_channel")
        events.send(heard, event, external=channel.external)


def _membership(channel: Channel, user: User, kind: str) -> dict[str, Any]:
    letter = "C" if channel.kind == PUBLIC else "G"
    return {
        "type": kind,
        "user": user.id,
        "channel": channel.id,
        "channel_type": letter,
        "team": user.workspace.id,
    }


def _note(channel: Channel, user: User, public: str, private: str, text: str) -> None:
    """What Slack itself writes into a channel."""
    kind = public if channel.kind == PUBLIC else private
    say(channel, user, text, blocks=[], subtype=kind)


def announce_place(channel: Channel, what: str, by: User | None) -> None:
    """docs.slack.dev/reference/events/channel_archive, channel_deleted, channel_rename; group_…"""
    prefix = "channel" if channel.kind == PUBLIC else "group"
    event: dict[str, Any] = {"type": f"{prefix}_{what}", "channel": channel.id}
    if what == "rename":
        event["channel"] = {"id": channel.id, "name": channel.name, "created": channel.created}
    elif by is not None:
        event["user"] = by.id
    events.tell(channel, event)


def fill(
    channel: Channel, people: list[User], texts: list[str], *, start: float, step: float
) -> list[Message]:
    """Write a history at once, people in turn, without events."""
    written, at = [], round(start * 1_000_000)
    for number, text in enumerate(texts):
        who = people[number % len(people)]
        message = Message(channel, channel.log.free(at), who, text, [rich_text(text)])
        message.client_msg_id = f"fill-{number}"
        channel.log.add(message)
        written.append(message)
        at += round(step * 1_000_000)
    return written
