"""Topics that were spoken of by turns."""

import numpy as np

from precis.conversation import Conversation
from tests.conversations import message
from worker.pipeline.interleaving import join_interleaved
from worker.pipeline.segmentation import Topic

ONE, NEAR, FAR = (1.0, 0.0), (0.8, 0.6), (0.0, 1.0)


def joined(vectors, *topics, minutes=None, threads=None):
    """The messages of the topics that are left, of topics given by their messages."""
    messages = tuple(
        message(
            n, "AB"[n % 2], f"text {n}", minutes[n] if minutes else n,
            thread=threads[n] if threads else None,
        )
        for n in range(len(vectors))
    )  # fmt: skip
    people = Conversation(source="test", messages=messages)
    found = [Topic(tuple(topic), 1.0) for topic in topics]
    return [t.messages for t in join_interleaved(people, np.array(vectors), found)]


def test_topics_by_turns_that_are_alike_are_one():
    assert joined([ONE, NEAR, ONE, NEAR], [0, 2], [1, 3]) == [(0, 1, 2, 3)]


def test_what_is_unlike_stays_apart():
    assert joined([ONE, FAR, ONE, FAR], [0, 2], [1, 3]) == [(0, 2), (1, 3)]


def test_what_comes_one_after_the_other_stays_apart():
    assert joined([ONE, ONE, NEAR, NEAR], [0, 1], [2, 3]) == [(0, 1), (2, 3)]


def test_what_comes_up_again_after_a_long_time_is_not_by_turns():
    assert joined([ONE, NEAR, NEAR, ONE], [0, 3], [1, 2], minutes=[0, 1, 2, 90]) == [(0, 3), (1, 2)]


def test_threads_of_the_platform_stay_apart():
    threads = [None, "t", None, "t"]
    assert joined([ONE, ONE, ONE, ONE], [0, 2], [1, 3], threads=threads) == [(0, 2), (1, 3)]


def test_three_topics_by_turns_become_one():
    assert joined([ONE, ONE, ONE, ONE, NEAR, ONE], [0, 2], [1, 4], [3, 5]) == [(0, 1, 2, 3, 4, 5)]


def test_what_is_in_no_topic_is_left_out():
    assert joined([ONE, ONE, NEAR, ONE, NEAR], [1, 3], [2, 4]) == [(1, 2, 3, 4)]
