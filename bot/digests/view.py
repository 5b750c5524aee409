"""A digest as it is to be shown, without a platform's markup.

Adapters render it: they escape `Words` and `Name`, make `Place` and `Link` the platform's own, and
divide what is longer than a message. Knows no platform.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Words:
    """Untrusted text, such as a sentence."""

    text: str


@dataclass(frozen=True, slots=True)
class Name:
    """What somebody is called: untrusted, and shown so that it stands out."""

    text: str


@dataclass(frozen=True, slots=True)
class Own:
    """The bot's own words."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A channel or thread, as the platform shows one without pinging anybody."""

    id: str
    name: str
    """Untrusted; for where the id means nothing, as in a terminal."""


@dataclass(frozen=True, slots=True)
class Link:
    """To a message. Adapters leave out what is no link of the platform's own."""

    url: str
    label: str
    """The bot's own: an arrow, a number."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was said; as each reader has it, where the platform can."""

    at: datetime


Span = Words | Name | Own | Place | Link | Moment


class Kind(StrEnum):
    TITLE = "title"
    CHANNEL = "channel"
    """The heading of a channel."""
    TOPIC = "topic"
    """The heading of a topic or thread."""
    LINE = "line"
    ITEM = "item"
    """One of several, under what is above."""
    NOTE = "note"
    """Small."""


HEADINGS = (Kind.TITLE, Kind.CHANNEL, Kind.TOPIC)


@dataclass(frozen=True, slots=True)
class Line:
    """Never divided; adapters shorten the untrusted text of one that is longer than a message."""

    kind: Kind
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Lines that are kept together as far as a message holds them."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class DigestView:
    """A digest: what stands at the top, then its sections.

    Where all of it fits into one message it is one. Else the first message is `top` with
    `overview`, and the sections follow below it, in a thread where the platform has those.
    """

    key: str
    """The digest's id, by which what was posted is known again."""
    title: str
    """Plain, for notifications and a thread's name: the bot's own words and the day."""
    top: tuple[Line, ...]
    """Title, totals, notes."""
    overview: tuple[Line, ...]
    """A line a channel; shown only where the sections are in a thread."""
    sections: tuple[Section, ...]

    @property
    def below_title(self) -> list[Line]:
        """The rest of `top`, for adapters that show the title apart."""
        return [line for line in self.top if line.kind is not Kind.TITLE]
