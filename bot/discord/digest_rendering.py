"""A digest as Discord's embeds, within its limits. Pure.

Limits: https://discord.com/developers/docs/resources/message#embed-object-embed-limits. What people
wrote, and what they are called, is escaped here; links are Discord's own or none.
"""

from collections.abc import Sequence
from datetime import timedelta

import discord

from bot.digests.fitting import SHORTER, fitted, headings_moved
from bot.digests.view import (
    HEADINGS,
    DigestView,
    Kind,
    Line,
    Link,
    Moment,
    Name,
    Own,
    Place,
    Span,
    Words,
)
from bot.discord.escaping import escaped, escaped_name, plain
from bot.discord.rendering import COLOUR, MOST_DESCRIPTION, PERMALINK

MOST_TITLE = 250
MOST_NAME = 100
"""Characters of a thread's name."""
MARKS = {Kind.TITLE: "## ", Kind.CHANNEL: "### ", Kind.ITEM: "• ", Kind.NOTE: "-# "}
CLOCK, DATE = "t", "f"
"""Forms of https://discord.com/developers/docs/reference#message-formatting-timestamp-styles."""
A_DAY = timedelta(days=1)

Block = Sequence[tuple[str, bool]]
"""Lines that belong together: each with whether it is a heading."""
BLANK = ("", False)
"""Between two blocks."""


def rows(view: DigestView) -> list[discord.Embed]:
    """A digest for messages one after the other."""
    form = _form(view)
    sections = (_block(each.lines, form) for each in view.sections)
    return _embeds(view, [_block(view.below_title, form), *sections])


def top(view: DigestView) -> discord.Embed:
    """What stands in a channel where the sections are in a thread."""
    parts = _embeds(view, [_block([*view.below_title, *view.overview], _form(view))])
    if len(parts) > 1 and parts[0].description:
        parts[0].description += "\n…"
    return parts[0]


def below(view: DigestView) -> list[discord.Embed]:
    """The sections, for that thread."""
    form = _form(view)
    return [_embed(part) for part in packed([_block(each.lines, form) for each in view.sections])]


def thread_name(view: DigestView) -> str:
    return plain(view.title, MOST_NAME) or "…"


def packed(blocks: Sequence[Block]) -> list[str]:
    """Blocks as texts for a message each: whole where one holds them, else divided between lines.

    No heading is the last line of a message, unless it is followed by nothing.
    """
    parts: list[list[tuple[str, bool]]] = [[]]
    for block in blocks:
        apart = [BLANK, *block] if parts[-1] else block
        if parts[-1] and not _fits([*parts[-1], *apart]):
            parts.append([])
            apart = block
        for line in apart:
            if parts[-1] and not _fits([*parts[-1], line]):
                parts.append(headings_moved(parts[-1], line, _is_heading, _fits))
            parts[-1].append(line)
    made = ("\n".join(text for text, _ in part).strip() for part in parts)
    return [text for text in made if text]


def rendered(line: Line, form: str = CLOCK) -> str:
    """A line in Discord's markdown, no longer than a message; empty where nothing is in it.

    `form`: how moments are shown.
    """
    mark = MARKS.get(line.kind, "")
    if line.kind is Kind.ITEM and line.spans and isinstance(line.spans[0], Own):
        mark = ""  # it has a mark of its own, such as that of a question
    heading = line.kind in HEADINGS
    wrap = "**" if line.kind is Kind.TOPIC else ""
    room = MOST_DESCRIPTION - len(mark) - 2 * len(wrap)
    text = fitted(lambda limit: _joined(line.spans, limit, form, strong=not heading), room)
    if text is None:  # all of it is short, and there is too much of it
        text = _as_much(line.spans, room, form, strong=not heading)
    return f"{mark}{wrap}{text}{wrap}" if text else ""


def _embeds(view: DigestView, blocks: Sequence[Block]) -> list[discord.Embed]:
    first, *others = packed(blocks) or [""]
    return [_embed(first, _title(view)), *(_embed(each) for each in others)]


def _embed(text: str, title: str | None = None) -> discord.Embed:
    return discord.Embed(title=title, description=text or None, colour=COLOUR)


def _title(view: DigestView) -> str:
    """In a title no channel and no moment is shown as such, so it has words alone."""
    return escaped(view.title, MOST_TITLE // 2)


def _block(lines: Sequence[Line], form: str) -> Block:
    made = [(rendered(line, form), line.kind in HEADINGS) for line in lines]
    return [each for each in made if each[0]]


def _form(view: DigestView) -> str:
    """Of more than a day, moments are shown with their dates."""
    lines = [line for section in view.sections for line in section.lines]
    moments = [span.at for line in lines for span in line.spans if isinstance(span, Moment)]
    return CLOCK if not moments or max(moments) - min(moments) < A_DAY else DATE


def _is_heading(line: tuple[str, bool]) -> bool:
    return line[1]


def _fits(lines: Block) -> bool:
    return sum(len(text) for text, _ in lines) + len(lines) - 1 <= MOST_DESCRIPTION


def _joined(spans: Sequence[Span], limit: int, form: str, *, strong: bool) -> str:
    return "".join(_span(span, limit, form, strong=strong) for span in spans).strip()


def _as_much(spans: Sequence[Span], room: int, form: str, *, strong: bool) -> str:
    text = ""
    for span in spans:
        more = _span(span, SHORTER[-1], form, strong=strong)
        if len(text) + len(more) + 1 > room:
            break
        text += more
    return f"{text.strip()}…"


def _span(span: Span, limit: int, form: str, *, strong: bool) -> str:
    """One span; `strong`: whether what is to stand out may."""
    match span:
        case Words(text):
            return escaped(text, limit)
        case Name(text):
            return _strong(escaped_name(text), strong=strong)
        case Own(text, stands_out):
            return _strong(text, strong=strong and stands_out)
        case Place(place):
            return f"<#{place}>" if place.isascii() and place.isdecimal() else ""
        case Link(url, label):
            return f"[{label}]({url})" if PERMALINK.fullmatch(url) else ""
        case Moment(at):
            return f"<t:{int(at.timestamp())}:{form}>"


def _strong(text: str, *, strong: bool) -> str:
    """Spaces at the ends stay outside: inside, the marks would be shown as they are."""
    bare = text.strip()
    return text.replace(bare, f"**{bare}**") if strong and bare else text
