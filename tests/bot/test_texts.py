"""The catalogue of what a bot says."""

import re
import string
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

import bot
from bot.platform import Refusal
from bot.texts import CATALOGUE, ENGLISH, Texts, texts_in, told_length

NAMES = [field.name for field in fields(Texts)]
BY_NAME = {*(each.value for each in Refusal), "good", "bad", "share", "delete", "show"}
"""Texts that are taken by a refusal's or a button's name."""
ESCAPE = r"(?:\b\w*texts|ENGLISH|texts_in\([^()]*(?:\([^()]*\))?[^()]*\))\.(\w+)"


def placeholders(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", CATALOGUE)
def test_a_language_says_everything(language):
    texts = CATALOGUE[language]
    assert [name for name in NAMES if not getattr(texts, name).strip()] == []


@pytest.mark.parametrize("language", CATALOGUE)
def test_a_language_fills_in_what_english_does(language):
    texts = CATALOGUE[language]
    for name in NAMES:
        theirs, ours = getattr(texts, name), getattr(ENGLISH, name)
        assert placeholders(theirs) == placeholders(ours), name


@pytest.mark.parametrize("language", CATALOGUE)
def test_a_line_is_one_line_and_no_more_than_a_message_holds(language):
    for name in NAMES:
        text = getattr(CATALOGUE[language], name)
        assert "\n" not in text
        assert len(text) < 500


def test_every_text_is_used():
    files = list(Path(bot.__file__).parent.rglob("*.py"))
    used = {name for file in files for name in re.findall(ESCAPE, file.read_text())}
    assert [name for name in NAMES if name not in used | BY_NAME] == []


def test_a_refusal_has_its_words():
    assert {each.value for each in Refusal} <= set(NAMES)


def test_an_unknown_language_is_english():
    assert texts_in("xx") is ENGLISH


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "1 s"),
        (-5, "1 s"),
        (0.2, "1 s"),
        (40, "40 s"),
        (40.1, "41 s"),
        (99, "99 s"),
        (100, "2 min"),
        (120, "2 min"),
        (121, "3 min"),
        (99 * 60, "99 min"),
        (99 * 60 + 1, "2 h"),
        (2 * 3600, "2 h"),
        (2 * 3600 + 1, "3 h"),
    ],
)
def test_a_time_to_wait_is_never_told_too_short(seconds, told):
    assert told_length(timedelta(seconds=seconds), ENGLISH) == told
