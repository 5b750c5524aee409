"""Uncased text gets its spelling back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer

from worker.embeddings import minilm_folder
from worker.generators.casing import Casing

KNOWN = Casing(
    {"it": "it", "english": "English", "i": "I", "so": "so", "sherry": "Sherry", "the": "the",
     "monday": "Monday", "why": "why", "tea": "tea", "at": "at"}
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "dialogue", "expected"),
    [
        ("#person1# ' s english is good.", "", "#Person1#'s English is good."),
        ("they meet at 3 : 30.", "#Person1#: At 3:30, then?", "They meet at 3:30."),
        ("they meet at 3 : 30.", "", "They meet at 3:30."),
        ("ufos don ' t exist.", "#Person1#: I saw UFOs. You don't?", "UFOs don't exist."),
        ("it ' s the check - up.", "#Person1#: It's my check-up.", "It's the check-up."),
        ("mr. white signs. why?", "#Person1#: Ask Mr. White.", "Mr. White signs. Why?"),
        ("so it is tea.", "#Person1#: So it is. So what? Tea!", "So it is tea."),
        ("he pays $ 20, or 5 %.", "", "He pays $20, or 5%."),
        ("#person2# reads a. com", "#Person1#: See a.com now", "#Person2# reads a.com"),
        ("the cafe is naive.", "#Person1#: The Café is naïve.", "The Café is naïve."),
        ("", "", ""),
    ],
)  # fmt: skip
def test_spelling_comes_from_the_dialogue_and_from_what_is_known(text, dialogue, expected):
    assert KNOWN.restore(text, dialogue) == expected


def test_a_contracted_s_is_small_whatever_an_s_is_elsewhere():
    shown = Casing().restore("ana ' s lock is s", "#Person1#: I think S and IX are not compatible.")
    assert shown == "Ana's lock is S"


def test_a_name_that_only_opens_sentences_is_still_a_name():
    dialogue = "#Person1#: Zorblat, come here.\n#Person2#: The tea is cold."
    assert KNOWN.restore("zorblat brings the tea.", dialogue) == "Zorblat brings the tea."


def test_casing_is_learnt_amid_sentences_and_survives_a_file(tmp_path):
    texts = ["#Person1#: Every Monday we drink Tea."] + ["#Person1#: On Monday I drink tea."] * 2
    casing = Casing.learn(texts)
    casing.save(tmp_path)
    loaded = Casing.load(tmp_path)
    assert loaded.restore("on monday tea helps.", "") == "On Monday tea helps."
    assert Casing.load(tmp_path / "none") is None


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_keeps_its_letters(text, dialogue):
    restored = Casing().restore(text, dialogue)
    kept = [c for c in text.lower() if c.isalnum()]
    assert len([c for c in restored.lower() if c.isalnum()]) >= len(kept) - text.lower().count("ß")


def test_the_tokenizers_round_trip_is_undone():
    tokenizer = AutoTokenizer.from_pretrained(minilm_folder())
    dialogue = "#Person1#: Did Dr. O'Neil's re-run of COVID-19 tests cost £30, or 1,250.50 in all?"
    told = "Dr. O'Neil's re-run of COVID-19 tests cost 1,250.50 in all."
    spelt = tokenizer.decode(tokenizer(told)["input_ids"], skip_special_tokens=True)
    assert Casing().restore(spelt, dialogue) == told


def test_a_word_put_together_of_pieces_is_found_out():
    invented = KNOWN.invented(
        "the tea and zorblats are bigergies on monday", "#Person1#: Zorblats and!"
    )
    assert invented == ["are", "bigergies", "on"]


def test_words_that_the_tokenizer_has_whole_are_words():
    text, dialogue = "ana explains bigergies", "#Person1#: Ana explains it."
    assert KNOWN.invented(text, dialogue, {"explains", "big"}) == ["bigergies"]


def test_accents_make_no_word_invented():
    assert Casing({"café": "café"}).invented("a cafe", "#Person1#: A place.") == []


def test_another_language_is_unfamiliar():
    assert KNOWN.familiar("it is tea") == pytest.approx(2 / 3)
    assert KNOWN.familiar("der Tee ist kalt") == 0.0
    assert KNOWN.familiar("12 + 3 = 15 🎉") == 1.0
