"""The sentences of a digest that no model writes: who took part, what is quoted, what was answered.

All of them are clean as readers see them, and cite what they rest on. Knows nothing of how topics
and items were chosen.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from precis.conversation import Conversation
from precis.job import Citation, SentenceKind, SummarySentence
from worker.gate.policy import crossed
from worker.pipeline import phrases
from worker.pipeline.answering import Talk
from worker.pipeline.items import Item
from worker.pipeline.segmentation import Topic
from worker.pipeline.sentences import first_sentences, split_sentences
from worker.pipeline.work import Read, Work

LONGEST_ANSWER = 240  # characters
MOST = 3
"""Sentences of what was said, of a topic."""


def with_answers(
    work: Work, read: Read, talk: Talk, said: Sequence[SummarySentence], items: Sequence[Item]
) -> list[SummarySentence]:
    """Behind each quoted question its answer, unless it is told of; at most `MOST` in all."""
    at = {message.id: index for index, message in enumerate(talk.messages)}
    told = {citation.id for sentence in said for citation in sentence.citations}
    told |= {talk.messages[index].id for item in items for index in item.messages}
    whole: list[SummarySentence] = []
    for number, sentence in enumerate(said):
        whole.append(sentence)
        answer = _answer(talk, sentence, at) if sentence.origin == "extracted" else None
        full = len(whole) + len(said) - number - 1 >= MOST
        if answer is None or full or not read.clean[answer] or talk.messages[answer].id in told:
            continue
        message = talk.messages[answer]
        text = first_sentences(message.text, LONGEST_ANSWER)
        if clean_items(work, read, [Item(SentenceKind.SAID, answer, text)]):
            name = read.conversation.names[message.author_id]
            item = Item(SentenceKind.SAID, answer, f"{name}: {text}")
            whole.append(quoted(talk.conversation, item, sentence.topic))
    return whole


def _answer(talk: Talk, sentence: SummarySentence, at: dict[str, int]) -> int | None:
    index = at[sentence.citations[0].id]
    asked = any(map(phrases.is_question, split_sentences(talk.messages[index].text)))
    return talk.answer_to(index) if asked else None


def clean_items(work: Work, read: Read, items: Sequence[Item]) -> list[Item]:
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


def clean_names(work: Work, read: Read) -> set[str]:
    """Ids of the authors whose names may be said."""
    names = read.conversation.names
    scores = work.scores(list(names.values()))
    return {
        author
        for author, each in zip(names, scores, strict=True)
        if not crossed(each, read.thresholds)
    }


def opening(read: Read, topic: Topic, number: int, authors: set[str]) -> Iterator[SummarySentence]:
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


def quoted(conversation: Conversation, item: Item, topic: int | None) -> SummarySentence:
    cited = [conversation.messages[index] for index in item.messages]
    return SummarySentence(
        text=item.text,
        citations=tuple(Citation(id=m.id, permalink=m.permalink) for m in cited),
        speakers=(conversation.names[cited[0].author_id],),
        origin="extracted",
        kind=item.kind,
        topic=topic,
    )
