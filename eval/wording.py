"""What a sentence's own words tell of its faithfulness, without embeddings. Pure.

Words that nobody knows: a model that writes in pieces of words makes some up. Content words shared
with a few turns in a row: what is told of a dialogue is mostly told in its words, and stands in one
place of it. Neither is what the worker filters by (`worker.pipeline.grounding`).
"""

import json
import re
import unicodedata
from collections.abc import Container, Sequence
from functools import cache

from nltk.stem.porter import PorterStemmer  # type: ignore[import-untyped]

from worker.embeddings import minilm_folder

NEAR = 3
"""Turns in a row that a sentence is held against: a question, its answer, and one more."""

_WORD = re.compile(r"#Person[0-9]+#|[^\W_]+")
_ENDINGS = (
    *(("", ""), ("s", ""), ("es", ""), ("ies", "y"), ("ed", ""), ("ed", "e"), ("ied", "y")),
    *(("d", ""), ("ing", ""), ("ing", "e"), ("ly", ""), ("er", ""), ("er", "e")),
)
"""An ending, and what stands for it in a word that is known."""
# Words that join others, or say that somebody speaks.
_FUNCTION = frozenset(
    re.findall(
        r"\w+",
        """
        a about after again all also am an and any are as ask asks at back be because been before
        being but by can could d did do does down for from get gets go goes had has have having he
        her here him his how i if in into is it its just ll like m make makes may me might more most
        must my no nor not now of off on one only or other our out over own re s said say says she
        should so some such suggest suggests t talk talks tell tells than thank thanks that the
        their them then there they thing things think thinks this those to too under until up ve
        very want wants was we were what when where which while who why will with would you your
        """,
    )
)


def unknown_words(text: str, dialogue: str) -> list[str]:
    """Words of `text` that neither the dialogue holds nor a vocabulary of 30,000 words.

    The vocabulary is MiniLM's; regular endings don't matter. Of the summaries that people wrote of
    DialogSum's dev dialogues 5 % have such a word, a fifth of them misspelt.
    """
    heard = frozenset(map(_folded, _WORD.findall(dialogue)))
    words = [word for word in map(_folded, _WORD.findall(text)) if word.isalpha()]
    return [word for word in words if not (_known(word, heard) or _known(word, _vocabulary()))]


def shared_words(sentence: str, lines: Sequence[str]) -> float | None:
    """Share of the sentence's content words that stand in `NEAR` lines in a row, the best ones.

    Words count by their Porter stems, each once; people don't. None for a sentence without any.
    People's sentences of DialogSum's dev dialogues have 66 % in common with their own dialogue, 4 %
    with another one.
    """
    own = _stems(sentence)
    if not own:
        return None
    every = [_stems(line) for line in lines]
    runs = (every[start : start + NEAR] for start in range(max(1, len(every) - NEAR + 1)))
    return max(len(own & frozenset().union(*run)) for run in runs) / len(own)


def _known(word: str, words: Container[str]) -> bool:
    return any(
        word.endswith(ending) and word[: len(word) - len(ending)] + instead in words
        for ending, instead in _ENDINGS
    )


def _stems(text: str) -> frozenset[str]:
    words = map(_folded, _WORD.findall(text))
    return frozenset(
        _stemmer().stem(word) for word in words if word[0] != "#" and word not in _FUNCTION
    )


def _folded(word: str) -> str:
    """In lower case, without accents, as MiniLM's vocabulary has it."""
    apart = unicodedata.normalize("NFD", word.lower())
    return "".join(c for c in apart if unicodedata.category(c) != "Mn")


@cache
def _vocabulary() -> frozenset[str]:
    content = json.loads((minilm_folder() / "tokenizer.json").read_text(encoding="utf-8"))
    return frozenset(content["model"]["vocab"])


@cache
def _stemmer() -> PorterStemmer:
    return PorterStemmer()
