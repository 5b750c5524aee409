"""DiscordChatExporter's JSON: one channel or thread of a server, or a direct conversation.

Knows the exporter's schema (https://github.com/Tyrrrz/DiscordChatExporter, version 2).
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

import ijson

from precis.conversation import Attachment, Message, Reaction
from precis.normalisation import attachment, clean_name, discord_text, is_command, with_marks
from precis.readers import json_fields as get
from precis.readers.json_records import records
from precis.readers.reading import DamageError, Options, Reading, Tally, build, read_each
from precis.readers.text_file import TextFile

NAME = "discord"
TITLE = "DiscordChatExporter JSON"

_SPOKEN = frozenset({"Default", "Reply"})
"""Types of messages that people wrote; the others are joins, pins, commands and the like."""
_THREADS = frozenset({"GuildPublicThread", "GuildPrivateThread", "GuildNewsThread"})
_GUILD = re.compile(r'"guild"\s*:\s*\{')
_CHANNEL = re.compile(r'"channel"\s*:\s*\{')


def recognises(file: TextFile) -> bool:
    return (
        file.head.lstrip().startswith("{")
        and _GUILD.search(file.head) is not None
        and _CHANNEL.search(file.head) is not None
    )


def read(file: TextFile, options: Options) -> Reading:
    header = _header(file.head)
    name = header.get("channel.name", "")
    tally = Tally()
    found = records(file.chunks(), "messages.item")
    make = partial(_message, header=header, options=options)
    return Reading(
        source=NAME,
        channel=clean_name(name) if name else "",
        messages=read_each(found, make, tally),
        tally=tally,
        place=header.get("channel.id", ""),
        parent=header.get("channel.categoryId", "") if _is_thread(header) else "",
    )


def _header(head: str) -> dict[str, str]:
    """`guild.id`, `channel.name` and the like: they stand before the messages."""
    events = ijson.sendable_list()
    parser = ijson.parse_coro(events)
    # What is wrong in it, the reading of the messages will say.
    with suppress(ijson.JSONError, ValueError):
        parser.send(head.partition('"messages"')[0].encode("utf-8"))
    return {prefix: value for prefix, kind, value in events if kind == "string"}


def _is_thread(header: dict[str, str]) -> bool:
    """A thread's category is the channel that it is in."""
    return header.get("channel.type") in _THREADS


def _message(value: Any, header: dict[str, str], options: Options) -> Message | None:
    fields = get.record(value)
    author = get.inner(fields, "author")
    if (get.text(fields, "type") or "Default") not in _SPOKEN or author.get("isBot"):
        return None
    if not get.text(author, "id"):
        raise DamageError("no author")
    message_id = get.text(fields, "id")
    if not message_id:
        raise DamageError("no id")
    content = discord_text(get.text(fields, "content"), people=dict(_mentioned(fields)))
    if is_command(content):
        return None
    attachments = tuple(_attachments(fields))
    stickers = [get.text(sticker, "name") for sticker in get.objects(fields, "stickers")]
    return build(
        id=message_id,
        author_id=get.text(author, "id"),
        author_name=clean_name(get.text(author, "nickname") or get.text(author, "name")),
        text=with_marks(content, attachments, stickers),
        time=_time(fields, options),
        reply_to=_reply_to(fields),
        thread=header.get("channel.id") if _is_thread(header) else None,
        permalink=_permalink(header, message_id),
        edited=bool(fields.get("timestampEdited")),
        attachments=attachments,
        reactions=tuple(_reactions(fields)),
    )


def _time(fields: dict[str, Any], options: Options) -> datetime:
    written = get.text(fields, "timestamp")
    if not written:
        raise DamageError("no time")
    try:
        time = datetime.fromisoformat(written)
        return time if time.tzinfo else time.replace(tzinfo=options.timezone)
    except ValueError:
        raise DamageError("timestamp: not an ISO 8601 time") from None


def _mentioned(fields: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(id, name) of who is mentioned; the exporter may have written either of their names."""
    for person in get.objects(fields, "mentions"):
        account, nickname = get.text(person, "name"), get.text(person, "nickname")
        if shown := nickname or account:
            yield get.text(person, "id"), shown
        if account and account != shown:
            yield f"@{account}", account


def _reply_to(fields: dict[str, Any]) -> str | None:
    if fields.get("type") != "Reply":
        return None
    return get.text(get.inner(fields, "reference"), "messageId") or None


def _permalink(header: dict[str, str], message_id: str) -> str | None:
    guild, channel = header.get("guild.id", ""), header.get("channel.id", "")
    if not (guild.isdecimal() and channel.isdecimal() and message_id.isdecimal()):
        return None
    place = "@me" if guild == "0" else guild  # the exporter's server of direct messages
    return f"https://discord.com/channels/{place}/{channel}/{message_id}"


def _attachments(fields: dict[str, Any]) -> Iterator[Attachment]:
    for file in get.objects(fields, "attachments"):
        yield attachment(get.text(file, "fileName"))


def _reactions(fields: dict[str, Any]) -> Iterator[Reaction]:
    for reaction in get.objects(fields, "reactions"):
        emoji = get.inner(reaction, "emoji")
        name = get.text(emoji, "name")
        custom = bool(get.text(emoji, "id"))
        found = get.reaction(f":{name}:" if custom else name, reaction.get("count"))
        if found:
            yield found
