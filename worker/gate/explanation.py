"""Which words of a text weighed most in a gate's score: each is left out in turn.

Leave-one-word-out (Li et al., 2016, "Understanding Neural Networks through Representation
Erasure") needs nothing of a scorer but its scores. Knows nothing of models.
"""

import re
from dataclasses import dataclass

from worker.gate.scorer import ToxicityScorer

MOST_WORDS = 60
"""Words that are left out in turn; of a longer text, those before are kept as they are."""
_WORD = re.compile(r"\S+")
_LEAST = 0.02
"""A word that moves the score by less says nothing."""


@dataclass(frozen=True, slots=True)
class Weight:
    """A word of the text."""

    word: str
    drop: float
    """By how much the label's probability falls without it."""


def heaviest_words(scorer: ToxicityScorer, text: str, label: str, most: int = 5) -> list[Weight]:
    """The words without which `label` scores lowest, the heaviest first; at most `most`.

    A word that stands several times is left out everywhere at once.
    """
    words = list(dict.fromkeys(match[0] for match in _WORD.finditer(text)))[:MOST_WORDS]
    shorter = [
        " ".join(match[0] for match in _WORD.finditer(text) if match[0] != word) for word in words
    ]
    whole, *others = (scores[label] for scores in scorer.score([text, *shorter]))
    weights = [Weight(word, whole - score) for word, score in zip(words, others, strict=True)]
    weights = [weight for weight in weights if weight.drop >= _LEAST]
    return sorted(weights, key=lambda weight: -weight.drop)[:most]
