"""How texts are written as people type them."""

import random
import re

from training.typing_noise import disguise_words, with_noise

TEXT = "You are a stupid clown, and the weather is lovely."


def variants(make, count=400):
    return {make(TEXT, random.Random(seed)) for seed in range(count)}


def test_most_texts_stay_as_they_are_and_others_are_typed_in_many_ways():
    made = [with_noise(TEXT, random.Random(seed)) for seed in range(400)]
    assert 0.4 < made.count(TEXT) / len(made) < 0.7
    assert TEXT.lower() in made
    assert TEXT.upper() in made
    assert len(set(made)) > 50


def test_the_same_seed_makes_the_same_text():
    assert with_noise(TEXT, random.Random(3)) == with_noise(TEXT, random.Random(3))


def test_telling_words_are_disguised_rather_than_others():
    for made in variants(lambda text, chooser: disguise_words(text, chooser, {"stupid"})):
        assert made != TEXT or "stupid" in made
        assert re.fullmatch(r"You are a .+ clown, and the weather is lovely\.", made)


def test_short_words_and_empty_texts_are_left_alone():
    assert disguise_words("a to the", random.Random(0)) == "a to the"
    assert with_noise("", random.Random(0)) == ""


def test_umlauts_are_sometimes_spelled_out():
    made = {with_noise("schöne Größe", random.Random(seed)) for seed in range(400)}
    assert "schoene groesse" in made
