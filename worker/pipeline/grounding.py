"""Whether a written sentence keeps to its passage: names, numbers, and what it is about. Pure.

A model may write a name or a number that nobody mentioned. People travel as `#PersonN#`, so any
other capitalised word must occur in the passage, and so must any number. And some message must
support the sentence (`worker.pipeline.citations`). A sentence that passes may still be wrong.
"""

import re

import numpy as np
import numpy.typing as npt

from worker.embeddings import Vectors
from worker.generators.generator import Draft
from worker.pipeline.citations import support
from worker.pipeline.passages import Passage, restore_names

LEAST_SUPPORT = 0.28
"""Of the best message. 95 % of sentences that people wrote of DialogSum's dialogues reach it, and
6 % of those they wrote of another dialogue (`python -m training.grounding`)."""

_TOKEN = re.compile(r"#Person[0-9]+#|[^\W_]+(?:['’-][^\W_]+)*")
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


def grounded(draft: Draft, vectors: Vectors, passage: Passage) -> list[bool]:
    """Which sentences of `draft` keep to `passage`; `vectors` [sentences, dimension] are theirs.

    What was taken from a message does.
    """
    texts = [sentence.text for sentence in draft]
    best: npt.NDArray[np.float64] = (
        support(texts, vectors, passage).max(1) if passage.turns else np.zeros(len(texts))
    )
    everybody = dict.fromkeys(passage.people, "somebody")
    return [
        bool(sentence.sources)
        or (
            restore_names(sentence.text, passage, everybody) is not None
            and not unsupported(sentence.text, passage)
            and bool(score >= LEAST_SUPPORT)
        )
        for sentence, score in zip(draft, best, strict=True)
    ]


def unsupported(text: str, passage: Passage) -> list[str]:
    """Names and numbers in `text` (with placeholders) that the passage doesn't hold."""
    known = {token.casefold() for token in _TOKEN.findall(passage.dialogue)}
    parts = {part for token in known for part in re.split(r"['’-]", token)}
    numbers = set(_NUMBER.findall(passage.dialogue))
    strange = []
    for token in _TOKEN.findall(text):
        if token.startswith("#"):
            continue
        bare = re.sub(r"['’]s$", "", token).casefold()
        if any(digits not in numbers for digits in _NUMBER.findall(token)) or (
            token[0].isupper() and bare not in known | parts | _OPENERS
        ):
            strange.append(token)
    return strange
