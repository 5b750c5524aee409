"""What people summed up themselves is told first."""

import numpy as np
import pytest

from tests.conversations import conversation
from worker.generators.generator import DraftSentence
from worker.pipeline.drafting import with_recap
from worker.pipeline.passages import PassageMaker, Piece

WRITTEN = (DraftSentence("#Person1# and #Person2# talk."), DraftSentence("They meet."))


def passage(*lines, sentences=2, quotable=True):
    people = conversation(*lines)
    count = len(lines)
    maker = PassageMaker(people, np.eye(count, 384, dtype=np.float32), [quotable] * count)
    return maker.passage([Piece(n) for n in range(count)], sentences)


TALK = ("Ana: when?", "Ben: Thanks. So, to sum up: the exam is on Monday, in room four.")


def test_the_recap_comes_first_and_what_is_written_has_what_room_is_left():
    draft = with_recap(WRITTEN, passage(*TALK))
    assert [sentence.text for sentence in draft] == [
        "#Person2#: So, to sum up: the exam is on Monday, in room four.",
        WRITTEN[0].text,
    ]
    assert draft[0].sources == (1,)


def test_with_room_for_one_it_is_all_that_is_said():
    assert len(with_recap(WRITTEN, passage(*TALK, sentences=1))) == 1


def test_it_is_not_told_twice():
    once = with_recap(WRITTEN, passage(*TALK))
    assert with_recap(once, passage(*TALK)) == once


@pytest.mark.parametrize(
    "said", ["Ben: in short, no.", "Ben: that sums it up", "Ben: the exam is on Monday at ten"]
)
def test_what_sums_nothing_up_changes_nothing(said):
    assert with_recap(WRITTEN, passage("Ana: when?", said)) == WRITTEN


def test_a_toxic_recap_is_not_told():
    assert with_recap(WRITTEN, passage(*TALK, quotable=False)) == WRITTEN
