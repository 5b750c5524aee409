import pytest

from tests.conversations import conversation
from worker.pipeline.mentions import NameIndex

PEOPLE = conversation("Ana Maria: hi", "Ana: hi", "will: hi", "|trey|: hi", "K2: hi", "İpek: hi")


def found(text):
    return [
        (text[m.start : m.end], m.author_id, m.is_address) for m in NameIndex(PEOPLE).find(text)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@will can you", [("@will", "will", True)]),
        ("will: can you", [("will", "will", True)]),
        ("will, can you", [("will", "will", True)]),
        ("it will rain", []),
        ("Will they come", []),
        ("I asked Ana Maria about it", [("Ana Maria", "ana maria", False)]),
        ("I asked Ana about it", [("Ana", "ana", False)]),
        ("ana: look", [("ana", "ana", True)]),
        ("Anatomy is hard, Anabel", []),
        ("|trey|, look", [("|trey|", "|trey|", True)]),
        ("see docs/Ana or x.Ana", []),
        ("Ana's notes and İpek's", [("Ana", "ana", False), ("İpek", "i̇pek", False)]),
        ("", []),
    ],
)
def test_names_are_told_from_words(text, expected):
    assert found(text) == expected


def test_a_renamed_author_is_found_by_both_names():
    people = conversation("Ana: hi", "Ben: hi")
    renamed = people.messages[0].model_copy(update={"id": "9", "author_name": "Anastasia"})
    people = people.model_copy(update={"messages": (*people.messages, renamed)})
    assert [m.author_id for m in NameIndex(people).find("Anastasia and @Ana")] == ["ana", "ana"]
