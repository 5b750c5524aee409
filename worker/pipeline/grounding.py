"""Whether a written sentence keeps to its passage: names, numbers, what it is about. Pure.

A model may write a name or a number that nobody mentioned. People travel as `#PersonN#`, so any
other capitalised word must occur in what they say, and so must any number; the numbers of
placeholders are nobody's. And some message must support the sentence (`worker.pipeline.citations`).
A sentence that passes may still be wrong.
"""

import re
from collections.abc import Sequence

from worker.embeddings import Vectors
from worker.generators.generator import Draft
from worker.pipeline.citations import best_turns, support
from worker.pipeline.fluency import stutters
from worker.pipeline.passages import Passage, Turn, restore_names, without_people

LEAST_SUPPORT = 0.28
"""Of the best message. 95 % of sentences that people wrote of DialogSum's dialogues reach it, and
6 % of those they wrote of another dialogue (`python -m training.grounding`)."""

_SUBJECT = re.compile(r"#Person[0-9]+#")
_ADDRESS = re.compile(r"^@?#Person[0-9]+#\s*[,:]|,\s*#Person[0-9]+#\s*[.!?]*$")
"""Whom a turn begins or ends with, set off by a comma."""
_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_NUMBER = re.compile(r"\d+")

# Words that may open a sentence, or are capitalised anyway, without naming anybody.
_OPENERS = frozenset(
    re.findall(
        r"\w+",
        """
        a about after afterwards again all also although an and another any anyone as at because
        before both but by can each eventually everybody everyone finally first for four from he
        her here his how however i if in instead it its later many meanwhile most nobody none now
        of on once one only or other others people several she since so some somebody someone
        soon still students that the their then there these they this those though three to
        together two under until we what when where whether which while who whose why with
        without yes you your
        """,
    )
)


def grounded(
    draft: Draft, vectors: Vectors, passage: Passage, least_support: float = LEAST_SUPPORT
) -> list[bool]:
    """Which sentences of `draft` keep to `passage`; `vectors` [sentences, dimension] are theirs.

    What was taken from a message does.
    """
    rows = support([sentence.text for sentence in draft], vectors, passage)
    everybody = dict.fromkeys(passage.people, "somebody")
    return [
        bool(sentence.sources)
        or (
            sentence.sure
            and restore_names(sentence.text, passage, everybody) is not None
            and not unsupported(sentence.text, passage)
            and not stutters(sentence.text)
            and bool(row.max(initial=0.0) >= least_support)
            and tells_of_its_subject(sentence.text, best_turns(row, passage))
        )
        for sentence, row in zip(draft, rows, strict=True)
    ]


def tells_of_its_subject(text: str, turns: Sequence[Turn]) -> bool:
    """Whether who a sentence begins with wrote one of the turns behind it, or is told of there.

    Who is only spoken to ("Ana, you owe us …") does nothing there. Of 66 people's sentences 92 %
    pass; told of the other speaker, whose turns then support them better for being theirs, 56 %
    still do (`python -m training.grounding train.jsonl.gz --limit 60`).
    """
    subject = _SUBJECT.match(text)
    return subject is None or any(
        turn.speaker == subject[0] or subject[0] in _ADDRESS.sub("", turn.text) for turn in turns
    )


def unsupported(text: str, passage: Passage) -> list[str]:
    """Names and numbers in `text` (with placeholders) that nobody in the passage says."""
    said = " ".join(without_people(turn.text) for turn in passage.turns)
    known = {token.casefold() for token in _TOKEN.findall(said)}
    parts = {part for token in known for part in re.split(r"['’-]", token)}
    numbers = set(_NUMBER.findall(said))
    strange = []
    for token in _TOKEN.findall(without_people(text)):
        bare = re.sub(r"['’]s$", "", token).casefold()
        if any(digits not in numbers for digits in _NUMBER.findall(token)) or (
            token[0].isupper() and bare not in known | parts | _OPENERS
        ):
            strange.append(token)
    return strange
