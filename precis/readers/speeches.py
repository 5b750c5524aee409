"""Speeches over several lines, as transcripts have them: gathers lines into whole messages.

Knows nothing of how a line tells its speaker.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from precis.conversation import MAX_TEXT, Message
from precis.normalisation import clean_name, clean_text
from precis.readers.decoding import MAX_LINE
from precis.readers.reading import DAMAGE, DamageError, Tally, build

Split = Callable[[str], tuple[str, str] | None]
"""(speaker, text) of a line that begins a speech, None for one that goes on with it."""


class _Speech(NamedTuple):
    line: int
    speaker: str
    text: list[str]


def messages(
    lines: Iterator[tuple[int, str | None]], split: Split, tally: Tally
) -> Iterator[Message]:
    """A message a speech; its id is the number of the line where it begins."""
    speech: _Speech | None = None
    size = 0  # characters of the speech so far
    for number, line in lines:
        if line is None:
            tally.skip(f"line {number}", f"over {MAX_LINE:,} characters long")
        elif not line.strip():
            continue
        elif begins := split(line):
            yield from _message(speech, tally)
            speech = _Speech(number, begins[0], [begins[1]])
            size = len(begins[1])
        elif speech is None:
            tally.skip(f"line {number}", "no author")
        elif size < MAX_TEXT:
            speech.text.append(line)
            size += len(line)
    yield from _message(speech, tally)


def _message(speech: _Speech | None, tally: Tally) -> Iterator[Message]:
    if speech is None:
        return
    text = " ".join(speech.text)
    if DAMAGE in text or DAMAGE in speech.speaker:
        tally.skip(f"line {speech.line}", "not valid UTF-8")
        return
    name = clean_name(speech.speaker)
    try:
        message = build(
            id=str(speech.line),
            author_id=name.casefold()[:200],
            author_name=name,
            text=clean_text(text),
        )
    except DamageError as why:
        tally.skip(f"line {speech.line}", why)
    else:
        if message:
            yield message
