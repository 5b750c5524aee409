"""What every reader gets and gives: a source of messages, and a tally of damaged records.

Knows nothing of any format.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from precis.conversation import Message

MAX_PROBLEMS = 5
DAMAGE = "\ufdd0"
"""Stands for bytes that aren't text; a noncharacter, so that no sound file holds it."""

T = TypeVar("T")


class DamageError(Exception):
    """A record, or the rest of a file, can't be read; says why, never what it holds."""


@dataclass(slots=True)
class Tally:
    """Damaged records: how many, and what was wrong with the first of them."""

    skipped: int = 0
    problems: list[str] = field(default_factory=list)

    def skip(self, record: str, why: object) -> None:
        self.skipped += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(f"{record}: {why}")


@dataclass(frozen=True, slots=True)
class Options:
    """What the person who asks for a reading may say about it."""

    path: Path
    channel: str | None
    """Only this channel, with or without `#`."""
    timezone: tzinfo
    """Of clocks in the file that don't name theirs."""


@dataclass(slots=True)
class Reading:
    """A source being read: its messages, once, in the order of the source."""

    source: str
    channel: str
    messages: Iterator[Message]
    tally: Tally
    place: str = ""
    """The channel's or thread's id, where the source tells it."""
    parent: str = ""
    """Of a thread: its channel's."""


def read_each(
    records: Iterable[T],
    make: Callable[[T], Message | None],
    tally: Tally,
    noun: str = "record",
    first: int = 1,
) -> Iterator[Message]:
    """Make a message of each record, tallying the damaged ones.

    `make` gives None for what isn't a part of the conversation. Where `records` itself raises
    DamageError, the rest of the source is lost, and counts as one damaged record.
    """
    number = first - 1
    try:
        for number, record in enumerate(records, first):
            try:
                message = make(record)
            except DamageError as why:
                tally.skip(f"{noun} {number}", why)
            else:
                if message:
                    yield message
    except DamageError as why:
        tally.skip(f"{noun} {number + 1}", why)


def build(**fields: Any) -> Message | None:
    """A message of a record's fields; None without text, DamageError if a field is wrong."""
    if not fields["text"]:
        return None
    try:
        return Message(**fields)
    except ValidationError as error:
        raise DamageError(invalid(error)) from None


def sound(text: str) -> str:
    """The text, if its bytes were text."""
    if DAMAGE in text:
        raise DamageError("not valid UTF-8")
    return text


def invalid(error: ValidationError) -> str:
    """Which field is wrong and how, without its value."""
    detail = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "missing":
        return f"no {where}"
    if detail["type"] == "extra_forbidden":
        return "a field that Précis doesn't know"
    if detail["type"] == "json_invalid":
        return "not valid JSON"
    return f"{where or 'record'}: {detail['msg'].lower()}"


def display(path: Path) -> str:
    """A path for a one-line message: control characters shown as `?`."""
    return "".join(c if c.isprintable() else "?" for c in str(path))
