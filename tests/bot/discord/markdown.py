"""What Discord's client would make of a text: an independent reading of its markdown, for tests."""

import re

_ESCAPED = re.compile(r"\\[^0-9A-Za-z\s]")
_DOES_SOMETHING = {
    "mention": re.compile(r"@everyone|@here|<@[!&]?\d+>|<#\d+>"),
    "emoji, timestamp, command or page": re.compile(r"<(?:a?:|t:|/|id:)"),
    "masked link": re.compile(r"\]\("),
    "link": re.compile(r"(?i)\b[a-z][a-z0-9+.-]*://"),
    "invite": re.compile(r"(?i)discord(?:app)?\.(?:gg|com|io|me|li)\b"),
    "code": re.compile(r"`"),
    "emphasis": re.compile(r"[*_~]"),
    "spoiler": re.compile(r"\|"),
    "heading": re.compile(r"(?m)^(?:-?#)"),
    "quote": re.compile(r"(?m)^>"),
    "list": re.compile(r"(?m)^(?:[-+*]|\d{1,9}[.)])\s"),
    "line": re.compile(r"[\n\r]"),
}


def effects(text):
    """What in `text` would be more than its letters."""
    shown = _ESCAPED.sub("\x00", text)
    return [name for name, pattern in _DOES_SOMETHING.items() if pattern.search(shown)]


def as_read(text):
    """`text` as people see it: without the backslashes of escapes."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text)
