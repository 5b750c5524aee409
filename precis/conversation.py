"""What people said: messages, who said them, and the conversation they make.

Knows nothing of where messages come from (see `precis.readers`) nor of what is made of them.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints

from precis.frozen import Frozen

MAX_TEXT = 40_000  # Slack's limit for a message, the largest of any supported platform


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""Category Cc of Unicode, which is closed."""


def _in_utc(time: datetime) -> datetime:
    if time.tzinfo is None:
        raise ValueError("time has no UTC offset")
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError("time is out of range") from None


def _web_address(link: str) -> str:
    if not link.startswith(("https://", "http://")):
        raise ValueError("permalink is not an http(s) address")
    return link


def _printable(text: str) -> str:
    """Refuse control characters: they are no part of any platform's ids, and steer terminals."""
    if _CONTROL.search(text):
        raise ValueError("has control characters")
    return text


Identifier = Annotated[
    str, StringConstraints(min_length=1, max_length=200), AfterValidator(_printable)
]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
UtcTime = Annotated[datetime, AfterValidator(_in_utc)]
Permalink = Annotated[
    str,
    StringConstraints(max_length=2_000),
    AfterValidator(_web_address),
    AfterValidator(_printable),
]


class Attachment(Frozen):
    """A file sent with a message; only its kind and name are kept, never its content."""

    kind: Literal["image", "audio", "video", "file"]
    name: str = Field(default="", max_length=300)


class Reaction(Frozen):
    """An emoji and how many people put it on the message."""

    emoji: str = Field(min_length=1, max_length=100)
    count: int = Field(ge=1)


class Message(Frozen):
    """One message, as its author sent it or, after `precis.normalisation`, as plain text."""

    id: Identifier
    author_id: Identifier
    author_name: Name
    text: str = Field(max_length=MAX_TEXT)
    time: UtcTime | None = None
    """When it was sent, in UTC; None where the source has no clock (plain transcripts)."""
    reply_to: Identifier | None = None
    """The id of the message it answers."""
    thread: Identifier | None = None
    """The id of the thread it belongs to; a thread's first message carries it too."""
    permalink: Permalink | None = None
    edited: bool = False
    attachments: tuple[Attachment, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    is_bot: bool = False


class Participant(Frozen):
    """Somebody who wrote in a conversation, under a name that is unique in it."""

    id: Identifier
    name: Name


class Conversation(Frozen):
    """Messages of one channel or thread, in the order they were sent."""

    source: Name
    """Where it comes from: a platform (`discord`, `slack`) or a file format (`irc`, `plain`)."""
    channel: str = Field(default="", max_length=200)
    messages: tuple[Message, ...] = ()

    @cached_property
    def participants(self) -> tuple[Participant, ...]:
        """The authors, in order of first message; namesakes are told apart by a number."""
        return name_participants((m.author_id, m.author_name) for m in self.messages)

    @cached_property
    def names(self) -> dict[str, str]:
        """Author id to the unique name of `participants`."""
        return {p.id: p.name for p in self.participants}

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A changed copy, without what was derived from the messages it may have lost."""
        copied = super().model_copy(update=update, deep=deep)
        for derived in ("participants", "names", "digest"):
            copied.__dict__.pop(derived, None)
        return copied

    @property
    def first_time(self) -> datetime | None:
        return min((m.time for m in self.messages if m.time), default=None)

    @property
    def last_time(self) -> datetime | None:
        return max((m.time for m in self.messages if m.time), default=None)

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of all that a summary depends on: the same messages, the same digest."""
        sha = hashlib.sha256()
        for message in self.messages:
            sha.update(message.model_dump_json(exclude={"permalink", "reactions"}).encode())
            sha.update(b"\n")
        return sha.hexdigest()


def name_participants(authors: Iterable[tuple[str, str]]) -> tuple[Participant, ...]:
    """Make (author id, display name) pairs into participants with unique names.

    Somebody who renamed themselves goes by the last name they used. Of people who share a
    display name, the first keeps it and the others become `Ana (2)`, `Ana (3)`, …
    """
    latest = dict(authors)  # keeps the position of the first message
    taken: set[str] = set(latest.values())
    seen: Counter[str] = Counter()
    named = []
    for author_id, name in latest.items():
        seen[name] += 1
        unique = name
        while seen[name] > 1 and unique in taken:
            unique = f"{name} ({seen[name]})"
            if unique in taken:
                seen[name] += 1
        taken.add(unique)
        named.append(Participant(id=author_id, name=unique))
    return tuple(named)
