"""What moderators are told, in each language."""

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

import bot
from bot.moderation.wording import BUTTONS
from bot.texts import CATALOGUE, ENGLISH, Counted
from bot.texts.moderation import ModerationTexts
from precis.job import FlagAction
from precis.store.moderation_store import Order
from tests.bot.test_texts import filled_in, forms, placeholders

NAMES = [field.name for field in fields(ModerationTexts)]
BY_NAME = {
    *BUTTONS.values(),
    *(f"gate_{action.value}" for action in FlagAction),
    *(f"order_{order}" for order in get_args(Order)),
}
"""Texts that are taken by the name of a button, of what the gate did, or of an order."""
MOST_ON_BUTTON = 30


@pytest.mark.parametrize("language", CATALOGUE)
def test_a_language_says_everything_in_one_line(language):
    said = [form for name in NAMES for form in forms(getattr(CATALOGUE[language].moderation, name))]
    assert [form for form in said if not form.strip() or "\n" in form or len(form) > 500] == []


@pytest.mark.parametrize("language", CATALOGUE)
def test_a_language_fills_in_what_english_does(language):
    for name in NAMES:
        theirs = getattr(CATALOGUE[language].moderation, name)
        ours = getattr(ENGLISH.moderation, name)
        assert type(theirs) is type(ours), name
        assert filled_in(theirs) == filled_in(ours), name
        if isinstance(theirs, Counted):
            assert placeholders(theirs.other) == filled_in(theirs), name


@pytest.mark.parametrize("language", set(CATALOGUE) - {"en"})
def test_a_language_is_not_english_again(language):
    theirs, ours = CATALOGUE[language].moderation, ENGLISH.moderation
    same = {name for name in NAMES if getattr(theirs, name) == getattr(ours, name)}
    assert same <= {"review_line", "settings_moderation", "shown_message", "where"}


@pytest.mark.parametrize("language", CATALOGUE)
def test_a_button_has_room_for_its_label(language):
    words = CATALOGUE[language].moderation
    labels = [getattr(words, name) for name in (*BUTTONS.values(), "keep_message", "report")]
    assert [label for label in labels if len(label) > MOST_ON_BUTTON] == []


def test_every_text_is_used():
    files = [file for file in Path(bot.__file__).parent.rglob("*.py") if "texts" not in file.parts]
    used = {name for file in files for name in re.findall(r"[.\"](\w+)", file.read_text())}
    assert [name for name in NAMES if name not in used | BY_NAME] == []
