"""Takes the messages that say most: central to their passage, and unlike each other.

Centrality is the mean cosine with the passage's other turns (LexRank's degree, Erkan and Radev,
2004); diversity is maximal marginal relevance (Carbonell and Goldstein, 1998). Needs no model
beyond the embeddings that come with the passage.
"""

from collections.abc import Sequence
from math import log1p
from typing import Literal

import numpy as np
import regex

from worker.generators.generator import Decoding, Draft, DraftSentence
from worker.pipeline.packing import Window
from worker.pipeline.passages import Passage, Turn
from worker.pipeline.prompts import Shots
from worker.pipeline.sentences import shorten, split_sentences

LONGEST_QUOTE = 240  # characters
RELEVANCE = 0.7  # against diversity, in MMR
FULL_LENGTH = 25  # words from which a message is no more telling for being longer
SHORTEST_TELLING = 4  # words
WORDLESS = 1e-6

_ADDRESS = regex.compile(r"(#Person\d+#)\s*[:,]\s*(?=\S)")
_MARK = regex.compile(r"\[[^\]]*\]|\([^)]*\)|#Person\d+#")
_WORD = regex.compile(r"\p{L}[\p{L}\p{M}\p{N}'’-]*")


class ExtractiveGenerator:
    """Summaries made of quoted messages."""

    name = "extractive (all-MiniLM-L6-v2)"
    adapter: str | None = None
    origin: Literal["generated", "extracted"] = "extracted"

    def window(self, shots: Shots) -> Window | None:
        """Any amount fits."""
        return None

    def generate(self, passages: Sequence[Passage], decoding: Decoding) -> list[list[Draft]]:
        """One candidate a passage, of its quotable turns in their order."""
        return [[draft] if (draft := extract(passage)) else [] for passage in passages]


def extract(passage: Passage) -> Draft:
    """The passage's most telling turns, at most `passage.sentences` of them."""
    chosen = choose(passage, telling(passage), passage.sentences)
    return tuple(
        DraftSentence(quote(passage.turns[index]), (passage.turns[index].message,))
        for index in sorted(chosen)
    )


def telling(passage: Passage) -> list[float]:
    """How much each turn says for the whole passage; 0 for one that can't be quoted.

    A turn without words (an image, an emoji) is quoted only where there is nothing else.
    """
    centre = passage.vectors.mean(0)
    # A turn's product with the centre is its mean cosine with all turns, itself included.
    centrality = passage.vectors @ centre / (float(np.linalg.norm(centre)) + 1e-9)  # [turns]
    scores = []
    for turn, central in zip(passage.turns, centrality.tolist(), strict=True):
        words = len(_WORD.findall(_MARK.sub(" ", turn.text)))
        if not turn.quotable or words == 0:
            scores.append(WORDLESS if turn.quotable else 0.0)
            continue
        fullness = log1p(min(words, FULL_LENGTH)) / log1p(FULL_LENGTH)
        crumb = 0.3 if words < SHORTEST_TELLING else 1.0
        open_question = 0.85 if turn.text.rstrip().endswith("?") else 1.0
        scores.append(max(0.01, (0.35 + central) * fullness * crumb * open_question))
    return scores


def choose(passage: Passage, scores: Sequence[float], count: int) -> list[int]:
    """Indices of up to `count` turns by maximal marginal relevance; never one that scores 0."""
    chosen: list[int] = []
    left = [index for index, score in enumerate(scores) if score > 0.0]
    highest = max(scores, default=0.0)
    while left and len(chosen) < count:
        likeness = (
            (passage.vectors[left] @ passage.vectors[chosen].T).max(1)
            if chosen
            else np.zeros(len(left))
        )
        marginal = [
            RELEVANCE * scores[index] / highest - (1 - RELEVANCE) * float(alike)
            for index, alike in zip(left, likeness, strict=True)
        ]
        chosen.append(left.pop(int(np.argmax(marginal))))
    return chosen


def quote(turn: Turn) -> str:
    """`#Person1#: what they said`, whole sentences up to `LONGEST_QUOTE` characters.

    `#Person2#, what they said` becomes `#Person1# to #Person2#: what they said`.
    """
    sentences = split_sentences(turn.text)
    said = sentences[0] if sentences else turn.text
    for sentence in sentences[1:]:
        if len(said) + 1 + len(sentence) > LONGEST_QUOTE:
            break
        said = f"{said} {sentence}"
    if match := _ADDRESS.match(said):
        return f"{turn.speaker} to {match[1]}: {shorten(said[match.end() :], LONGEST_QUOTE)}"
    return f"{turn.speaker}: {shorten(said, LONGEST_QUOTE)}"
