"""A digest of one place: its weightiest topics in short, what is open, decided, promised, linked.

What was said is drafted as summaries are; questions, decisions, promises and links are quoted.
Knows nothing of styles, of other places, nor of how a digest is shown.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from precis.conversation import Conversation
from precis.job import Citation, Result, SentenceKind, Summary, SummarySentence
from worker.gate.policy import crossed
from worker.pipeline import phrases
from worker.pipeline.answering import Talk
from worker.pipeline.composing import without_repeats
from worker.pipeline.interleaving import join_interleaved
from worker.pipeline.items import Item, find_items, still_open
from worker.pipeline.linking import link
from worker.pipeline.packing import fill, sentences_for, share_out
from worker.pipeline.passages import Passage, PassageMaker
from worker.pipeline.segmentation import Topic, segment
from worker.pipeline.work import Read, Work, timed

MOST_TOPICS = 6
MOST_OF_A_TOPIC = 3
"""Sentences of what was said."""
MOST_OF_A_KIND = 3
"""Questions, say, of one topic: the latest."""
MOST_OPEN = 10
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
        found = _clean(work, read, find_items(talk, read.clean))
        left_open = _clean(work, read, still_open(talk, read.clean))[-MOST_OPEN:]
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
    names = _clean_names(work, read)
    sentences: list[SummarySentence] = []
    for number, each in enumerate(told):
        said = [s for draft in written.cited for s in draft if s.topic == number]
        if said or each.items:
            sentences += _opening(read, each.topic, number, names)
            sentences += without_repeats(said)
            sentences += [_quoted(conversation, item, number) for item in each.items]
    sentences += [_quoted(conversation, item, None) for item in (*others, *left_open)]
    nothing_new = before == len(conversation.messages)
    summary = Summary(style=work.request.style, sentences=tuple(sentences))
    return work.result(read.after(before), written, summary if sentences or nothing_new else None)


def _weightiest(topics: Sequence[Topic], items: Sequence[Item], messages: int) -> list[_Told]:
    """The topics that are told of, by weight, with their sentences and items."""
    sentences = sentences_for(messages)
    most = min(MOST_TOPICS, -(-2 * sentences // 3))
    ordered = sorted(topics, key=lambda topic: -topic.weight)[:most]
    large = [topic for topic in ordered if topic.weight >= SMALL * ordered[0].weight]
    seats = share_out(sentences, [topic.weight for topic in large], MOST_OF_A_TOPIC)
    return [
        _Told(topic, share, _latest(items, within=topic))
        for topic, share in zip(large, seats, strict=True)
        if share
    ]


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
    """Each topic's passages with its number.

    What is told as an item isn't quoted once more, nor small talk, as long as there is more to say.
    """
    taken = {item.message for each in told for item in each.items} | {i.message for i in others}
    messages = read.conversation.messages
    quotable = list(read.clean)
    for each in told:
        clean = [index for index in each.topic.messages if read.clean[index]]
        telling = [n for n in clean if n not in taken and not phrases.chats(messages[n].text)]
        for index in clean if telling else ():
            quotable[index] = index in telling
    maker = PassageMaker(read.conversation, read.vectors, quotable)
    return [
        (number, passage)
        for number, each in enumerate(told)
        for passage in fill(read.conversation, each.topic, each.sentences, maker, work.window)
    ]


def _numbered(
    numbers: Sequence[int], drafts: Sequence[Sequence[SummarySentence]]
) -> list[list[SummarySentence]]:
    """Drafts whose sentences know their topics."""
    return [
        [sentence.model_copy(update={"topic": number}) for sentence in draft]
        for number, draft in zip(numbers, drafts, strict=True)
    ]


def _clean(work: Work, read: Read, items: Sequence[Item]) -> list[Item]:
    """Those that are clean as readers see them: alone, and behind their author's name.

    Of words that moderators found harmless only the name is judged.
    """
    texts: list[str] = []
    for item in items:
        name = read.conversation.names[read.conversation.messages[item.message].author_id]
        harmless = read.harmless.issuperset(item.messages)
        texts += [name, name] if harmless else [item.text, f"{name}: {item.text}"]
    toxic = [crossed(scores, read.thresholds) is not None for scores in work.scores(texts)]
    return [item for n, item in enumerate(items) if not any(toxic[2 * n : 2 * n + 2])]


def _clean_names(work: Work, read: Read) -> set[str]:
    """Ids of the authors whose names may be said."""
    names = read.conversation.names
    scores = work.scores(list(names.values()))
    return {
        author
        for author, each in zip(names, scores, strict=True)
        if not crossed(each, read.thresholds)
    }


def _opening(read: Read, topic: Topic, number: int, authors: set[str]) -> Iterator[SummarySentence]:
    """Who took part, most first, and each one's first message; as far as they are clean."""
    messages = [read.conversation.messages[index] for index in topic.messages if read.clean[index]]
    messages = [message for message in messages if message.author_id in authors]
    first = {message.author_id: message for message in reversed(messages)}.values()
    cited = sorted(first, key=messages.index)
    counts = Counter(message.author_id for message in messages)
    if cited:
        yield SummarySentence(
            text="",
            citations=tuple(Citation(id=m.id, permalink=m.permalink) for m in cited),
            speakers=tuple(read.conversation.names[author] for author, _ in counts.most_common()),
            origin="extracted",
            kind=SentenceKind.TOPIC,
            topic=number,
        )


def _quoted(conversation: Conversation, item: Item, topic: int | None) -> SummarySentence:
    cited = [conversation.messages[index] for index in item.messages]
    return SummarySentence(
        text=item.text,
        citations=tuple(Citation(id=m.id, permalink=m.permalink) for m in cited),
        speakers=(conversation.names[cited[0].author_id],),
        origin="extracted",
        kind=item.kind,
        topic=topic,
    )
