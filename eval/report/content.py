"""What a page holds: sections of text, tables, plots and examples. Knows nothing of markup.

Texts are plain: what writes the page escapes them, so a dialogue can hold anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from eval.bootstrap import Interval


@dataclass(frozen=True, slots=True)
class Text:
    kind: ClassVar[str] = "text"
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """What is missing or left out, and how to get it."""

    kind: ClassVar[str] = "note"
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """A line for a shell."""

    kind: ClassVar[str] = "command"
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """The first cell of a row names it."""

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Plot:
    kind: ClassVar[str] = "plot"
    name: str
    """Of its file, without `.png`."""
    alt: str
    """What the plot shows, for those who can't see it."""
    png: bytes


@dataclass(frozen=True, slots=True)
class Example:
    """One dialogue, and what each system says of it."""

    kind: ClassVar[str] = "example"
    title: str
    turns: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    """Who says it, and what they say."""


Block = Text | Note | Command | Table | Plot | Example


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Page:
    title: str
    lead: str
    sections: tuple[Section, ...]

    @property
    def plots(self) -> list[Plot]:
        return [b for section in self.sections for b in section.blocks if isinstance(b, Plot)]


def section(id_: str, title: str, blocks: Sequence[Block]) -> Section:
    return Section(id_, title, tuple(blocks))


def figure(value: Interval | None, digits: int = 3) -> str:
    """A mean and its interval: `0.381 (0.372–0.390)`."""
    if value is None:
        return "none"
    return f"{value.mean:.{digits}f} ({value.low:.{digits}f}–{value.high:.{digits}f})"


def change(value: Interval, digits: int = 3) -> str:
    """A difference and its interval, with signs: `−0.031 (−0.040 to −0.021)`."""
    mean, low, high = (
        f"{each:+.{digits}f}".replace("-", "−") for each in (value.mean, value.low, value.high)
    )
    return f"{mean} ({low} to {high})"


def share(value: Interval | float | None) -> str:
    """A share as per cent, with its interval if it has one: `4.2 % (2.9–5.6)`."""
    if value is None:
        return "none"
    if isinstance(value, Interval):
        return f"{share(value.mean)} ({100 * value.low:.1f}–{100 * value.high:.1f})"
    return f"{100 * value:.1f} %"
