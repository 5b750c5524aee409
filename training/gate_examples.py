"""An example for the gate: a text, and what is known of each label. Knows nothing of its source."""

import hashlib
import math
import re
from dataclasses import dataclass
from typing import Literal

from worker.gate.network import LABELS

Split = Literal["train", "validation", "test"]
Labels = tuple[float, ...]
"""0, 1 or NaN (unknown) for each of `LABELS`."""

UNKNOWN = math.nan
CLEAN: Labels = (0.0,) * len(LABELS)
INSULT: Labels = tuple(float(label in ("toxicity", "insult")) for label in LABELS)
_WORD = re.compile(r"[a-z']+")


@dataclass(frozen=True, slots=True)
class Example:
    text: str
    labels: Labels
    source: str
    whole: str | None = None
    """The post that the text is a sentence of, or the template that it was made from."""
    kind: str = ""
    """The kind of a template."""
    language: str = "en"

    @property
    def split(self) -> Split:
        """A tenth is for validation and a tenth for the test, by a hash of the whole.

        So neither duplicates, nor sentences of one post, nor of one template straddle two splits.
        """
        folded = " ".join(words_of(self.whole or self.text))
        bucket = int(hashlib.sha256(folded.encode()).hexdigest(), 16) % 10
        return "test" if bucket == 0 else "validation" if bucket == 1 else "train"

    @property
    def is_toxic(self) -> bool:
        return self.labels[0] == 1.0

    @property
    def is_judged(self) -> bool:
        """Whether it is known if it is toxic."""
        return not math.isnan(self.labels[0])


def words_of(text: str) -> list[str]:
    """In lower case; letters of other alphabets end a word."""
    return _WORD.findall(text.casefold())


def make_labels(**known: float) -> Labels:
    """Labels by name, the others unknown; what is not toxic is nothing else either."""
    if known.get("toxicity") == 0.0:
        return CLEAN
    return tuple(known.get(label, UNKNOWN) for label in LABELS)
