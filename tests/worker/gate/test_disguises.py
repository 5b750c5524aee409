"""Disguised words: what is undone for good, and what is another way to read a text."""

import pytest

from worker.gate.disguises import fold, readings


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("h\u200be\u00adllo", "hello"),
        ("ｈｅｌｌｏ", "hello"),
        ("heeeello", "heello"),
        ("h\u0335e\u0335llo", "hello"),
        ("\u202ehello", "hello"),
        ("𝓱𝓮𝓵𝓵𝓸", "hello"),
        ("hеllо", "hello"),  # two letters are Cyrillic
        ("please соре with it", "please cope with it"),  # a whole word is
    ],
)
def test_what_can_harm_no_text_is_undone(disguised, plain):
    assert fold(disguised) == plain


@pytest.mark.parametrize(
    "text", ["Größe über é", "שלום", "Привет, как дела", "Είμαι εδώ", "what!!!", "日本語", "a b"]
)
def test_other_alphabets_and_accents_stay(text):
    assert fold(text) == text


@pytest.mark.parametrize(
    ("disguised", "meant"),
    [
        ("what an i d i o t", "what an idiot"),
        ("you are a i d i o t", "you are a idiot"),
        ("s.t.u.p.i.d", "stupid"),
        ("y0u 1d10t", "you idiot"),
        ("$tup1d", "stupid"),
        ("1 d 1 0 t", "idiot"),
    ],
)
def test_a_guess_is_another_reading(disguised, meant):
    found = readings(disguised)
    assert found[0] == disguised
    assert meant in found


@pytest.mark.parametrize("text", ["hello there", "Galaxy A55 and B747", "12345", "", "well done!!"])
def test_a_plain_text_has_one_reading(text):
    assert readings(text) == [text]


def test_a_spaced_word_leaves_the_word_before_it_alone():
    assert "not a idiot" in readings("not a i d i o t")
