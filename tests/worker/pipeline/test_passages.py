import numpy as np

from tests.conversations import conversation, message
from worker.pipeline.passages import PassageMaker, Piece, people_named, restore_names


def passage_of(people, indices=None):
    count = len(people.messages)
    maker = PassageMaker(people, np.eye(count, 384, dtype=np.float32), [True] * count)
    return maker.passage([Piece(i) for i in (indices or range(count))], sentences=3)


def test_people_are_numbered_in_order_of_appearance_and_hidden_in_texts():
    passage = passage_of(conversation("Ben: thanks @Ana", "Ana: Ben, no problem", "Ben: bye"))
    assert passage.dialogue == (
        "#Person1#: thanks #Person2#\n#Person2#: #Person1#, no problem\n#Person1#: bye"
    )


def test_names_come_back():
    people = conversation("Ben: thanks @Ana", "Ana: sure")
    passage = passage_of(people)
    text = "#Person1# thanks #Person2#, and #Person1#'s happy."
    assert restore_names(text, passage, people.names) == "Ben thanks Ana, and Ben's happy."
    assert people_named(text, passage) == ["ben", "ana"]


def test_a_number_that_nobody_has_is_found_out():
    people = conversation("Ben: hi", "Ana: hi")
    assert restore_names("#Person3# leaves.", passage_of(people), people.names) is None
    assert restore_names("#Person0# leaves.", passage_of(people), people.names) is None


def test_namesakes_stay_two_people():
    people = conversation("Alex: I like tea")
    other = message(1, "Alex", "I like coffee", author_id="alex-2")
    people = people.model_copy(update={"messages": (*people.messages, other)})
    passage = passage_of(people)
    assert passage.people == ("alex", "alex-2")
    restored = restore_names("#Person1# and #Person2# differ.", passage, people.names)
    assert restored == "Alex and Alex (2) differ."


def test_a_person_only_spoken_of_is_numbered_too():
    people = conversation("Ben: ask @Ana", "Ana: hm")
    assert passage_of(people, [0]).people == ("ben", "ana")
