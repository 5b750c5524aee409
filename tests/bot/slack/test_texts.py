"""What is said on Slack, in each language."""

import re
import string
from dataclasses import fields
from pathlib import Path

import pytest

import bot
from bot.slack.blocks import LONGEST_TITLE
from bot.texts import CATALOGUE, OWN_WORDS
from bot.texts.fields import Texts
from bot.texts.slack import SlackTexts

NAMES = [field.name for field in fields(SlackTexts)]
TITLES = ("settings_title", "summary", "save", "close")


def placeholders(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", CATALOGUE)
def test_a_language_says_everything_and_fills_in_what_english_does(language):
    ours, theirs = CATALOGUE["en"].slack, CATALOGUE[language].slack
    for name in NAMES:
        assert getattr(theirs, name).strip(), name
        assert placeholders(getattr(theirs, name)) == placeholders(getattr(ours, name)), name


@pytest.mark.parametrize("language", CATALOGUE)
def test_titles_and_buttons_have_room(language):
    texts = CATALOGUE[language]
    for name in TITLES:
        assert len(getattr(texts.slack, name)) <= LONGEST_TITLE, name
    assert len(texts.privacy_title) <= LONGEST_TITLE
    for label in (texts.privacy_opt_out, texts.privacy_delete, texts.slack.cancel):
        assert len(label) <= 30, "a dialogue's button"


@pytest.mark.parametrize("language", CATALOGUE)
def test_only_help_is_more_than_a_line(language):
    texts = CATALOGUE[language].slack
    assert [name for name in NAMES if "\n" in getattr(texts, name)] == ["help"]


def test_every_text_is_used():
    sources = [file.read_text() for file in Path(bot.__file__).parent.rglob("*.py")]
    used = {name for text in sources for name in re.findall(r"\.slack\.(\w+)", text)}
    assert [name for name in NAMES if name not in used] == []


def test_slacks_own_words_are_there_in_each_language():
    own = OWN_WORDS["slack"]
    assert set(own) == set(CATALOGUE)
    otherwise = {
        language: {
            field.name
            for field in fields(Texts)
            if getattr(own[language], field.name) != getattr(CATALOGUE[language], field.name)
        }
        for language in own
    }
    assert len(set(map(frozenset, otherwise.values()))) == 1
    for language, names in otherwise.items():
        for name in names:
            ours, theirs = getattr(own["en"], name), getattr(own[language], name)
            if name == "digests":
                continue
            assert placeholders(ours) == placeholders(theirs)
    for name in ("managers_only", "bot_cannot_write"):
        words = [getattr(own[language].digests.words, name) for language in own]
        assert len({frozenset(placeholders(each)) for each in words}) == 1
        assert not any("server" in each.lower() for each in words)
