"""A page as Markdown, its plots as files beside it. Knows nothing of what the page is about.

Every text is escaped: nothing that a dialogue holds becomes markup, a link or a cell's border.
"""

import re

from eval.report.content import Block, Command, Example, Note, Page, Plot, Table, Text

_MARKUP = re.compile(r"[\\*_{}\[\]#|~!$]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "`": "&#96;"}
_AT_START = re.compile(r"^([-+=](?=[-+=\s]|$)|[0-9]{1,9}(?=[.)](?:\s|$)))")  # a list, a rule


def markdown(page: Page) -> str:
    """The page; a plot NAME is the file `NAME.png`."""
    parts = [f"# {escape(page.title)}", escape(page.lead)]
    for section in page.sections:
        parts.append(f"## {escape(section.title)}")
        parts += [_block(each) for each in section.blocks]
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """One line that shows as `text`, anywhere in a page."""
    line = " ".join(_printable(text).split())
    for character, entity in _ENTITIES.items():
        line = line.replace(character, entity)
    line = _MARKUP.sub(r"\\\g<0>", line)
    line = line.replace("](", r"]\(").replace("://", r":\//").replace("www.", r"www\.")
    return _AT_START.sub(_unlisted, line)


def _unlisted(match: re.Match[str]) -> str:
    """A start of a line that would begin a list, so that it doesn't."""
    return f"{match[1]}\\" if match[1].isdigit() else f"\\{match[1]}"


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)


def _block(block: Block) -> str:
    match block:
        case Text(text):
            return escape(text)
        case Note(text):
            return f"> **Note:** {escape(text)}"
        case Command(text):
            return f"```sh\n{_printable(text).replace('`', '')}\n```"
        case Plot(name, alt, _):
            return f"![{escape(alt)}]({name}.png)"
        case Table():
            return _table(block)
        case Example():
            return _example(block)


def _table(table: Table) -> str:
    lines = [
        _row(table.columns),
        _row(["---", *["---:"] * (len(table.columns) - 1)], escaped=True),
        *(_row(row) for row in table.rows),
    ]
    return f"**{escape(table.caption)}**\n\n" + "\n".join(lines)


def _row(cells: tuple[str, ...] | list[str], *, escaped: bool = False) -> str:
    return "| " + " | ".join(cell if escaped else escape(cell) for cell in cells) + " |"


def _example(example: Example) -> str:
    turns = "  \n".join(f"> {escape(turn)}" for turn in example.turns)  # two spaces: a new line
    answers = "\n".join(f"- **{escape(name)}:** {escape(text)}" for name, text in example.answers)
    return f"### {escape(example.title)}\n\n{turns}\n\n{answers}"
