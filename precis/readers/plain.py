"""Plain transcripts: `Name: text`, with speech that runs over several lines.

Also `**Name**: text`, `Name (10:32): text` and `[10:32] Name: text`; their clocks are dropped, for
they tell no day. The hard part is to know `Ana: hello` from `Note: the exam is on Friday`.
"""

import re
from collections import Counter

from precis.normalisation import clean_name
from precis.readers import speeches
from precis.readers.reading import Options, Reading, Tally
from precis.readers.text_file import TextFile

NAME = "plain"
TITLE = "plain text (Name: text)"

_CLOCK = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: ?[AaPp]\.?[Mm]\.?)?"
_CLOCKS = re.compile(
    rf"^\s*[\[(]?{_CLOCK}[\])]?\s+(?:-\s+)?|\s*[\[(]{_CLOCK}[\])](?=(?:\*\*|__)?\s*[:：])"
)
_COLON = re.compile(r"(?P<name>[^:：]{1,60})(?::(?:\*\*|__)?(?=\s|$)|：)(?P<text>.*)")
_MAX_NAME = 40
_MAX_WORDS = 4
_NOT_IN_NAMES = re.compile(r'[!?;,"“”«»<>{}()=/\\|…。，！？\[\]]|(?<!\b\w)\.')
_TITLES = re.compile(r"\b(?:Mrs?|Ms|Dr|Prof|St|Jr|Sr)\.")
_LABELS = """
    note notes nb ps pps fyi edit update warning caution hint tip todo example examples reminder
    summary question answer result results conclusion and but so also then because that this it
    is important attention deadline agenda topic date time subject where when who what why how
    step first second third finally to_do for_example the_thing_is one_more_thing the_problem_is
    in_short http https
"""
_NO_NAMES = frozenset(label.replace("_", " ") for label in _LABELS.split())
_LEAST_SHARE = 0.3
_RECURRING = 2


def recognises(file: TextFile) -> bool:
    lines = [line for line in file.head_lines if line.strip()]
    if not lines:
        return False
    speakers = _Speakers(lines)
    speeches_found = [found for line in lines if (found := speakers.split(line))]
    return speakers.split(lines[0]) is not None and len(speeches_found) >= max(
        2, _LEAST_SHARE * len(lines)
    )


def read(file: TextFile, options: Options) -> Reading:
    tally = Tally()
    speakers = _Speakers(file.head_lines)
    return Reading(NAME, "", speeches.messages(file.lines(), speakers.split, tally), tally)


class _Speakers:
    """Who speaks: names that recur in the head, and later ones that look like names."""

    def __init__(self, head: list[str]) -> None:
        counted = Counter(found[0].casefold() for line in head if (found := _candidate(line)))
        self._recurring = {name for name, count in counted.items() if count >= _RECURRING}

    def split(self, line: str) -> tuple[str, str] | None:
        found = _candidate(line)
        if found and (found[0].casefold() in self._recurring or _looks_like_a_name(found[0])):
            return found
        return None


def _candidate(line: str) -> tuple[str, str] | None:
    """(name, text), if the line could begin a speech at all."""
    found = _COLON.match(_CLOCKS.sub("", line))
    if not found:
        return None
    name = found["name"].strip(" \t*_")
    untitled = _TITLES.sub("", name).strip()
    if (
        not untitled
        or len(name) > _MAX_NAME
        or len(name.split()) > _MAX_WORDS
        or not any(c.isalpha() for c in untitled)
        or _NOT_IN_NAMES.search(untitled)
        or untitled.casefold() in _NO_NAMES
    ):
        return None
    return clean_name(name), found["text"]


def _looks_like_a_name(name: str) -> bool:
    """Each word begins with a capital, or in a script that has none."""
    return all(not word[0].islower() for word in name.split())
