"""Drafts for where quotes are at hand and a wrong sentence is worse than a plain one. Pure.

Of what is written only a first sentence is kept, and only if it is whole, well supported, and not
told as an explanation by whoever asked for one; the passage's own words follow.
"""

import re
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from worker.embeddings import Vectors
from worker.generators.extractive import extract
from worker.generators.generator import Draft
from worker.pipeline.citations import best_turns, support
from worker.pipeline.fluency import breaks_off, says_again
from worker.pipeline.grounding import grounded
from worker.pipeline.passages import Passage, Turn, without_people

LEAST_SUPPORT = 0.5
"""Of the best message."""

STEM = 4  # letters
SAME = 0.6
"""Share of the words of a sentence that are a quote's too."""

_WORD = re.compile(rf"[^\W\d_]{{{STEM},}}")
_EXPLAINS = re.compile(r"(#Person[0-9]+#) (?:explains|tells|advises|suggests|thinks|says|knows)\b")


def carefully_grounded(draft: Draft, vectors: Vectors, passage: Passage) -> list[bool]:
    """Which sentences of `draft` keep to `passage`; `vectors` [sentences, dimension] are theirs."""
    rows = support([sentence.text for sentence in draft], vectors, passage)
    kept = grounded(draft, vectors, passage, LEAST_SUPPORT)
    return [
        fine and (bool(sentence.sources) or not _is_doubtful(sentence.text, row, passage))
        for fine, sentence, row in zip(kept, draft, rows, strict=True)
    ]


def with_quotes(draft: Draft, passage: Passage) -> Draft:
    """`draft` up to its first written sentence, and the passage's own words for the rest."""
    written = [n for n, sentence in enumerate(draft) if not sentence.sources]
    if not written:
        return draft
    kept = draft[: written[0] + 1]
    said = {message for sentence in kept for message in sentence.sources}
    told = _stems(kept[-1].text)
    turns = tuple(
        replace(turn, quotable=turn.quotable and turn.message not in said and not _says(turn, told))
        for turn in passage.turns
    )
    left = max(0, passage.sentences - len(kept))
    return (*kept, *extract(replace(passage, turns=turns, sentences=left)))


def _stems(text: str) -> set[str]:
    """The beginnings of a text's longer words."""
    return {word[:STEM] for word in _WORD.findall(without_people(text).casefold())}


def _says(turn: Turn, told: set[str]) -> bool:
    """Whether a turn would say what is written already."""
    return bool(told) and len(told & _stems(turn.text)) >= SAME * len(told)


def _is_doubtful(text: str, row: npt.NDArray[np.float64], passage: Passage) -> bool:
    return breaks_off(text) or says_again(text) or _is_asked(text, row, passage)


def _is_asked(text: str, row: npt.NDArray[np.float64], passage: Passage) -> bool:
    """Whether who explains something in `text` asks in the turn that is nearest to it."""
    explains = _EXPLAINS.match(text)
    nearest = next(iter(best_turns(row, passage)), None)
    if explains is None or nearest is None:
        return False
    return nearest.speaker == explains[1] and "?" in nearest.text
