"""Who may decide on Slack: admins and whom the settings name, as of now, of this very workspace."""

import pytest

from bot.texts import ENGLISH
from tests.bot.slack.moderators import RUDE, filled, value_of
from tests.services import wait_until

WORDS = ENGLISH.moderation
ALL = ["show", "release", "keep", "edit", "dismiss", "remove", "timeout", "note"]
IN_MODALS = ("show", "edit", "note")


@pytest.fixture
def card(moderated):
    moderated.rude()
    return moderated.card()


def told(moderated, person, card, action, value=None, **forged):
    """What somebody is told of a click, in whatever way; `forged` may be empty."""
    use = moderated.server.click(
        person, card, f"precis:case:{action}", value or value_of(card), forged=forged
    )
    if action in IN_MODALS:
        return filled(use).text.partition("\n")[2]
    return use.wait_for_answer().shown


def undecided(moderated):
    [case] = moderated.cases
    return case.open and case.note is None and case.effect is None


@pytest.mark.parametrize("action", ALL)
def test_who_moderates_nothing_is_refused(moderated, card, action):
    said = told(moderated, moderated.chen, card, action)
    assert said == f"Only moderators of <#{moderated.watched.id}> can do that."
    assert undecided(moderated)


def test_who_is_in_the_moderators_channel_is_no_moderator_for_that(moderated, card):
    moderated.desk.add(moderated.dina, quietly=True)
    assert moderated.said(moderated.click(moderated.dina, card, "Toxic")).startswith("Only mod")
    assert undecided(moderated)


def test_who_is_an_admin_no_longer_is_refused(moderated, card):
    moderated.ana.admin = False
    assert told(moderated, moderated.ana, card, "keep").startswith("Only moderators")
    assert undecided(moderated)


def test_who_is_named_no_longer_is_refused(moderated, card):
    moderated.change(moderators=())
    assert told(moderated, moderated.ben, card, "keep").startswith("Only moderators")
    assert undecided(moderated)


def test_who_was_deactivated_is_refused(moderated, card):
    moderated.ana.deactivate()
    assert told(moderated, moderated.ana, card, "keep").startswith("Only moderators")
    assert undecided(moderated)


def test_a_form_that_was_opened_before_is_refused_after(moderated, card):
    view = moderated.modal(moderated.ben, card, "Note")
    moderated.change(moderators=())
    moderated.server.submit(moderated.ben, view, {"value": "mine"})
    wait_until(lambda: "Only moderators" in view.text, what="the refusal")
    assert undecided(moderated)


@pytest.mark.parametrize(
    "metadata",
    [
        "",
        "nonsense",
        "[]",
        '{"action": "dismiss", "card": "CARD", "seen": 1}',
        '{"action": "note", "card": "\'; drop table cases; --", "seen": 1}',
        '{"action": "note", "card": "CARD", "seen": "x"}',
    ],
)
def test_a_forged_form_does_nothing(moderated, card, metadata):
    view = moderated.modal(moderated.ben, card, "Note")
    view.payload["private_metadata"] = metadata.replace("CARD", moderated.cases[0].card_id)
    moderated.server.submit(moderated.ben, view, {"value": "mine"}).wait_for_ack()
    said = moderated.said(moderated.click(moderated.ana, card, "Not toxic"))
    assert said == "Done."
    assert moderated.cases[0].note is None


@pytest.mark.parametrize("action", ALL)
@pytest.mark.parametrize("value", [f"{'0' * 32}:1", f"{'f' * 32}:999999"])
def test_a_card_that_is_none_is_refused(moderated, card, action, value):
    assert told(moderated, moderated.ana, card, action, value) == WORDS.elsewhere
    assert undecided(moderated)


@pytest.mark.parametrize(
    "value", ["", "nonsense", "CARD", "CARD:", "CARD:-1", "CARD:1; drop", "CARD:1:2"]
)
@pytest.mark.parametrize("action", ["keep", "explode", "", "show"])
def test_a_forged_value_does_nothing(moderated, card, action, value):
    real = value.replace("CARD", moderated.cases[0].card_id)
    use = moderated.server.click(
        moderated.ana, card, f"precis:case:{action}", real, forged={}
    ).wait_for_ack()
    assert moderated.said(moderated.click(moderated.ana, card, "Toxic")) == "Done."
    assert [case.verdict for case in moderated.cases] == ["kept"]
    assert use.messages == []


def test_a_click_that_saw_nothing_decides_nothing(moderated, card):
    card_id = moderated.cases[0].card_id
    assert told(moderated, moderated.ana, card, "keep", f"{card_id}:0") == WORDS.stale
    assert undecided(moderated)


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("remove", WORDS.cannot_remove),
        ("timeout", WORDS.cannot_time_out),
        ("release", WORDS.nothing_to_release),
    ],
)
def test_what_the_bot_cannot_do_is_refused_whatever_is_clicked(moderated, card, action, said):
    assert told(moderated, moderated.ana, card, action) == said
    assert undecided(moderated)


def test_a_card_of_another_workspace_is_refused(moderated, card):
    """Eve administers another workspace that has the bot, and shares the moderators' channel."""
    others = moderated.server.add_workspace("Others", "others")
    eve = others.add_user("eve", admin=True)
    moderated.desk.add(eve, quietly=True)
    said = told(moderated, eve, card, "keep")
    assert said.startswith("Only moderators")
    assert undecided(moderated)


def test_no_text_of_a_private_channel_is_shown_to_who_is_not_in_it(moderated):
    """Ana administers the workspace, and Slack doesn't show her the channel; Ben is in it."""
    cellar = moderated.workspace.add_channel(
        "cellar", members=[moderated.ben, moderated.chen], private=True
    )
    moderated.change(watched=(cellar.id,))
    moderated.bot.frontend.moderation.listening.settings_changed(moderated.workspace.id)
    cellar.post(moderated.chen, RUDE)
    card = moderated.card()
    said = told(moderated, moderated.ana, card, "show")
    assert said == ENGLISH.person_cannot_view.format(place=f"<#{cellar.id}>")
    assert RUDE in told(moderated, moderated.ben, card, "show")
    assert moderated.said(moderated.click(moderated.ana, card, "Toxic")) == "Done."


def test_the_text_of_a_public_channel_is_shown_to_an_admin_who_is_not_in_it(moderated):
    hall = moderated.workspace.add_channel("hall", members=[moderated.chen])
    moderated.change(watched=(hall.id,))
    moderated.bot.frontend.moderation.listening.settings_changed(moderated.workspace.id)
    hall.post(moderated.chen, RUDE)
    assert RUDE in told(moderated, moderated.ana, moderated.card(), "show")
