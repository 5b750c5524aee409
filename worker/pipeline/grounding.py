"""Whether a written sentence names only what its passage names. Pure.

A model may write a name or a number that nobody mentioned. People travel as `#PersonN#`, so any
other capitalised word must occur in the passage, and so must any number. Knows nothing of
meaning: a sentence that passes may still be wrong.
"""

import re

from worker.pipeline.passages import Passage

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
