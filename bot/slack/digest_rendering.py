"""A digest as Slack's blocks, within its limits. Pure.

Limits: https://docs.slack.dev/reference/block-kit/blocks. What people wrote, and what they are
called, is escaped here; links are to messages of the workspace or none.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

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
    Section,
    Span,
    Words,
)
from bot.slack.blocks import Block
from bot.slack.escaping import JOINER, escaped, escaped_name, plain
from bot.slack.ids import split_place
from bot.slack.permalinks import is_permalink
from bot.slack.posting import Content

MOST_HEADER = 150
MOST_TEXT = 3_000
"""Characters of a section, or a note."""
MOST_BLOCKS = 50
MOST_TOGETHER = 12_000
"""Characters of a message's blocks as JSON: some more, and Slack says `msg_blocks_too_long`."""
MOST_FALLBACK = 1_000
UNTRUSTED = (Words, Name)
MORE = "…"
DIVIDER: Block = {"type": "divider"}

Text = tuple[str, Kind]
"""A line in Slack's markup, and what it is."""


def contents(
    view: DigestView, workspace_url: str, below: Sequence[Block], *, divided: bool = False
) -> list[Content]:
    """A digest as one message, or as one and those in the thread below it.

    `below` is what stands at the first one's end; `divided`: in a thread, however short it is.
    """
    head = [_header(view.title), *_blocks(view.below_title, workspace_url)]
    sections = [_section(each, workspace_url) for each in view.sections]
    text = _fallback(view, workspace_url)
    if not divided:
        whole = [*head, *(block for each in sections for block in each), *below]
        if _fits(whole):
            return [Content(text, whole)]
    lines = [*view.below_title, *view.overview]
    top = _as_many([_header(view.title), *_blocks(lines, workspace_url)], below)
    title = escaped(view.title, MOST_HEADER)
    return [Content(text, top), *(Content(title, part) for part in _packed(sections))]


def rendered(line: Line, workspace_url: str) -> str:
    """A line in Slack's markup, short enough for a section; empty where nothing is in it."""
    bullet = "• " if line.kind is Kind.ITEM else ""
    heading = line.kind in HEADINGS
    wrap = "*" if heading else ""
    room = MOST_TEXT - len(bullet) - 2 * len(wrap)
    text = fitted(lambda limit: _joined(line.spans, limit, workspace_url, strong=not heading), room)
    if text is None:  # all of it is short, and there is too much of it
        text = _as_much(line.spans, room, workspace_url, strong=not heading)
    return f"{bullet}{wrap}{text}{wrap}" if text else ""


def moment(at: datetime) -> str:
    """As each reader has it, in their own time zone and language."""
    form = "{date_short_pretty} {time}"
    return f"<!date^{int(at.timestamp())}^{form}|{at:%Y-%m-%d %H:%M} UTC>"


def _joined(spans: Sequence[Span], limit: int, workspace_url: str, *, strong: bool) -> str:
    """Where two untrusted texts meet, nothing may come of what each of them has of it."""
    text = ""
    for number, span in enumerate(spans):
        if number and isinstance(span, UNTRUSTED) and isinstance(spans[number - 1], UNTRUSTED):
            text += JOINER
        text += _span(span, limit, workspace_url, strong=strong)
    return text.strip()


def _as_much(spans: Sequence[Span], room: int, workspace_url: str, *, strong: bool) -> str:
    text = ""
    for end in range(1, len(spans) + 1):
        more = _joined(spans[:end], SHORTER[-1], workspace_url, strong=strong)
        if len(more) + len(MORE) > room:
            break
        text = more
    return f"{text}{MORE}"


def _span(span: Span, limit: int, workspace_url: str, *, strong: bool) -> str:  # noqa: PLR0911
    """One span; `strong`: whether what is to stand out may."""
    match span:
        case Words(text):
            return escaped(text, limit)
        case Name(text):
            return _strong(escaped_name(text), strong=strong)
        case Own(text, stands_out):
            return _strong(_entities(text), strong=strong and stands_out)
        case Place(place, name):
            return _place(place, name)
        case Link(url, label):
            if not is_permalink(url, workspace_url):
                return ""
            return f"<{_entities(url)}|{_entities(label)}>"
        case Moment(at):
            return moment(at)


def _place(place: str, name: str) -> str:
    try:
        return f"<#{split_place(place)[0]}>"
    except ValueError:
        return escaped_name(name)


def _strong(text: str, *, strong: bool) -> str:
    """Slack makes nothing bold that begins or ends with a space."""
    inner = text.strip()
    if not (strong and inner):
        return text
    start = text.index(inner)
    return f"{text[:start]}*{inner}*{text[start + len(inner) :]}"


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _fallback(view: DigestView, workspace_url: str) -> str:
    """What notifications show, and screen readers read: how a digest begins."""
    text = escaped(view.title, MOST_HEADER)
    for line in (*view.below_title, *view.overview):
        more = rendered(line, workspace_url)
        if len(text) + 1 + len(more) > MOST_FALLBACK:
            break
        text += f"\n{more}" if more else ""
    return text


def _blocks(lines: Sequence[Line], workspace_url: str) -> list[Block]:
    """Lines, as many together as a section holds; notes are small."""
    made = [(rendered(line, workspace_url), line.kind) for line in lines]
    return [_block(group) for group in _grouped([each for each in made if each[0]])]


def _grouped(lines: Sequence[Text]) -> Iterator[list[Text]]:
    """No heading is the last line of a section, unless nothing follows it."""
    group: list[Text] = []
    for line in lines:
        if group and (_small(group[0]) != _small(line) or not _in_one([*group, line])):
            moved = [] if _small(line) else headings_moved(group, line, _is_heading, _in_one)
            yield group
            group = moved
        group.append(line)
    if group:
        yield group


def _small(line: Text) -> bool:
    return line[1] is Kind.NOTE


def _is_heading(line: Text) -> bool:
    return line[1] in HEADINGS


def _in_one(lines: Sequence[Text]) -> bool:
    """Whether a section holds them."""
    return sum(len(text) for text, _ in lines) + len(lines) - 1 <= MOST_TEXT


def _block(lines: Sequence[Text]) -> Block:
    text = {"type": "mrkdwn", "text": "\n".join(text for text, _ in lines), "verbatim": True}
    if _small(lines[0]):
        return {"type": "context", "elements": [text]}
    return {"type": "section", "expand": True, "text": text}


def _header(title: str) -> Block:
    text = {"type": "plain_text", "text": plain(title, MOST_HEADER) or MORE, "emoji": False}
    return {"type": "header", "text": text}


def _section(section: Section, workspace_url: str) -> list[Block]:
    """There is a line above a channel's beginning."""
    blocks = _blocks(section.lines, workspace_url)
    begins = bool(section.lines) and section.lines[0].kind is Kind.CHANNEL
    return [DIVIDER, *blocks] if begins else blocks


def _as_many(blocks: Sequence[Block], below: Sequence[Block]) -> list[Block]:
    """The blocks, as many as fit into a message with what is to be at its end."""
    if _fits([*blocks, *below]):
        return [*blocks, *below]
    rest = [_block([(MORE, Kind.LINE)]), *below]
    many = next(n for n in range(len(blocks), -1, -1) if _fits([*blocks[:n], *rest]))
    return [*blocks[:many], *rest]


def _packed(sections: Sequence[Sequence[Block]]) -> list[list[Block]]:
    """Sections as messages: whole where one holds them, else divided between their blocks."""
    parts: list[list[Block]] = [[]]
    for section in sections:
        if parts[-1] and not _fits([*parts[-1], *section]):
            parts.append([])
        for block in section:
            if not _fits([*parts[-1], block]):
                parts.append([])
            if parts[-1] or block is not DIVIDER:
                parts[-1].append(block)
    return [part for part in parts if part]


def _fits(blocks: Sequence[Block]) -> bool:
    written = json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))
    return len(blocks) <= MOST_BLOCKS and len(written) <= MOST_TOGETHER
