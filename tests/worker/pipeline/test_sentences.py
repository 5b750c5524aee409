import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.pipeline.sentences import shorten, split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Dr. Lee came. He left.", ["Dr. Lee came.", "He left."]),
        ("It costs 3.50 e.g. today", ["It costs 3.50 e.g. today"]),
        ("好。再见。", ["好。", "再见。"]),
        ("a line\nanother", ["a line", "another"]),
        ('He said "stop." Then he left.', ['He said "stop."', "Then he left."]),
        ("  ", []),
        ("", []),
    ],
)
def test_sentences_are_found(text, sentences):
    assert split_sentences(text) == sentences


@given(st.text(max_size=300))
def test_no_word_is_lost(text):
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


@given(st.text(max_size=100), st.integers(10, 60))
def test_shortening_keeps_to_the_limit(text, limit):
    assert len(shorten(text, limit)) <= max(limit, 1)


def test_shortening_never_splits_a_grapheme():
    family = "👨‍👩‍👧‍👦"
    assert shorten("ab " + family * 3, 12).rstrip("…").replace(family, "").strip() == "ab"
