"""What a digest takes from messages word for word: questions, decisions, promises and links. Pure.

Knows nothing of topics, nor of the gate beyond which messages may be quoted.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from precis.job import SentenceKind
from worker.pipeline import phrases
from worker.pipeline.answering import HOST, Talk
from worker.pipeline.recaps import sums_up
from worker.pipeline.sentences import shorten, split_sentences

LONGEST_QUOTE = 200  # characters
LONGEST_REQUEST = 120
LONGEST_NAME = 80  # of a file
FEWEST_WORDS = 8
"""A question of fewer comes with the sentence beside it."""
OPEN_FOR = timedelta(days=7)

_MARK = re.compile(r"\[[^\]]*\]")
_NO_SOURCES = re.compile(
    r"(?:^|\.)(?:tenor\.com|giphy\.com|discordapp\.(?:com|net)|discord\.(?:com|gg)|slack\.com)$"
)
"""Hosts of moving pictures, and of the platforms themselves."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something said that stands by itself."""

    kind: SentenceKind
    message: int
    """Index of the message that says it."""
    text: str
    also: int | None = None
    """Another message whose words are in it."""

    @property
    def messages(self) -> tuple[int, ...]:
        return (self.message,) if self.also is None else (self.message, self.also)


def find_items(talk: Talk, quotable: Sequence[bool]) -> list[Item]:
    """Items of the new messages in their order, of a message at most one of a kind but links.

    Questions and promises are those still open by the end. `quotable`: which messages' words may be
    said.
    """
    found: list[Item] = []
    for index in range(talk.told, len(talk.messages)):
        if quotable[index]:
            question = _question(talk, index)
            decision = _decision(talk, quotable, index)
            promise = _promise(talk, quotable, index)
            found += [item for item in (question, decision, promise) if item is not None]
            found += _sources(talk, index)
    return found


def still_open(talk: Talk, quotable: Sequence[bool]) -> list[Item]:
    """Questions and promises of the earlier time that are neither answered nor kept since."""
    now = talk.conversation.last_time
    found = []
    for index in range(talk.told):
        time = talk.messages[index].time
        if not quotable[index] or (time and now and now - time > OPEN_FOR):
            continue
        item = _question(talk, index) or _promise(talk, quotable, index)
        if item is not None:
            found.append(replace(item, kind=SentenceKind.OPEN))
    return found


def _question(talk: Talk, index: int) -> Item | None:
    sentences = split_sentences(talk.messages[index].text)
    asked = [n for n, sentence in enumerate(sentences) if phrases.asks(sentence)]
    if not asked or talk.is_answered(index, sentences[asked[-1]]):
        return None
    return Item(SentenceKind.QUESTION, index, _with_context(sentences, asked[-1]))


def _decision(talk: Talk, quotable: Sequence[bool], index: int) -> Item | None:
    """Not where somebody sums up: that is quoted already."""
    text = talk.messages[index].text
    sentences = split_sentences(text)
    at = next((n for n, sentence in enumerate(sentences) if phrases.decides(sentence)), None)
    if at is None or sums_up(text):
        return None
    said = phrases.without_label(sentences[at])
    item = Item(SentenceKind.DECISION, index, shorten(said, LONGEST_QUOTE))
    return _explained(talk, quotable, item) if phrases.is_of_another(sentences[at]) else item


def _promise(talk: Talk, quotable: Sequence[bool], index: int) -> Item | None:
    sentences = split_sentences(talk.messages[index].text)
    taken = [n for n, sentence in enumerate(sentences) if phrases.accepts(sentence)]
    named = [n for n, sentence in enumerate(sentences) if phrases.promises(sentence)]
    if not (taken or named) or talk.is_kept(index):
        return None
    if not taken or (named and named[0] not in taken):
        return Item(SentenceKind.PROMISE, index, shorten(sentences[named[0]], LONGEST_QUOTE))
    said = sentences[taken[0]]
    before = sentences[taken[0] - 1] if taken[0] else ""
    if len(phrases.words(before)) > phrases.FEWEST_WORDS and not phrases.decides(before):
        both = shorten(f"{before} {said}", LONGEST_QUOTE)
        return Item(SentenceKind.PROMISE, index, both)
    item = _explained(
        talk, quotable, Item(SentenceKind.PROMISE, index, shorten(said, LONGEST_QUOTE))
    )
    return item if named or item.also is not None else None


def _explained(talk: Talk, quotable: Sequence[bool], item: Item) -> Item:
    """What doesn't say of what it speaks, behind what somebody else said before."""
    other = talk.gone_on_from(item.message)
    if other is None or not quotable[other]:
        return item
    sentences = [
        sentence
        for sentence in split_sentences(talk.messages[other].text)
        if len(phrases.words(sentence)) >= phrases.FEWEST_WORDS
    ]
    asked = next((s for s in sentences if phrases.requests(s)), next(iter(sentences), None))
    if asked is None:
        return item
    return replace(item, text=f"{shorten(asked, LONGEST_REQUEST)} → {item.text}", also=other)


def _sources(talk: Talk, index: int) -> Iterator[Item]:
    """Links and files, each with what is said of it in the same sentence."""
    message = talk.messages[index]
    sentences = split_sentences(message.text)
    hosts = [(host.lower(), s) for s in sentences for host in HOST.findall(s)]
    links = [(host, sentence) for host, sentence in hosts if not _NO_SOURCES.search(host)]
    names = [each.name for each in message.attachments if each.kind == "file" and each.name]
    files = [(shorten(name, LONGEST_NAME), sentences[0]) for name in names]
    for name, sentence in links + files:
        about = " ".join(_MARK.sub(" ", sentence).split()).strip(" :,;–—-")
        enough = len(phrases.words(about)) >= phrases.FEWEST_WORDS
        text = f"{name}: {shorten(about, LONGEST_REQUEST)}" if enough else name
        yield Item(SentenceKind.LINK, index, text)


def _with_context(sentences: Sequence[str], at: int) -> str:
    """A question; a thin one with the sentence before it, or else after it."""
    question = sentences[at]
    if len(phrases.words(question)) < FEWEST_WORDS:
        before = " ".join(sentences[max(0, at - 1) : at + 1])
        after = " ".join(sentences[at : at + 2])
        fitting = [text for text in (before, after) if len(question) < len(text) <= LONGEST_QUOTE]
        question = fitting[0] if fitting else question
    return shorten(question, LONGEST_QUOTE)
