"""Transcripts: `Name: text` and DialogSum's `#Person1#: text`."""

import pytest

from precis.conversation import MAX_TEXT
from precis.errors import InputError
from precis.readers import load_conversation


def said(path, **options):
    messages = load_conversation(path, **options).conversation.messages
    return [(m.author_name, m.text) for m in messages]


def test_speech_runs_over_lines(write):
    path = write("Ana: one\n  and two\n\nand three\nBo: four\n")
    assert said(path) == [("Ana", "one and two and three"), ("Bo", "four")]


def test_an_id_is_the_line_where_a_speech_begins(write):
    messages = load_conversation(write("Ana: one\ntwo\nBo: three\n")).conversation.messages
    assert [(m.id, m.author_id, m.time) for m in messages] == [
        ("1", "ana", None),
        ("3", "bo", None),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Note: the exam is on Friday",
        "http://example.org is down",
        "10:30 is too early",
        "I have one question: why?",
        "What I mean, Ana: no",
        "the rule is simple: never before noon",
        "For example: this",
        "see chapter 3.2: trees",
        "key:value",
    ],
)
def test_a_colon_inside_speech_begins_no_speech(write, line):
    (first, second, third) = said(write(f"Ana: first\n{line}\nBo: second\nAna: third\n"))
    assert first[0] == "Ana"
    assert first[1].startswith("first ")
    assert (second, third) == (("Bo", "second"), ("Ana", "third"))


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Ana: hi", "Ana"),
        ("ana: hi", "ana"),
        ("Dr. Ana B. Silva: hi", "Dr. Ana B. Silva"),
        ("**Ana**: hi", "Ana"),
        ("**Ana:** hi", "Ana"),
        ("Ana (10:32): hi", "Ana"),
        ("[10:32] Ana: hi", "Ana"),
        ("10:32 - Ana: hi", "Ana"),
        ("安娜：hi", "安娜"),
        ("עֲנָת: hi", "עֲנָת"),
        ("Speaker 1: hi", "Speaker 1"),
        ("Jean-Luc O’Neil: hi", "Jean-Luc O’Neil"),
    ],
)
def test_a_name_is_known(write, line, name):
    assert said(write(f"{line}\n{line}\n")) == [(name, "hi"), (name, "hi")]


def test_somebody_new_may_speak_late(write):
    path = write("Ana: a\nBo: b\n" * 5_000 + "Cleo: c\n")
    assert said(path)[-1] == ("Cleo", "c")


def test_a_title_before_the_first_speech_is_counted(write):
    loaded = load_conversation(write("A talk\nAna: a\nBo: b\n"), format="plain")
    assert loaded.problems == ("line 1: no author",)


@pytest.mark.parametrize(
    "prose",
    [
        "It was a dark night.\nNobody spoke: it was late.\nThe end.\n",
        "# Title\n\nSome text, with a colon: here.\n\n- item\n- item\n",
        "just one line",
        "a,b,c\n1,2,3\n",
    ],
)
def test_prose_is_no_transcript(write, prose):
    with pytest.raises(InputError, match=r"no format that Précis reads.*--format"):
        load_conversation(write(prose))


def test_dialogsum(write):
    path = write("#Person1#: Hi, #Person2#!\n#Person2#: Hello,\nyou. \n #Person1# : Bye.")
    assert said(path) == [
        ("Person1", "Hi, Person2!"),
        ("Person2", "Hello, you."),
        ("Person1", "Bye."),
    ]
    assert load_conversation(path).conversation.source == "dialogsum"


def test_a_format_can_be_forced(write):
    path = write("#Person1#: Hi.\n#Person2#: Ho.\n")
    assert load_conversation(path, format="plain").conversation.source == "plain"


def test_a_speech_of_endless_short_lines_is_read_in_one_go(tmp_path):
    path = tmp_path / "talk.txt"
    path.write_text("Ana: so\n" + "a\n" * 400_000 + "Bob: yes\n")
    first, second = load_conversation(path, format="plain").conversation.messages
    assert len(first.text) <= MAX_TEXT
    assert second.text == "yes"
