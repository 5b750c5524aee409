"""The catalogue of what a bot says."""

import re
import string
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

import bot
from bot.platform import Refusal
from bot.texts import CATALOGUE, ENGLISH, GERMAN, Counted, Texts, texts_in, told_length
from precis.job import Style

ELSEWHERE = ("slack", "moderation", "digests")
NAMES = [field.name for field in fields(Texts) if field.name not in ELSEWHERE]
BY_NAME = {
    *(each.value for each in Refusal),
    *(f"style_{each}" for each in Style),
    *("good", "bad", "share", "delete", "show"),
}
"""Texts that are taken by the name of a refusal, of a style, or of a button."""
ESCAPE = (
    r"(?:\b\w*texts|ENGLISH|last|texts_(?:in|for)\([^()]*(?:\([^()]*\))?[^()]*\))\)?\.(\w+)"
    r"|phrase\(\"(\w+)\"\)|\"(menu_\w+)\""
)


def forms(text):
    """What may be said: one text, or the singular and the plural."""
    return [text.one, text.other] if isinstance(text, Counted) else [text]


def placeholders(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def filled_in(text):
    """What a text takes; the singular may do without its number."""
    return set.union(*(placeholders(form) for form in forms(text)))


@pytest.mark.parametrize("language", CATALOGUE)
def test_a_language_says_everything(language):
    texts = CATALOGUE[language]
    said = [(name, form) for name in NAMES for form in forms(getattr(texts, name))]
    assert [name for name, form in said if not form.strip()] == []


@pytest.mark.parametrize("language", CATALOGUE)
def test_a_language_fills_in_what_english_does(language):
    texts = CATALOGUE[language]
    for name in NAMES:
        theirs, ours = getattr(texts, name), getattr(ENGLISH, name)
        assert type(theirs) is type(ours), name
        assert filled_in(theirs) == filled_in(ours), name
        if isinstance(theirs, Counted):
            assert placeholders(theirs.other) == filled_in(theirs), name


@pytest.mark.parametrize("language", CATALOGUE)
def test_a_line_is_one_line_and_no_more_than_a_message_holds(language):
    for name in NAMES:
        for form in forms(getattr(CATALOGUE[language], name)):
            assert "\n" not in form
            assert len(form) < 500


@pytest.mark.parametrize("language", set(CATALOGUE) - {"en"})
def test_a_language_is_not_english_again(language):
    texts = CATALOGUE[language]
    same = {name for name in NAMES if getattr(texts, name) == getattr(ENGLISH, name)}
    assert same <= {"good", "bad", "model", "seconds", "minutes", "hours"}


def test_every_text_is_used():
    files = list(Path(bot.__file__).parent.rglob("*.py"))
    found = [name for file in files for name in re.findall(ESCAPE, file.read_text())]
    used = {name for names in found for name in names}
    assert [name for name in NAMES if name not in used | BY_NAME] == []


@pytest.mark.parametrize(
    ("texts", "count", "said"),
    [
        (ENGLISH, 0, "Summarising 0 messages…"),
        (ENGLISH, 1, "Summarising 1 message…"),
        (ENGLISH, 2, "Summarising 2 messages…"),
        (ENGLISH, 1_234, "Summarising 1,234 messages…"),
        (GERMAN, 1, "1 Nachricht wird zusammengefasst…"),
        (GERMAN, 1_234, "1234 Nachrichten werden zusammengefasst…"),
    ],
)
def test_one_is_told_from_many(texts, count, said):
    assert texts.summarising.format(count=count) == said


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
