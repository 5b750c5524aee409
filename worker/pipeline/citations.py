"""Finds the messages that a written sentence rests on. Pure; is given all embeddings.

A message supports a sentence by meaning (cosine), by shared words (weighted by rarity), and by
being its subject's. Knows nothing of how the sentence came about.
"""

import re
from collections import Counter
from collections.abc import Sequence
from math import log

import numpy as np
import numpy.typing as npt

from worker.embeddings import Vectors
from worker.pipeline.passages import Passage, Turn, people_named

MOST_CITATIONS = 3
NEARLY_AS_GOOD = 0.8  # share of the best message's support that another needs

_PLACEHOLDER = re.compile(r"#Person[0-9]+#")
_WORD = re.compile(r"[^\W_]{3,}")


def support(
    sentences: Sequence[str], vectors: Vectors, passage: Passage
) -> npt.NDArray[np.float64]:
    """How well each turn supports each sentence [sentences, turns], about 0 to 1.

    `sentences` with placeholders, `vectors` their unit embeddings [sentences, dimension].
    """
    words = [frozenset(_WORD.findall(turn.text.casefold())) for turn in passage.turns]
    frequency = Counter(word for unique in words for word in unique)
    rarity = {word: log((len(words) + 1) / count) for word, count in frequency.items()}
    unheard = log(len(words) + 1)  # of a word that nobody said: as telling as the rarest
    meaning = vectors @ passage.vectors.T  # [sentences, turns]
    scores = np.zeros((len(sentences), len(passage.turns)))
    for row, sentence in enumerate(sentences):
        told = frozenset(_WORD.findall(_PLACEHOLDER.sub(" ", sentence).casefold()))
        total = sum(rarity.get(word, unheard) for word in told) + 1e-9
        named = {passage.people.index(person) for person in people_named(sentence, passage)}
        subjects = {f"#Person{number + 1}#" for number in named}
        for column, turn in enumerate(passage.turns):
            shared = sum(rarity[word] for word in told & words[column]) / total
            spoken = 0.1 if turn.speaker in subjects else 0.0
            scores[row, column] = 0.6 * max(0.0, meaning[row, column]) + 0.3 * shared + spoken
    return scores


def best_turns(row: npt.NDArray[np.float64], passage: Passage) -> list[Turn]:
    """The turns behind a sentence, given its `support` [turns], best first."""
    best = np.argsort(-row, kind="stable")[:MOST_CITATIONS]
    return [passage.turns[int(n)] for n in best if row[n] >= NEARLY_AS_GOOD * row[best[0]]]


def cite(row: npt.NDArray[np.float64], passage: Passage) -> tuple[int, ...]:
    """The messages (indices) behind a sentence, given its `support` [turns], in order."""
    return tuple(sorted({turn.message for turn in best_turns(row, passage)}))
