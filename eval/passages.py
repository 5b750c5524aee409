"""A DialogSum dialogue as the worker's generators see it, and its numbers back again.

The worker numbers people in order of appearance, the data as it likes. A person's author id is
the data's own `#PersonN#`, so a summary's numbers can be told in the data's and compared with
references. Knows nothing of systems or metrics.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from eval.dialogues import Dialogue
from worker.embeddings import SentenceEncoder
from worker.pipeline.packing import MOST_OF_A_TOPIC, Window, sentences_for
from worker.pipeline.passages import Passage, Turn
from worker.pipeline.sentences import shorten

NOBODY = "#Person0#"
"""Stands for a number that nobody in the dialogue has; DialogSum's numbers begin at 1."""

_SPEECH = re.compile(r"\s*#Person_?([0-9]+)#\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)
_PERSON = re.compile(r"#\s?person\s?_?([0-9]+)\s?#", re.IGNORECASE)


def speeches(dialogue: str) -> list[tuple[str, str]]:
    """(`#PersonN#` as in the data, what they said) of each turn.

    A line without a speaker goes on with the turn before it; a turn without words is none.
    """
    found: list[tuple[str, str]] = []
    for line in dialogue.splitlines():
        if match := _SPEECH.match(line):
            found.append((f"#Person{match[1]}#", match[2].strip()))
        elif found and line.strip():
            speaker, said = found[-1]
            found[-1] = (speaker, f"{said} {line.strip()}".strip())
    return [(speaker, said) for speaker, said in found if said]


def passages(dialogues: Sequence[Dialogue], encoder: SentenceEncoder | None) -> list[Passage]:
    """One passage a dialogue, of all its turns, all quotable.

    Without an `encoder` the vectors are zeros, for generators that don't look at them.
    """
    turns = [speeches(each.dialogue) for each in dialogues]
    said = [text for each in turns for _, text in each]
    if encoder is None:
        vectors = np.zeros((len(said), SentenceEncoder.dimension), np.float32)
    else:
        vectors = encoder.encode(said)
    made, start = [], 0
    for each in turns:
        people: dict[str, int] = {}
        numbered = tuple(
            Turn(_number(speaker, people), _renumber(text, people), index, quotable=True)
            for index, (speaker, text) in enumerate(each)
        )
        own = vectors[start : start + len(each)]
        start += len(each)
        wanted = min(MOST_OF_A_TOPIC, sentences_for(len(each)))
        made.append(Passage(numbered, tuple(people), own, wanted))
    return made


def fitting(passage: Passage, window: Window | None) -> list[Passage]:
    """The passage, halved between turns until each part fits `window`; almost always whole."""
    if window is None or window.count([passage.dialogue])[0] <= window.tokens:
        return [passage]
    if len(passage.turns) > 1:
        middle = len(passage.turns) // 2
        return [
            each
            for part in (slice(None, middle), slice(middle, None))
            for each in fitting(_part(passage, part), window)
        ]
    [turn] = passage.turns
    if len(turn.text) < 2:  # nothing left to cut: the window is too small for any turn
        return [passage]
    shorter = replace(turn, text=shorten(turn.text, max(1, len(turn.text) * 3 // 4)))
    return fitting(replace(passage, turns=(shorter,)), window)


def in_data_numbers(text: str, passage: Passage) -> str:
    """`text` with the passage's numbers told in the data's; nobody's number is `NOBODY`."""

    def person(match: re.Match[str]) -> str:
        number = int(match[1])
        return passage.people[number - 1] if 1 <= number <= len(passage.people) else NOBODY

    return _PERSON.sub(person, text)


def as_read(text: str) -> str:
    """`text` as readers see it, with `Person1` for `#Person1#`: what the gate is to judge.

    The gate reads chat; marks around a name hide from it what is said beside them.
    """
    return _PERSON.sub(r"Person\1", text)


def in_passage_numbers(text: str, passage: Passage) -> str:
    """The reverse: `text` with the data's numbers told in the passage's."""
    numbers = {person: number for number, person in enumerate(passage.people, start=1)}

    def person(match: re.Match[str]) -> str:
        number = numbers.get(f"#Person{match[1]}#")
        return f"#Person{number}#" if number else NOBODY

    return _PERSON.sub(person, text)


def _number(person: str, people: dict[str, int]) -> str:
    return f"#Person{people.setdefault(person, len(people)) + 1}#"


def _renumber(text: str, people: dict[str, int]) -> str:
    return _PERSON.sub(lambda match: _number(f"#Person{match[1]}#", people), text)


def _part(passage: Passage, part: slice) -> Passage:
    turns = passage.turns[part]
    return replace(
        passage,
        turns=turns,
        vectors=passage.vectors[part],
        sentences=max(1, round(passage.sentences * len(turns) / len(passage.turns))),
    )
