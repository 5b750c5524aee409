"""A message of Slack's: what its fields say, in an export and from the API alike.

The export's reader and the live bot share it. Knows nothing of files, and of what a message's
author, place and thread are called.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import regex

from precis.conversation import Attachment, Reaction
from precis.normalisation import attachment, clean_name, rich_text, slack_text
from precis.normalisation.slack_rich_text import rich_elements
from precis.readers import json_fields as get
from precis.readers.reading import DamageError

_SPOKEN = frozenset({"", "thread_broadcast", "reply_broadcast", "me_message", "file_share"})
"""Subtypes of messages that people wrote; the others are joins, topics, pins, bots and the like."""
_SLACKBOT = "USLACKBOT"
_FALLBACKS = frozenset(
    {
        "This content can't be displayed.",
        "This message contains interactive elements.",
        "[no preview available]",
    }
)
"""What Slack says in the place of a text where there are only blocks."""
_GONE = frozenset({"tombstone", "hidden_by_limit"})
"""Files that were deleted, or are out of reach."""
_MENTION = regex.compile(r"<@([A-Z0-9]{1,40})(?:\|[^<>]*)?>")


@dataclass(frozen=True, slots=True)
class Names:
    """What ids in a workspace's messages stand for."""

    people: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)


def is_spoken(message: dict[str, Any]) -> bool:
    """Whether a person wrote it, and it is still there for all to read."""
    return (
        message.get("type", "message") == "message"
        and not message.get("hidden")
        and not message.get("is_ephemeral")
        and get.text(message, "subtype") in _SPOKEN
        and not get.text(message, "bot_id")
        and get.text(message, "user") != _SLACKBOT
    )


def said(message: dict[str, Any], names: Names) -> str:
    """Its content as plain text: its own, or else what it forwards."""
    return _content(message, names) or "\n".join(
        text for shared in _forwarded(message) if (text := _forwarded_text(shared, names))
    )


def people_in(message: dict[str, Any]) -> set[str]:
    """Ids of the people whose names its author and its text need."""
    found = {get.text(message, "user")} - {""}
    for part, blocks in [
        (message, message.get("blocks")),
        *((each, each.get("blocks")) for each in _forwarded(message)),
        *((each, inner) for each in _forwarded(message) for inner in _inner_blocks(each)),
    ]:
        found.update(_MENTION.findall(get.text(part, "text")))
        mentioned = (get.text(each, "user_id") for each in rich_elements(blocks))
        found.update(user for user in mentioned if user)
    return found


def speaks_to(message: dict[str, Any], user: str) -> bool:
    """Whether it begins with a mention of that user, such as of a bot that is asked something."""
    text = get.text(message, "text").lstrip()
    if text and text not in _FALLBACKS:
        found = _MENTION.match(text)
        return found is not None and found.group(1) == user
    elements = (each for each in rich_elements(message.get("blocks")) if not _blank(each))
    first = next(elements, {})
    return get.text(first, "type") == "user" and get.text(first, "user_id") == user


def name_of(user: dict[str, Any]) -> str:
    """What a user is called; "" where nothing tells."""
    profile = get.inner(user, "profile")
    return (
        get.text(profile, "display_name")
        or get.text(profile, "real_name")
        or get.text(user, "real_name")
        or get.text(user, "name")
    )


def author_name(message: dict[str, Any], people: Mapping[str, str]) -> str:
    """Its author's name: as the workspace has it, or as the message brings it."""
    known = people.get(get.text(message, "user"), "")
    return clean_name(known or name_of({"profile": message.get("user_profile")}))


def time_of(ts: str) -> datetime:
    """When a message was written, of its `ts`."""
    if not ts:
        raise DamageError("no time")
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
            microseconds=int(Decimal(ts) * 1_000_000)
        )
    except (ArithmeticError, ValueError):
        raise DamageError("ts: not a Slack time") from None


def attachments_of(message: dict[str, Any]) -> tuple[Attachment, ...]:
    """Its files, and those of what it forwards."""
    return tuple(
        attachment(get.text(file, "name") or get.text(file, "title"), get.text(file, "mimetype"))
        for part in (message, *_forwarded(message))
        for file in get.objects(part, "files")
        if file.get("mode") not in _GONE
    )


def reactions_of(message: dict[str, Any]) -> tuple[Reaction, ...]:
    found = []
    for reaction in get.objects(message, "reactions"):
        name = get.text(reaction, "name")
        if made := get.reaction(f":{name}:" if name else "", reaction.get("count")):
            found.append(made)
    return tuple(found)


def _content(part: dict[str, Any], names: Names) -> str:
    """The text; where there is none, or only words for its absence, what the blocks say."""
    text = get.text(part, "text")
    if not text.strip() or text.strip() in _FALLBACKS:
        return _rich(part.get("blocks"), names)
    return slack_text(text, people=names.people, channels=names.channels, groups=names.groups)


def _blank(element: dict[str, Any]) -> bool:
    return element.get("type") == "text" and not get.text(element, "text").strip()


def _rich(blocks: object, names: Names) -> str:
    return rich_text(blocks, people=names.people, channels=names.channels, groups=names.groups)


def _forwarded(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Messages that it forwards: not those that it merely links to."""
    return (each for each in get.objects(message, "attachments") if each.get("is_share"))


def _forwarded_text(shared: dict[str, Any], names: Names) -> str:
    text = _content(shared, names)
    return text or "\n".join(_rich(blocks, names) for blocks in _inner_blocks(shared)).strip()


def _inner_blocks(shared: dict[str, Any]) -> Iterator[object]:
    for each in get.objects(shared, "message_blocks"):
        yield get.inner(each, "message").get("blocks")
