import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.conversations import conversation
from worker.pipeline.packing import (
    MOST_SENTENCES,
    Window,
    pack,
    pack_topic,
    sentences_for,
    share_out,
)
from worker.pipeline.passages import PassageMaker
from worker.pipeline.segmentation import Topic


def count_words(texts):
    return [len(text.split()) for text in texts]


def maker(people):
    count = len(people.messages)
    return PassageMaker(people, np.eye(count, 384, dtype=np.float32), [True] * count)


def test_the_summary_grows_slowly_with_the_conversation_and_is_bounded():
    assert sentences_for(0) == 0
    assert sentences_for(1) == 1
    assert [sentences_for(n) for n in (10, 70, 1_000, 10_000, 10**6)] == [3, 6, 10, 12, 12]


@given(
    st.integers(0, MOST_SENTENCES), st.lists(st.floats(0.1, 100), max_size=20), st.integers(1, 5)
)
def test_seats_are_shared_fully_and_bounded(seats, weights, most):
    given_ = share_out(seats, weights, most)
    assert sum(given_) == min(seats, most * len(weights))
    assert all(own <= most for own in given_)


def test_heavier_topics_get_more_sentences():
    assert share_out(5, [10.0, 1.0, 4.0], 4) == [3, 0, 2] or share_out(5, [10.0, 1.0, 4.0], 4) == [
        4,
        0,
        1,
    ]


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40), st.integers(5, 60))
def test_packing_keeps_every_message_whole_and_within_the_window(lengths, room):
    people = conversation(*(f"Ana: {' '.join(['word'] * n)}" for n in lengths))
    topic = Topic(tuple(range(len(lengths))), 1.0)
    runs = pack_topic(people, topic, maker(people), Window(room, count_words))
    for run in runs:
        assert run
        texts = [p.part or people.messages[p.message].text for p in run]
        assert sum(len(text.split()) + 1 for text in texts) <= room
    whole = [p.message for run in runs for p in run if p.part is None]
    fitting = [i for i, n in enumerate(lengths) if n + 1 <= room]
    assert whole == fitting
    assert sorted({p.message for run in runs for p in run}) == list(range(len(lengths)))


def test_a_message_longer_than_the_window_is_divided_between_sentences():
    people = conversation("Ana: One two three. Four five six. Seven eight nine ten eleven twelve.")
    runs = pack_topic(people, Topic((0,), 1.0), maker(people), Window(5, count_words))
    assert [p.part for run in runs for p in run][:2] == ["One two three.", "Four five six."]


def test_small_topics_give_way_when_sentences_are_few():
    people = conversation(
        "Ana: hello there", "Ben: one two three four five", "Ben: more words here"
    )
    topics = [Topic((0,), 0.1), Topic((1, 2), 9.0)]
    passages = pack(people, topics, maker(people), None)
    assert [[t.message for t in p.turns] for p in passages] == [[1, 2]]
