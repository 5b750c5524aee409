"""The gate's examples: abuse and ordinary talk, with gold and weak labels, split by text.

Sources, under the data folder: `toxicity/davidson.csv.gz` (Davidson et al., 2017),
`toxicity/toxic_spans.train.csv.gz` (Pavlopoulos et al., 2021), `dialogsum/train.jsonl.gz` (Chen
et al., 2021), `irc/train.tar.gz` (Kummerfeld et al., 2019), and `training.gate_neutral`.

Gold are `toxicity` (all sources) and `identity_attack` (Davidson's hate speech). The other labels
are weak, by the rules of `weak_labels`, and unknown (NaN, masked from the loss) where no rule
speaks. Knows nothing of models.
"""

import ast
import csv
import gzip
import hashlib
import html
import io
import json
import math
import random
import re
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from precis.errors import InputError
from training.gate_neutral import contrast_sentences, neutral_sentences
from worker.gate.network import LABELS

Split = Literal["train", "validation", "test"]

UNKNOWN = math.nan
_TWITTER = re.compile(r"\bRT\b|https?://\S+|@\w+:?")
_SPACES = re.compile(r"\s+")
_WORD = re.compile(r"[a-z']+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_IRC_LINE = re.compile(r"\[\d\d:\d\d\] <[^>]+> (.+)")
_ADDRESS = re.compile(r"^\S+[:,]\s+")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_SECOND_PERSON = _words("you your you're youre u ur yourself")
_PERSON = _SECOND_PERSON | _words("he she they him her them his their this these guy")
_VIOLENCE = _words("kill shoot stab beat punch hang burn hurt smash choke destroy hit slap murder")
_INTENT = _words("will gonna i'll should must deserve deserves ought let's going")


@dataclass(frozen=True, slots=True)
class Example:
    text: str
    labels: tuple[float, ...]
    """One of 0, 1 or NaN (unknown) for each of `LABELS`."""
    source: str
    whole: str | None = None
    """The post that the text is a sentence of."""

    @property
    def split(self) -> Split:
        """By a hash of the post, so that neither duplicates nor sentences straddle two splits."""
        folded = " ".join(_WORD.findall((self.whole or self.text).casefold()))
        bucket = int(hashlib.sha256(folded.encode()).hexdigest(), 16) % 10
        return "test" if bucket == 0 else "validation" if bucket == 1 else "train"

    @property
    def is_toxic(self) -> bool:
        return self.labels[0] == 1.0


CLEAN = (0.0,) * len(LABELS)
INSULT = tuple(float(label in ("toxicity", "insult")) for label in LABELS)


@dataclass(frozen=True)
class GateData:
    """Everything under `folder` that the gate learns from and is judged by."""

    folder: Path
    clean_lines: int = 20_000
    """Training lines of each of DialogSum and IRC."""
    seed: int = 0

    @cached_property
    def abuse(self) -> list[Example]:
        """The posts of both abuse data sets, and the single sentences of the second."""
        posts = [*_davidson(self._path("toxicity/davidson.csv.gz"))]
        spans = [*_toxic_spans(self._path("toxicity/toxic_spans.train.csv.gz"))]
        swearing = telling_words(posts)
        judged = [replace(post, labels=weak_labels(post, swearing)) for post in posts + spans]
        insults = [Example(text, INSULT, "contrast") for text, toxic in self._contrast if toxic]
        return judged + insults

    @cached_property
    def _contrast(self) -> list[tuple[str, bool]]:
        return sorted(set(contrast_sentences(self.seed)))

    @cached_property
    def swearing(self) -> frozenset[str]:
        return telling_words(_davidson(self._path("toxicity/davidson.csv.gz")))

    @cached_property
    def clean(self) -> list[Example]:
        """Ordinary talk; a line with a swear word is left out, since nobody judged it."""
        chooser = random.Random(self.seed)
        talk = sorted(set(dialogsum_lines(self._path("dialogsum/train.jsonl.gz"))))
        irc = sorted(set(_irc_archive(self._path("irc/train.tar.gz"))))
        chosen = [
            (source, text)
            for source, lines in (("dialogsum", talk), ("irc", irc))
            for text in chooser.sample(lines, min(self.clean_lines, len(lines)))
            if not self.swearing & set(_WORD.findall(text.casefold()))
        ]
        chosen += [("neutral", text) for text in neutral_sentences(self.seed)]
        chosen += [("neutral", text) for text, toxic in self._contrast if not toxic]
        return [Example(text, CLEAN, source) for source, text in chosen]

    @cached_property
    def held_out_clean(self) -> dict[str, list[str]]:
        """Lines of the dev sets by source: the gate may call hardly any of them toxic."""
        logs = sorted((self.folder / "irc" / "dev").glob("*.ascii.txt"))
        irc = [line for log in logs for line in irc_texts(log.read_text(errors="replace"))]
        return {
            "dialogsum": list(dialogsum_lines(self._path("dialogsum/dev.jsonl.gz"))),
            "irc": irc,
        }

    def split(self, name: Split) -> list[Example]:
        return [example for example in self.abuse + self.clean if example.split == name]

    def _path(self, name: str) -> Path:
        path = self.folder / name
        if not path.is_file():
            raise InputError(f"{self.folder} holds no {name}; give the data folder with --data")
        return path


def _davidson(path: Path) -> Iterator[Example]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            text = clean_tweet(row["tweet"])
            if text:
                toxic, hate = float(row["class"] != "2"), float(row["class"] == "0")
                yield Example(text, _labels(toxicity=toxic, identity_attack=hate), "davidson")


def _toxic_spans(path: Path) -> Iterator[Example]:
    """Each post, and each of its sentences by itself: toxic if a span touches it."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            post = row["text"]
            toxic = set(ast.literal_eval(row["spans"]))
            attack = UNKNOWN if toxic else 0.0
            yield Example(
                _tidy(post), _labels(toxicity=float(bool(toxic)), identity_attack=attack), "spans"
            )
            start = 0
            pieces = _SENTENCE.split(post)
            for piece in pieces if len(pieces) > 1 else ():
                start = post.index(piece, start)
                guilty = bool(toxic & set(range(start, start + len(piece))))
                start += len(piece)
                if len(piece) >= 12:
                    attack = UNKNOWN if guilty else 0.0
                    labels = _labels(toxicity=float(guilty), identity_attack=attack)
                    yield Example(_tidy(piece), labels, "spans-sentence", _tidy(post))


def dialogsum_lines(path: Path) -> Iterator[str]:
    """What people say in the dialogues, and the sentences of the summaries."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            for said in record["dialogue"].splitlines():
                yield said.partition(": ")[2] or said
            yield record["summary"]


def _irc_archive(path: Path) -> Iterator[str]:
    with tarfile.open(path) as archive:
        for member in archive:
            if member.name.endswith(".ascii.txt") and (file := archive.extractfile(member)):
                yield from irc_texts(io.TextIOWrapper(file, "utf-8", "replace").read())


def irc_texts(log: str) -> Iterator[str]:
    """The messages of a log, without the name that they are addressed to."""
    for line in log.splitlines():
        if (match := _IRC_LINE.match(line)) and (text := _ADDRESS.sub("", match[1]).strip()):
            yield text


def clean_tweet(tweet: str) -> str:
    """A tweet as somebody would write it in a chat."""
    return _tidy(_TWITTER.sub(" ", html.unescape(html.unescape(tweet))))


def _tidy(text: str) -> str:
    return _SPACES.sub(" ", text).strip(" \"'“”!:")


def _labels(**known: float) -> tuple[float, ...]:
    if known.get("toxicity") == 0.0:
        return CLEAN
    return tuple(known.get(label, UNKNOWN) for label in LABELS)


def telling_words(posts: Iterable[Example], least: int = 20, odds: float = 3.0) -> frozenset[str]:
    """Words that the toxic posts use far more than the clean ones (smoothed log-odds)."""
    toxic: Counter[str] = Counter()
    clean: Counter[str] = Counter()
    for post in posts:
        (toxic if post.is_toxic else clean).update(set(_WORD.findall(post.text.casefold())))
    toxic_total, clean_total = toxic.total() or 1, clean.total() or 1
    return frozenset(
        word
        for word, count in toxic.items()
        if count >= least
        and math.log(count / toxic_total) - math.log((clean[word] + 0.5) / clean_total) > odds
    )


def weak_labels(post: Example, swearing: frozenset[str]) -> tuple[float, ...]:
    """Complete a toxic post's labels, where a rule speaks.

    obscene: holds a swear word (`telling_words`). insult: a sentence with a swear word speaks to
    or of a person; a toxic post that mentions no person is none. threat: a violent verb beside a
    word of intent; no violent verb, no threat. severe_toxicity: hate speech that swears, or a
    threat; a toxic post of under six words without either is not severe.
    """
    if not post.is_toxic:
        return post.labels
    words = _WORD.findall(post.text.casefold())
    known = dict(zip(LABELS, post.labels, strict=True))
    swears = bool(swearing.intersection(words))
    known["obscene"] = float(swears)
    if not _PERSON.intersection(words):
        known["insult"] = 0.0
    elif post.source != "davidson" or (swears and _SECOND_PERSON.intersection(words)):
        known["insult"] = 1.0
    violent = _near(words, _VIOLENCE, _INTENT)
    if violent:
        known["threat"] = 1.0
    elif not _VIOLENCE.intersection(words):
        known["threat"] = 0.0
    if (known["identity_attack"] == 1.0 and swears) or violent:
        known["severe_toxicity"] = 1.0
    elif known["identity_attack"] == 0.0 or len(words) < 6:
        known["severe_toxicity"] = 0.0
    return tuple(known[label] for label in LABELS)


def _near(words: Sequence[str], one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether a word of `one` follows a word of `other` within four words."""
    return any(
        word in one and other.intersection(words[max(0, place - 4) : place])
        for place, word in enumerate(words)
    )
