"""Summaries that the gate withheld: moderators release them, or say them in their words."""

import pytest

from precis.moderation import Verdict
from tests.bot.discord.moderators import RUDE
from tests.bot.discord.serving import answered
from tests.services import wait_until


@pytest.fixture
def judge(judge):
    judge.texts = (f"Ana says that {RUDE}.",)
    return judge


@pytest.fixture
def asked(desk, algebra):
    """Ben asks, and is told that nothing can be said; the use of his command."""
    use = desk.server.slash(desk.member, algebra, "summarize", last=50)
    assert answered(use).content.startswith("No summary this time")
    desk.place = algebra
    return use


def summaries(desk):
    """What Ben is sent beyond the first word."""
    return [each for each in desk.server.dms(desk.member) if each.embeds]


def test_a_withheld_summary_is_on_a_card_without_its_text(desk, asked):
    card = desk.card()
    assert "A summary to look at" in card.text
    assert "The gate withheld it." in card.text
    assert desk.place.mention in card.text
    assert RUDE not in card.text
    labels = [button["label"] for button in card.buttons]
    assert labels == ["Show", "Release", "Keep withheld", "Edit", "Not toxic", "Note"]
    assert f"Not said: Ana says that {RUDE}." in desk.press(desk.moderator, card, "Show")


def test_a_summary_that_is_released_reaches_who_asked(desk, asked):
    card = desk.card()
    assert desk.press(desk.moderator, card, "Release") == "Done."
    wait_until(lambda: summaries(desk), 30, "the summary")
    [sent] = summaries(desk)
    assert f"Ana says that {RUDE}." in sent.text
    assert f"Released by {desk.moderator.mention}" in desk.closed(card)


def test_a_released_summary_is_not_told_to_who_can_no_longer_read_its_channel(desk, asked):
    card = desk.card()
    desk.place.set_overwrite(desk.member, deny=1 << 10)
    assert desk.press(desk.moderator, card, "Release") == "Done."
    wait_until(lambda: desk.server.dms(desk.member), 30, "a word")
    assert summaries(desk) == []
    assert all(RUDE not in each.text for each in desk.server.dms(desk.member))


def test_a_summary_is_said_in_a_moderators_words(desk, asked):
    card = desk.card()
    use = desk.form(desk.moderator, card, "Edit")
    [row] = use.modal["components"]
    assert row["components"][0]["value"] == f"Ana says that {RUDE}."
    words = "Ana and Ben disagree. @everyone **now**"
    told = desk.told(desk.server.submit_modal(use, {"What the summary says": words}))
    assert told == "Done."
    wait_until(lambda: summaries(desk), 30, "the summary")
    [sent] = summaries(desk)
    assert "Ana and Ben disagree." in sent.text
    assert "**now**" not in sent.text
    assert RUDE not in sent.text
    assert sent.pinged == frozenset()
    assert "Rewritten by" in desk.closed(card)


def test_a_summary_that_is_kept_withheld_is_told_to_nobody(desk, asked):
    card = desk.card()
    assert desk.press(desk.moderator, card, "Keep withheld") == "Done."
    desk.closed(card)
    assert desk.case.verdict is Verdict.KEPT
    assert desk.server.dms(desk.member) == []


def test_an_empty_edit_is_no_edit(desk, asked):
    card = desk.card()
    use = desk.form(desk.moderator, card, "Edit")
    told = desk.told(desk.server.submit_modal(use, {"What the summary says": "   "}))
    assert told == "Write a text of at most 3,000 characters."
    assert desk.case.open


def test_a_released_summary_is_told_once_by_two_moderators(desk, asked):
    card = desk.card()
    uses = [desk.server.click(each, card, "Release") for each in (desk.moderator, desk.other)]
    told = sorted(desk.told(use).split(".")[0] for use in uses)
    assert told == ["Done", "Somebody was quicker"]
    wait_until(lambda: summaries(desk), 30, "the summary")
    desk.closed(card)
    assert len(summaries(desk)) == 1
