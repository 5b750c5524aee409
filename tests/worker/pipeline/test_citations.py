import numpy as np

from tests.conversations import conversation
from worker.embeddings import sentence_encoder
from worker.pipeline.citations import cite, support
from worker.pipeline.grounding import unsupported
from worker.pipeline.passages import PassageMaker, Piece

TALK = conversation(
    "Ana: The revision session is on Thursday at six in room 204.",
    "Ben: My cat slept on the keyboard all morning.",
    "Cy: I can bring printed notes of chapter seven.",
    "Ana: Please do, I lost mine.",
)


def passage():
    vectors = sentence_encoder().encode([m.text for m in TALK.messages])
    maker = PassageMaker(TALK, vectors, [True] * 4)
    return maker.passage([Piece(i) for i in range(4)], 3)


def cited(*sentences):
    rows = support(sentences, sentence_encoder().encode(sentences), passage())
    return [cite(row, passage()) for row in rows]


def test_a_sentence_cites_the_messages_that_say_it():
    meeting, notes = cited(
        "#Person1# says they meet on Thursday at six.", "#Person3# will bring notes on chapter 7."
    )
    assert 0 in meeting
    assert 1 not in meeting
    assert 2 in notes


def test_every_sentence_cites_something_and_not_too_much():
    assert all(1 <= len(messages) <= 3 for messages in cited("Something else entirely.", "ok"))


def test_support_is_about_a_share():
    sentences = [m.text for m in TALK.messages]
    rows = support(sentences, sentence_encoder().encode(sentences), passage())
    assert rows.shape == (4, 4)
    assert (rows >= 0).all()
    assert (rows <= 1.01).all()
    assert (np.argmax(rows, axis=1) == np.arange(4)).all()


def test_names_and_numbers_must_occur():
    assert unsupported("They meet on Thursday in room 204, says #Person1#.", passage()) == []
    assert unsupported("They meet Ana's friend Boris at 7.", passage()) == ["Ana's", "Boris", "7"]
    assert unsupported("Boris brings notes.", passage()) == ["Boris"]


def test_the_number_of_a_placeholder_was_not_said():
    assert unsupported("#Person1# asks #Person3# for 3 notes and 1 pen.", passage()) == ["3", "1"]
    assert unsupported("# person2 # and #Person1#'s cat sleep.", passage()) == []
    assert unsupported("Person2 sleeps.", passage()) == ["Person2"]
