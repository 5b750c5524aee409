import numpy as np
import pytest

from precis.conversation import Conversation
from tests.conversations import conversation, message
from worker.embeddings import sentence_encoder
from worker.pipeline.linking import link
from worker.pipeline.segmentation import segment, threads_of


def vectors_of(people):
    return sentence_encoder().encode([m.text for m in people.messages])


TALK = conversation(
    "Ana: Does anyone understand dynamic programming?",
    "Ben: Ana: you keep a table of the subproblems already solved",
    "Zoe: who brings cake to the party on Friday?",
    "Ana: Ben: so each cell of the table is solved once?",
    "Yan: Zoe: I bring a chocolate cake, you bring the drinks",
    "Ben: Ana: exactly, and then you read the answer from the last cell",
    "Zoe: Yan: great, lemonade and cola then",
    "Ana: Ben: thanks, the table makes sense now",
    "Yan: Zoe: perfect, see you at the party on Friday",
)


def test_interleaved_conversations_are_told_apart():
    topics = {topic.messages for topic in segment(TALK, vectors_of(TALK))}
    assert topics == {(0, 1, 3, 5, 7), (2, 4, 6, 8)}


def test_a_recorded_reply_is_believed():
    people = conversation("Ana: the exam is on Monday", "Ben: cats are nice", "Cy: yes they are")
    last = people.messages[2].model_copy(update={"reply_to": "0"})
    people = people.model_copy(update={"messages": (*people.messages[:2], last)})
    assert link(people, vectors_of(people))[2] == 0


def test_a_platform_thread_is_one_conversation():
    texts = ["Where is the room?", "unrelated chat about lunch", "Room 204.", "pizza again"]
    threads = ["t1", None, "t1", None]
    messages = tuple(
        message(n, "AB"[n % 2], text, thread=thread)
        for n, (text, thread) in enumerate(zip(texts, threads, strict=True))
    )
    people = Conversation(source="test", messages=messages)
    links = link(people, vectors_of(people))
    assert links[2] == 0
    assert links[1] != 0
    assert links[3] not in (0, 2)


def test_a_long_silence_ends_a_topic():
    people = conversation(*(f"Ana: point {n} about the exam on Monday" for n in range(12)))
    late = [
        m.model_copy(update={"time": m.time.replace(hour=22)}) if n >= 6 else m
        for n, m in enumerate(people.messages)
    ]
    people = people.model_copy(update={"messages": tuple(late)})
    assert [t.messages for t in segment(people, vectors_of(people))] == [
        tuple(range(6)),
        tuple(range(6, 12)),
    ]


@pytest.mark.parametrize("count", [0, 1, 2, 5, 40])
def test_every_message_is_in_exactly_one_topic(count):
    random = np.random.default_rng(count)
    words = ["exam", "table", "cake", "room", "pizza", "graph", "proof", "beer", "tree", "night"]
    lines = [
        f"{'ABCDE'[random.integers(5)]}: {' '.join(random.choice(words, 4))}" for _ in range(count)
    ]
    people = conversation(*lines)
    topics = segment(people, vectors_of(people))
    assert sorted(i for topic in topics for i in topic.messages) == list(range(count))


def test_messages_without_times_are_segmented_too():
    people = TALK.model_copy(
        update={"messages": tuple(m.model_copy(update={"time": None}) for m in TALK.messages)}
    )
    topics = segment(people, vectors_of(people))
    assert sorted(i for topic in topics for i in topic.messages) == list(range(9))


def test_threads_are_connected_components():
    assert threads_of([None, 0, None, 1, 2]) == [[0, 1, 3], [2, 4]]
