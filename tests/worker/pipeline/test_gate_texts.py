"""What the gate reads instead of names."""

from tests.conversations import conversation
from worker.pipeline.gate_texts import texts_without_names


def texts(*lines, channel=""):
    return texts_without_names(conversation(*lines).model_copy(update={"channel": channel}))


def test_what_people_are_called_is_not_read():
    assert texts("Dick: hello", "Ana: Dick has the notes, ask Dick", "Ana: thanks @dick!") == [
        "hello",
        "Alex has the notes, ask Alex",
        "thanks Alex!",
    ]


def test_a_word_that_only_looks_like_a_name_is_read():
    assert texts("Dick: hello", "Ana: you dick", "Ana: Dickens wrote it")[1:] == [
        "you dick",
        "Dickens wrote it",
    ]


def test_what_the_channel_is_called_is_not_read():
    assert texts("Ana: see #bastards for more", channel="bastards") == ["see #general for more"]
    assert texts("Ana: what a bunch of bastards", channel="bastards") == [
        "what a bunch of bastards"
    ]
    assert texts("Ana: # is a hash") == ["# is a hash"]
