"""Sentences that stutter, and sentences that don't."""

import pytest

from worker.pipeline.fluency import stutters


@pytest.mark.parametrize(
    "text",
    [
        "#Person2# scans the notes of the lecture notes.",
        "Miss Qi and Miss Quin like photography and photographs of photography.",
        "#Person1# will help helping #Person2#.",
        "They talk about Boston and Boston.",
    ],
)
def test_a_content_word_that_comes_again_at_once_is_a_stutter(text):
    assert stutters(text)


@pytest.mark.parametrize(
    "text",
    [
        "#Person1# asks #Person2# whether #Person1# may come.",
        "She tells him that they think that it is late.",
        "They read the notes in the morning, and later Ana scans the notes.",
        "The cat sat on the mat with the cat.",
        "",
    ],
)
def test_people_function_words_and_distance_are_none(text):
    assert not stutters(text)
