"""Gives text of an uncased, word-piece tokenizer its spelling back: case, and no stray spaces.

What the dialogue itself spells is taken from there (`3 : 30` was `3:30`, `ufos` were `UFOs`);
for other words it is known which are written with a capital (`english`), learnt from cased text
(Lita et al., 2003, "tRuEcasIng"). Knows nothing of models.
"""

import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path

import regex

from worker.pipeline.sentences import split_sentences

FILE = "casing.json"
LONGEST_ABBREVIATION = 5  # letters; longer words in capitals are shouted
LONGEST = 12  # pieces of a spelling that is looked up: enough for an address on the web

_PIECE = regex.compile(r"#[Pp]erson[0-9]+#|[\p{L}\p{M}\p{N}]+|[^\s\p{L}\p{M}\p{N}]")
_SPEAKER = regex.compile(r"^#Person[0-9]+#: ", regex.MULTILINE)
_EDGES = regex.compile(r"^[\"'“”‘’(\[{<*]+|[\"'“”‘’)\]}>*,;:!?…]+$")
_SENTENCE = regex.compile(r"(?<=[.!?])(?<!\b(?:Mr|Mrs|Ms|Dr|St|Prof|\p{L})\.)\s+")
_CLOSING = frozenset(".,;:!?…)]}%")
_OPENING = frozenset("([{$£€")
_CONTRACTED = frozenset(["s", "t", "d", "m", "ll", "re", "ve"])


class Casing:
    """Spellings of words that aren't written in lower case."""

    def __init__(self, spellings: Mapping[str, str] | None = None) -> None:
        """`spellings`: of each known word in lower case, how it is written amid a sentence."""
        self._spellings = dict(spellings or {})
        self._known = frozenset(map(_folded, self._spellings))

    @classmethod
    def load(cls, folder: Path) -> "Casing | None":
        """What a model's folder holds; None for a model that writes case itself."""
        path = folder / FILE
        return cls(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None

    @classmethod
    def learn(cls, texts: Iterable[str], least: int = 2) -> "Casing":
        """The usual spelling of each word seen `least` times amid sentences."""
        seen: dict[str, Counter[str]] = defaultdict(Counter)
        for text in texts:
            for word in _amid(text):
                seen[word.lower()][word] += 1
        usual = {word: counts.most_common(1)[0] for word, counts in sorted(seen.items())}
        return cls({word: best for word, (best, count) in usual.items() if count >= least})

    def save(self, folder: Path) -> None:
        text = json.dumps(self._spellings, ensure_ascii=False, indent=0)
        (folder / FILE).write_text(text + "\n", encoding="utf-8")

    def familiar(self, text: str) -> float:
        """Share of the words of `text` that are known: low for another language. 1 of none."""
        words = [piece.lower() for piece in _PIECE.findall(text) if piece.isalpha()]
        return sum(word in self._spellings for word in words) / len(words) if words else 1.0

    def invented(self, text: str, dialogue: str, whole: Container[str] = ()) -> list[str]:
        """Words of `text` that neither `dialogue` holds nor anybody is known to have written.

        A model that writes in pieces of words can put pieces together that are no word; those
        that its tokenizer has `whole` are words. Of the sentences that people wrote of DialogSum's
        dev dialogues 2 % have such a word, a third of them misspelt.
        """
        heard = {_folded(piece) for piece in _PIECE.findall(dialogue)}
        return [
            word
            for word in map(_folded, _PIECE.findall(text))
            if word.isalpha()
            and word not in heard
            and word not in self._known
            and word not in whole
        ]

    def restore(self, text: str, dialogue: str) -> str:
        """`text` as somebody would write it who has read `dialogue`."""
        pieces = _PIECE.findall(text)
        own = _spellings_of(dialogue, self._spellings)
        words: list[tuple[str, bool]] = []  # each with whether its own spaces are settled
        at = 0
        while at < len(pieces):
            if at and pieces[at - 1] in ("'", "’") and pieces[at].lower() in _CONTRACTED:
                count, spelling = 1, pieces[at].lower()  # whatever an `S` is elsewhere
            else:
                count, spelling = self._longest(pieces, at, own)
            words.append((spelling, count > 1))
            at += count
        return _capitalised(_joined(words))

    def _longest(
        self, pieces: list[str], at: int, own: Mapping[tuple[str, ...], str]
    ) -> tuple[int, str]:
        """How many pieces from `at` are one spelling, and which."""
        for count in range(min(LONGEST, len(pieces) - at), 1, -1):
            key = tuple(map(_folded, pieces[at : at + count]))
            if key in own:
                return count, own[key]
        piece = pieces[at].lower()
        if piece.startswith("#person"):
            return 1, piece.replace("person", "Person")
        return 1, own.get((_folded(piece),)) or self._spellings.get(piece, piece)


def _spellings_of(dialogue: str, known: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """The dialogue's own spellings, by their pieces in lower case; the most frequent wins."""
    seen: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for line in _SPEAKER.sub("", dialogue).splitlines():
        for sentence in split_sentences(line):
            for number, chunk in enumerate(sentence.split()):
                word = _bare(chunk)
                pieces = tuple(map(_folded, _PIECE.findall(word)))
                if not pieces or pieces[0].startswith("#person"):
                    continue
                if number == 0 and _is_merely_first(word, known):
                    continue
                seen[pieces][word] += 1
    return {pieces: counts.most_common(1)[0][0] for pieces, counts in seen.items()}


def _folded(piece: str) -> str:
    """As an uncased tokenizer has it: in lower case, without accents."""
    apart = unicodedata.normalize("NFD", piece.lower())
    return "".join(c for c in apart if unicodedata.category(c) != "Mn")


def _is_merely_first(word: str, known: Mapping[str, str]) -> bool:
    """Whether a sentence's first word may owe its capital to its place."""
    lower = word.lower()
    first = regex.split(r"['’-]", lower)[0]  # `It's` as `it`
    usual = known.get(lower) or known.get(first, "")
    return word[:1].isupper() and word[1:] == lower[1:] and usual[:1].islower()


def _amid(text: str) -> Iterator[str]:
    """Words that stand amid a sentence of `text`, where a capital means something."""
    for line in _SPEAKER.sub("", text).splitlines():
        for sentence in split_sentences(line):
            for chunk in sentence.split()[1:]:
                word = _bare(chunk).removesuffix(".")
                shouted = word.isupper() and len(word) > LONGEST_ABBREVIATION
                if word.isalpha() and not shouted:
                    yield word


def _bare(chunk: str) -> str:
    """A word without the punctuation around it; an abbreviation keeps its full stop."""
    word = _EDGES.sub("", chunk)
    short = regex.fullmatch(r"\p{Lu}\p{Ll}{0,3}\.|(?:\p{L}\.)+", word)
    return word if short else word.rstrip(".")


def _joined(words: list[tuple[str, bool]]) -> str:
    text = ""
    quoted = False
    previous = ""
    for place, (word, _) in enumerate(words):
        following = words[place + 1][0] if place + 1 < len(words) else ""
        glued = not text or previous in _OPENING or word in _CLOSING or previous in ("'", "’", "-")
        if previous in ("'", "’") and text.endswith((" '", " ’")):
            glued = True  # an opening quotation mark
        if word in ("'", "’"):
            glued = following.lower() in _CONTRACTED or not following[:1].isalnum()
        elif word == '"':
            glued, quoted = quoted, not quoted
        elif previous == '"':
            glued = quoted
        elif word == "-" and previous[:1].isalnum() and following[:1].isalnum():
            glued = True
        elif previous.isdigit() and word.isdigit():
            glued = False
        if _is_inside_number(text, word, following):
            glued = True
        text += word if glued else f" {word}"
        previous = word
    return text


def _is_inside_number(text: str, word: str, following: str) -> bool:
    """Whether `word` goes on with a number: the `:` and the `30` of `3:30`."""
    if word in (":", ".", ",", "/") and following.isdigit() and text[-1:].isdigit():
        return True
    return word.isdigit() and len(text) > 1 and text[-1] in ":.,/" and text[-2].isdigit()


def _capitalised(text: str) -> str:
    """Sentences begin with a capital; `split_sentences` wouldn't know them without."""
    return " ".join(part[:1].upper() + part[1:] for part in _SENTENCE.split(text) if part)
