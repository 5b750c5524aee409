"""Undoes what people do to get a word past a filter: invisible and look-alike characters, stretched
words, spaces between letters, digits for letters.

What can't harm a text is undone for good (`fold`). What is a guess, such as reading `b2b` as `bzb`,
gives other readings beside the text (`readings`), and the worst of them counts. Knows nothing of
models.
"""

import re
import unicodedata
from functools import cache

from confusable_homoglyphs import confusables

_STRETCHED = re.compile(r"(\w)\1{2,}")
_WORD = re.compile(r"\w+")
_LATIN = re.compile(r"[A-Za-z]")
_SPACED = re.compile(r"(?<!\w)(?:\w[ .\-_*]){2,}\w(?!\w)")
_SEPARATOR = re.compile(r"[ .\-_*]")
_ONE_LETTER_WORDS = "aiAI"  # that may stand before a spaced-out word
_WRITTEN_WITH_DIGITS = re.compile(
    r"(?<![\w@$])(?=[\w@$!|]*[A-Za-z])(?=[\w@$!|]*[0-9@$!|])[\w@$!|]{3,}"
)
_MODEL_NUMBER = re.compile(r"[A-Z]+\d+")
_LETTERS = str.maketrans("01345789@$!|", "oieastbgasii")


def fold(text: str) -> str:
    """One form for look-alike characters, without invisible ones; no letter more than twice."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(each for each in plain if not _is_invisible(each))
    if not plain.isascii():
        mostly_latin = len(_LATIN.findall(plain)) * 2 > sum(map(str.isalpha, plain))
        plain = _WORD.sub(lambda match: _in_latin(match[0], mostly_latin), plain)
    return _STRETCHED.sub(r"\1\1", plain)


def readings(text: str) -> list[str]:
    """The folded text, and how else it may be meant to be read; each once, the text first."""
    folded = fold(text)
    found = [folded, *(_joined(folded, keep) for keep in (False, True))]
    found += [_WRITTEN_WITH_DIGITS.sub(_in_letters, each) for each in found]
    return list(dict.fromkeys(found))


def _is_invisible(character: str) -> bool:
    """Formats, line separators, variation selectors, and marks that NFKC left by themselves."""
    category = unicodedata.category(character)
    return (
        category in ("Cf", "Zl", "Zp")
        or "\u0300" <= character <= "\u036f"
        or "\ufe00" <= character <= "\ufe0f"
    )


def _in_latin(word: str, anyway: bool) -> str:
    """A word of two alphabets, or with `anyway` of look-alikes alone, in Latin letters."""
    if word.isascii():
        return word
    plain = "".join(look_alikes().get(each, each) for each in word)
    if _LATIN.search(word) or (anyway and plain.isascii()):
        return plain
    return word


def _joined(text: str, keep: bool) -> str:
    """Without the spaces between single letters; `keep`: with that after a first "a" or "i"."""

    def join(match: re.Match[str]) -> str:
        spaced = match[0]
        if keep and spaced[0] in _ONE_LETTER_WORDS and len(spaced) > len("a x y z"):
            return f"{spaced[0]} {_SEPARATOR.sub('', spaced[2:])}"
        return _SEPARATOR.sub("", spaced)

    return _SPACED.sub(join, text)


def _in_letters(match: re.Match[str]) -> str:
    word = match[0]
    if _MODEL_NUMBER.fullmatch(word):
        return word
    bare = word.rstrip("!|")  # an exclamation mark ends more words than it hides in
    return bare.translate(_LETTERS) + word[len(bare) :]


@cache
def look_alikes() -> dict[str, str]:
    """Letters of other alphabets that look like one Latin letter (Unicode's confusables)."""
    found: dict[str, str] = {}
    for character, others in confusables.confusables_data.items():
        if len(character) != 1 or character.isascii() or not character.isalpha():
            continue
        if "LATIN" in unicodedata.name(character, ""):
            continue
        latin = [each["c"] for each in others if _LATIN.fullmatch(each["c"])]
        if latin:
            lower = character.islower() or not character.isupper()
            found[character] = next((each for each in latin if each.islower() == lower), latin[0])
    return found
