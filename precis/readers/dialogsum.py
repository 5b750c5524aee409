"""DialogSum's dialogues: `#Person1#: text`. Knows nothing of its summaries and topics."""

import re

from precis.readers import speeches
from precis.readers.reading import Options, Reading, Tally
from precis.readers.text_file import TextFile

NAME = "dialogsum"
TITLE = "DialogSum dialogues (#Person1#: text)"

_SPEECH = re.compile(r"\s*#(Person_?[0-9]{1,4})#\s*:(.*)", re.ASCII | re.IGNORECASE)


def recognises(file: TextFile) -> bool:
    lines = [line for line in file.head_lines if line.strip()]
    return bool(lines) and _split(lines[0]) is not None


def read(file: TextFile, options: Options) -> Reading:
    tally = Tally()
    return Reading(NAME, "", speeches.messages(file.lines(), _split, tally), tally)


def _split(line: str) -> tuple[str, str] | None:
    found = _SPEECH.match(line)
    return (found.group(1), found.group(2)) if found else None
