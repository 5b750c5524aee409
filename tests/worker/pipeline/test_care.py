"""Drafts where quotes are at hand."""

import numpy as np
import pytest

from worker.generators.generator import DraftSentence
from worker.pipeline.care import carefully_grounded, with_quotes
from worker.pipeline.fluency import breaks_off, says_again
from worker.pipeline.passages import Passage, Turn

TEXTS = (
    ("#Person1#", "Can somebody explain why the redo phase repeats the changes?"),
    ("#Person2#", "It brings the database to the state at the crash before anything is undone."),
    ("#Person1#", "The exam about recovery is on the second of June in the large hall."),
    ("#Person2#", "I would rather print the slides before we start."),
)


def passage(sentences):
    turns = tuple(Turn(who, text, n, quotable=True) for n, (who, text) in enumerate(TEXTS))
    return Passage(turns, ("ana", "ben"), np.eye(4, 384, dtype=np.float32), sentences)


def written(text):
    return DraftSentence(text)


def test_quotes_follow_the_first_written_sentence():
    draft = (written("#Person1# and #Person2# prepare."), written("They are happy."))
    first, *others = with_quotes(draft, passage(3))
    assert first == draft[0]
    assert [bool(sentence.sources) for sentence in others] == [True, True]


def test_what_is_written_already_is_not_quoted():
    draft = (written("The exam about recovery is on the second of June."),)
    quoted = {m for sentence in with_quotes(draft, passage(4))[1:] for m in sentence.sources}
    assert quoted == {0, 1, 3}


def test_a_draft_of_quotes_stays_as_it_is():
    draft = (DraftSentence("#Person1#: hello", (0,)),)
    assert with_quotes(draft, passage(3)) == draft


@pytest.mark.parametrize(
    ("text", "near", "kept"),
    [
        ("#Person2# explains that redo brings the database to the state.", 1, True),
        ("#Person1# explains why the redo phase repeats the changes.", 0, False),
        ("#Person1# asks why the redo phase repeats the changes.", 0, True),
        ("#Person1# asks why the redo phase repeats the changes", 0, False),
        ("#Person1# asks why the redo phase, the redo phase repeats.", 0, False),
    ],
    ids=["who-explains", "who-asks", "asks", "breaks-off", "says-again"],
)
def test_who_asks_explains_nothing_and_a_sentence_is_whole(text, near, kept):
    vectors = 0.9 * np.eye(4, 384, dtype=np.float32)[near : near + 1]
    assert carefully_grounded((written(text),), vectors, passage(1)) == [kept]


def test_what_breaks_off_and_what_comes_again_is_known():
    assert breaks_off("They talk about the soup, and")
    assert not breaks_off('They talk about "the soup."')
    assert says_again("Hanna recommends dynamic programming and more dynamic programming.")
    assert not says_again("Ana and Ben talk, and Ana and Ben leave.")
