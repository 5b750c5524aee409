"""Prints a digest on a terminal, all of it below each other.

Names and what people said are printed without markup, control characters spelt out; links are the
terminal's own, and left out where there is none.
"""

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.style import Style
from rich.text import Text

from bot.digests.view import DigestView, Kind, Line, Link, Moment, Name, Own, Place, Span, Words
from cli.harmless import harmless

WIDTH = 100
STYLES = {
    Kind.TITLE: "bold",
    Kind.CHANNEL: "bold cyan",
    Kind.TOPIC: "bold",
    Kind.NOTE: "yellow",
}
INDENT = {Kind.TOPIC: 2, Kind.LINE: 2, Kind.ITEM: 4, Kind.NOTE: 2}
HANGING = 2
BULLET = "• "


def print_digest(view: DigestView, day: date, zone: ZoneInfo, console: Console) -> None:
    """`day` and `zone`: of moments, only what differs from that day has a date."""
    shown = _Shown(day, zone, links=console.is_terminal)
    for line in view.top:
        console.print(shown.line(line))
    for section in view.sections:
        console.print()
        for line in section.lines:
            for row in _wrapped(shown.line(line), line.kind, console):
                console.print(row)


class _Shown:
    """Spans as text."""

    def __init__(self, day: date, zone: ZoneInfo, *, links: bool) -> None:
        self._day = day
        self._zone = zone
        self._links = links

    def line(self, line: Line) -> Text:
        text = Text(style=STYLES.get(line.kind, ""))
        if line.kind is Kind.ITEM and not isinstance(line.spans[0], Own):
            text.append(BULLET)  # the others begin with a mark of their own
        for span in line.spans:
            text.append_text(self._span(span))
        text.rstrip()
        return text

    def _span(self, span: Span) -> Text:
        match span:
            case Words(said):
                return Text(harmless(said))
            case Name(name):
                return Text(harmless(name), style="bold")
            case Place(_, name):
                return Text(f"#{harmless(name)}")
            case Own(own, strong):
                return Text(own, style="bold" if strong else "")
            case Moment(at):
                local = at.astimezone(self._zone)
                same = local.date() == self._day
                return Text(f"{local:%H:%M}" if same else f"{local:%Y-%m-%d %H:%M}", style="dim")
            case Link(url, label):
                safe = self._links and url.startswith("https://") and harmless(url) == url
                return Text(label, style=Style(link=url)) if safe else Text()


def _wrapped(text: Text, kind: Kind, console: Console) -> Iterator[Text]:
    """Rows of a line, the further ones hanging."""
    indent = INDENT.get(kind, 0)
    hanging = HANGING if kind is Kind.ITEM else 0
    for number, row in enumerate(text.wrap(console, WIDTH - indent - hanging)):
        row.rstrip()
        yield Text(" " * (indent + (hanging if number else 0))) + row
