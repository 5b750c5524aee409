from dataclasses import replace

import numpy as np

from eval.passages import as_read, fitting, in_data_numbers, in_passage_numbers, passages, speeches
from tests.eval.talks import TALK, dialogue
from worker.pipeline.packing import Window

TURNED = dialogue(  # numbered neither from 1 nor in order of appearance
    "#Person3#: Has #Person1# called?",
    "#Person2#: No.",
    "and it is late",
    "#Person1#:",
    "#Person1#: I am here!",
)


def words(texts):
    return [len(text.split()) for text in texts]


def test_speeches_join_lines_and_leave_out_empty_turns():
    assert speeches(TURNED.dialogue) == [
        ("#Person3#", "Has #Person1# called?"),
        ("#Person2#", "No. and it is late"),
        ("#Person1#", "I am here!"),
    ]


def test_people_are_numbered_in_order_of_appearance_as_in_the_worker():
    [passage] = passages([TURNED], None)
    assert passage.dialogue.splitlines() == [
        "#Person1#: Has #Person2# called?",
        "#Person3#: No. and it is late",
        "#Person2#: I am here!",
    ]
    assert passage.people == ("#Person3#", "#Person1#", "#Person2#")
    assert all(turn.quotable for turn in passage.turns)


def test_a_summary_gets_the_numbers_of_the_data_and_back():
    [passage] = passages([TURNED], None)
    told = "# person1 # waits for #Person2#; #Person7# doesn't."
    assert in_data_numbers(told, passage) == "#Person3# waits for #Person1#; #Person0# doesn't."
    assert in_passage_numbers("#Person3# and #Person9#", passage) == "#Person1# and #Person0#"


def test_readers_see_people_without_marks():
    assert as_read("#Person1#: ask # person2 #") == "Person1: ask Person2"


def test_vectors_stay_with_their_dialogue():
    class Lengths:
        def encode(self, texts):
            return np.array([[len(text)] for text in texts], dtype=np.float32)

    first, second = passages([TURNED, TALK], Lengths())
    assert first.vectors.ravel().tolist() == [len(t) for _, t in speeches(TURNED.dialogue)]
    assert second.vectors.ravel().tolist() == [len(t) for _, t in speeches(TALK.dialogue)]


def test_room_for_sentences_grows_with_the_turns_to_the_workers_most():
    short = dialogue("#Person1#: a", "#Person2#: b")
    long = dialogue(*["#Person1#: a"] * 200)
    assert [p.sentences for p in passages([short, long], None)] == [1, 4]


def test_a_long_passage_is_parted_between_turns_with_nothing_lost():
    [passage] = passages([TALK], None)
    assert fitting(passage, None) == [passage]
    parts = fitting(passage, Window(16, words))
    assert len(parts) > 1
    assert tuple(turn for part in parts for turn in part.turns) == passage.turns
    assert all(words([part.dialogue])[0] <= 16 for part in parts)
    assert all(len(part.turns) == len(part.vectors) for part in parts)


def test_a_turn_too_long_for_any_window_is_cut():
    [passage] = passages([dialogue("#Person1#: " + "word " * 100)], None)
    [part] = fitting(passage, Window(10, words))
    assert words([part.dialogue])[0] <= 10
    assert fitting(replace(passage), Window(0, words)), "ends, whatever the window"
