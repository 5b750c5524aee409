"""The public data sets that the gate learns from, as examples. One function a data set.

Under the data folder: Davidson et al., 2017; SemEval-2021 task 5 (Pavlopoulos et al., 2021); OLID
(Zampieri et al., 2019); HatEval (Basile et al., 2019); GermEval 2018 (Wiegand et al., 2018); the
templates of Dixon et al., 2018; DialogSum (Chen et al., 2021); Ubuntu IRC (Kummerfeld et al.,
2019). Knows nothing of models.
"""

import ast
import csv
import gzip
import html
import io
import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

from training.gate_examples import Example, make_labels

_TWITTER = re.compile(r"\bRT\b|https?://\S+|@\w+:?")
_SPACES = re.compile(r"\s+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_IRC_LINE = re.compile(r"\[\d\d:\d\d\] <[^>]+> (.+)")
_ADDRESS = re.compile(r"^\S+[:,]\s+")
_SLOT = re.compile(r"\{(?P<kind>type)\|(?P<type>\w+)_connotation\|(?P<connotation>\w+)\}")


def davidson(path: Path) -> Iterator[Example]:
    """Tweets: hate speech, offensive or neither."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if text := clean_tweet(row["tweet"]):
                toxic, hate = float(row["class"] != "2"), float(row["class"] == "0")
                yield Example(text, make_labels(toxicity=toxic, identity_attack=hate), "davidson")


def toxic_spans(path: Path) -> Iterator[Example]:
    """Each post, and each of its sentences by itself: toxic if a span touches it."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            post = row["text"]
            toxic = set(ast.literal_eval(row["spans"]))
            labels = make_labels(toxicity=float(bool(toxic)))
            yield Example(_tidy(post), labels, "spans")
            start = 0
            pieces = _SENTENCE.split(post)
            for piece in pieces if len(pieces) > 1 else ():
                start = post.index(piece, start)
                guilty = bool(toxic & set(range(start, start + len(piece))))
                start += len(piece)
                if len(piece) >= 12:
                    labels = make_labels(toxicity=float(guilty))
                    yield Example(_tidy(piece), labels, "spans-sentence", _tidy(post))


def olid(path: Path) -> Iterator[Example]:
    """Tweets: offensive or not."""
    for label, text in _rows(path):
        yield Example(clean_tweet(text), make_labels(toxicity=float(label)), "olid")


def hateval(path: Path) -> Iterator[Example]:
    """Tweets: hateful towards women or immigrants, or not.

    What is not may still be toxic, so only that it is no attack on a group is known of it.
    """
    for label, text in _rows(path):
        if label == "1":
            labels = make_labels(toxicity=1.0, identity_attack=1.0)
        else:
            labels = make_labels(identity_attack=0.0)
        yield Example(clean_tweet(text), labels, "hateval")


def germeval(path: Path) -> Iterator[Example]:
    """German tweets: profane, insulting, abusive or none of these.

    Abuse, in the words of its guidelines, ascribes to a person a group that is looked down on.
    """
    known = {
        "PROFANITY": {"toxicity": 1.0, "obscene": 1.0, "identity_attack": 0.0, "insult": 0.0},
        "INSULT": {"toxicity": 1.0, "insult": 1.0, "identity_attack": 0.0},
        "ABUSE": {"toxicity": 1.0, "identity_attack": 1.0},
        "OTHER": {"toxicity": 0.0},
    }
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            text, _coarse, fine = line.rstrip("\n").split("\t")
            labels = make_labels(**known[fine])
            yield Example(
                clean_tweet(text.replace("|LBR|", " ")), labels, "germeval", language="de"
            )


def bias_templates(folder: Path) -> Iterator[Example]:
    """Every template with every word: harmless and toxic sentences, balanced by group."""
    with (folder / "en.words.csv").open(encoding="utf-8", newline="") as file:
        words: dict[tuple[str, str], list[str]] = {}
        for row in csv.DictReader(file):
            words.setdefault((row["type"], row["connotation"]), []).append(row["word"])
    with (folder / "en.sentence_templates.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            toxic = float(row["toxicity"] == "toxic")
            about_group = "identity" in row["phrase"]
            labels = make_labels(
                toxicity=toxic, **{"identity_attack": toxic} if about_group else {}
            )
            for text in _filled(row["phrase"], words):
                yield Example(text, labels, "bias-templates")


def _filled(phrase: str, words: dict[tuple[str, str], list[str]]) -> Iterator[str]:
    match = _SLOT.search(phrase)
    if match is None:
        yield phrase[:1].upper() + phrase[1:]
        return
    for word in words[match["type"], match["connotation"]]:
        yield from _filled(phrase.replace(match[0], word, 1), words)


def dialogsum_lines(path: Path) -> Iterator[str]:
    """What people say in the dialogues, and the sentences of the summaries."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            for said in record["dialogue"].splitlines():
                yield said.partition(": ")[2] or said
            yield record["summary"]


def irc_archive(path: Path) -> Iterator[str]:
    """The messages of every log in an archive."""
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


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    """Label and text of each line."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            label, _, text = line.rstrip("\n").partition("\t")
            yield label, text


def _tidy(text: str) -> str:
    return _SPACES.sub(" ", text).strip(" \"'“”!:")
