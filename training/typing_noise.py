"""Writes a text as people type in chats, and as those do who hide a word from a filter.

Lower case, no punctuation, umlauts spelled out; in single words: digits and symbols for letters,
letters missing, doubled, swapped or stretched, a star for a letter, spaces between letters, letters
of another alphabet. A classifier that is trained on such texts doesn't lean on how a word is
spelled. Knows nothing of labels.
"""

import random
import re
from collections.abc import Callable, Collection

_WORD = re.compile(r"\w{4,}")
_PUNCTUATION = re.compile(r"[.,!?'’]")
_VOWELS = re.compile(r"[aeiouäöü]")
_SYMBOLS = {"a": "4@", "b": "8", "e": "3", "i": "1!", "l": "1", "o": "0", "s": "5$", "t": "7"}
_CYRILLIC = str.maketrans("aceiopxy", "асеіорху")
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})

Change = Callable[[str, int, random.Random], str]


def with_noise(text: str, chooser: random.Random, telling: Collection[str] = ()) -> str:
    """The text as it is (more often than not), typed carelessly, or with a word or two disguised.

    `telling`: words, in lower case, that are disguised rather than others where the text has any.
    """
    way = chooser.random()
    if way < 0.55:
        return text
    if way < 0.70:
        return text.lower()
    if way < 0.72:
        return text.upper()
    if way < 0.80:
        return _PUNCTUATION.sub("", text)
    if way < 0.83:
        return text.lower().translate(_SPELLED_OUT)
    made = disguise_words(text, chooser, telling)
    return made.lower() if chooser.random() < 0.3 else made


def disguise_words(text: str, chooser: random.Random, telling: Collection[str] = ()) -> str:
    """The text with one word of four letters or more, or two, written in another way."""
    words = list(_WORD.finditer(text))
    chosen = [word for word in words if word[0].lower() in telling] or words
    chosen = chooser.sample(chosen, min(len(chosen), chooser.choice((1, 1, 2))))
    for word in sorted(chosen, key=lambda each: -each.start()):
        place = chooser.randrange(1, len(word[0]) - 1)
        disguised = chooser.choice(_CHANGES)(word[0], place, chooser)
        text = text[: word.start()] + disguised + text[word.end() :]
    return text


def _symbols(word: str, _place: int, chooser: random.Random) -> str:
    return "".join(
        chooser.choice(_SYMBOLS[letter.lower()])
        if letter.lower() in _SYMBOLS and chooser.random() < 0.6
        else letter
        for letter in word
    )


def _doubled(word: str, place: int, _chooser: random.Random) -> str:
    return word[:place] + word[place] + word[place:]


def _missing(word: str, place: int, _chooser: random.Random) -> str:
    return word[:place] + word[place + 1 :]


def _swapped(word: str, place: int, _chooser: random.Random) -> str:
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _starred(word: str, place: int, chooser: random.Random) -> str:
    return word[:place] + chooser.choice("*#-._") + word[place + 1 :]


def _spaced(word: str, _place: int, chooser: random.Random) -> str:
    return chooser.choice(" .-_").join(word)


def _stretched(word: str, place: int, _chooser: random.Random) -> str:
    return word[:place] + word[place] * 3 + word[place:]


def _without_vowels(word: str, _place: int, _chooser: random.Random) -> str:
    return word[0] + _VOWELS.sub("", word[1:-1]) + word[-1]


def _in_cyrillic(word: str, _place: int, chooser: random.Random) -> str:
    return "".join(
        letter.translate(_CYRILLIC) if chooser.random() < 0.5 else letter for letter in word
    )


_CHANGES: tuple[Change, ...] = (
    _symbols, _doubled, _missing, _swapped, _starred, _spaced, _stretched, _without_vowels,
    _in_cyrillic,
)  # fmt: skip
