"""A digest of one place: its weightiest topics in short, what is open, decided, promised, linked.

What was said is drafted as summaries are; questions, decisions, promises and links are quoted.
Knows nothing of styles, of other places, nor of how a digest is shown.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from precis.conversation import Conversation
from precis.job import Result, SentenceKind, Summary, SummarySentence
from worker.pipeline import phrases
from worker.pipeline.answering import Talk
from worker.pipeline.composing import without_repeats
from worker.pipeline.digest_sentences import (
    MOST,
    clean_items,
    clean_names,
    opening,
    quoted,
    with_answers,
)
from worker.pipeline.interleaving import join_interleaved
from worker.pipeline.items import Item, find_items, still_open
from worker.pipeline.linking import link
from worker.pipeline.packing import fill, sentences_for, share_out
from worker.pipeline.passages import Passage, PassageMaker
from worker.pipeline.recaps import sums_up
from worker.pipeline.segmentation import Topic, segment
from worker.pipeline.work import Read, Work, timed

MOST_TOPICS = 6
MOST_OF_A_KIND = 3
"""Questions, say, of one topic: the latest."""
MOST_OPEN = 10
FEWEST_WORDS = 6
"""Of a message that is quoted, where there are others."""
MANY_ITEMS = 2
SMALL = 0.15
"""A topic of less than this part of the weightiest one's weight isn't told of."""


@dataclass(frozen=True, slots=True)
class _Told:
    """A topic that is told of."""

    topic: Topic
    sentences: int
    items: list[Item]


def digest(work: Work, conversation: Conversation) -> Result:
    """What was said after the messages that the request carries, and which of those are open."""
    carried = frozenset(work.request.carried)
    before = sum(1 for _ in takewhile(lambda m: m.id in carried, conversation.messages))
    read = work.read(conversation)
    with timed(work.timings, "segment"):
        links = link(conversation, read.vectors)
        talk = Talk(conversation, links, read.vectors, before)
        topics = segment(conversation, read.vectors, links, before)
        topics = join_interleaved(conversation, read.vectors, topics)
    with timed(work.timings, "items"):
        found = clean_items(work, read, find_items(talk, read.clean))
        left_open = clean_items(work, read, still_open(talk, read.clean))[-MOST_OPEN:]
        told = _weightiest(topics, found, len(conversation.messages) - before)
        others = _latest(found, without=[each.topic for each in told])
        passages = _passages(work, read, told, others)
        work.deadline.check()
    written = work.write([passage for _, passage in passages], read, careful=True)
    numbers = [number for number, _ in passages]
    written = replace(
        written,
        cited=_numbered(numbers, written.cited),
        refused=_numbered(numbers, written.refused),
    )
    names = clean_names(work, read)
    sentences: list[SummarySentence] = []
    for number, each in enumerate(told):
        said = [s for draft in written.cited for s in draft if s.topic == number]
        if said or each.items:
            sentences += opening(read, each.topic, number, names)
            sentences += with_answers(work, read, talk, without_repeats(said), each.items)
            sentences += [quoted(conversation, item, number) for item in each.items]
    sentences += [quoted(conversation, item, None) for item in (*others, *left_open)]
    nothing_new = before == len(conversation.messages)
    summary = Summary(style=work.request.style, sentences=tuple(sentences))
    return work.result(read.after(before), written, summary if sentences or nothing_new else None)


def _weightiest(topics: Sequence[Topic], items: Sequence[Item], messages: int) -> list[_Told]:
    """The topics that are told of, by weight, with their sentences and items."""
    sentences = sentences_for(messages)
    most = min(MOST_TOPICS, -(-2 * sentences // 3))
    ordered = sorted(topics, key=lambda topic: -topic.weight)[:most]
    large = [topic for topic in ordered if topic.weight >= SMALL * ordered[0].weight]
    seats = share_out(sentences + len(large), [t.weight for t in large], MOST)
    return [
        _told(topic, share, _latest(items, within=topic))
        for topic, share in zip(large, seats, strict=True)
        if share
    ]


def _told(topic: Topic, share: int, items: list[Item]) -> _Told:
    """Of a short topic, or one of which much is told as items, little more is said."""
    told = sum(1 for item in items if item.kind is not SentenceKind.LINK)
    most = min(share, -(-len(topic.messages) // 3))
    return _Told(topic, max(1, most - 1) if told >= MANY_ITEMS else most, items)


def _latest(
    items: Sequence[Item], within: Topic | None = None, without: Sequence[Topic] = ()
) -> list[Item]:
    """Of a topic, or of none of some, at most `MOST_OF_A_KIND` of each kind; kind by kind.

    A host or a file is told of once.
    """
    known = set(within.messages) if within else None
    others = {index for topic in without for index in topic.messages}
    kinds: dict[SentenceKind, dict[str, Item]] = {kind: {} for kind in SentenceKind}
    for item in items:
        if item.message not in others and (known is None or item.message in known):
            kinds[item.kind].setdefault(item.text.casefold(), item)
    return [item for kind in kinds.values() for item in list(kind.values())[-MOST_OF_A_KIND:]]


def _passages(
    work: Work, read: Read, told: Sequence[_Told], others: Sequence[Item]
) -> list[tuple[int, Passage]]:
    """Each topic's passages with its number."""
    items = [*(item for each in told for item in each.items), *others]
    taken = {index for item in items for index in item.messages}
    quotable = list(read.clean)
    for each in told:
        telling = _telling(read, each.topic, taken)
        for index in each.topic.messages:
            quotable[index] = index in telling
    maker = PassageMaker(read.conversation, read.vectors, quotable)
    return [
        (number, passage)
        for number, each in enumerate(told)
        for passage in fill(read.conversation, each.topic, each.sentences, maker, work.window)
    ]


def _telling(read: Read, topic: Topic, taken: Collection[int]) -> Collection[int]:
    """What of a topic is quoted: as far as there is such, what says something by itself.

    Neither what is told as an item, nor small talk, nor what goes on from another message.
    """
    texts = {index: read.conversation.messages[index].text for index in topic.messages}
    clean = {index for index in topic.messages if read.clean[index]}
    new = {index for index in clean - set(taken) if not phrases.chats(texts[index])}
    long = {index for index in new if len(phrases.words(texts[index])) >= FEWEST_WORDS}
    alone = {n for n in long if not phrases.leans(texts[n]) or sums_up(texts[n])}
    return alone or long or new or clean


def _numbered(
    numbers: Sequence[int], drafts: Sequence[Sequence[SummarySentence]]
) -> list[list[SummarySentence]]:
    """Drafts whose sentences know their topics."""
    return [
        [sentence.model_copy(update={"topic": number}) for sentence in draft]
        for number, draft in zip(numbers, drafts, strict=True)
    ]
