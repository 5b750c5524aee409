"""What admins set about moderation on Slack: whom, where, and thresholds after a look at them."""

import pytest

from tests.bot.slack.moderators import RUDE
from tests.bot.slack.test_settings import confirmed, kept, opened, sent
from tests.services import wait_until


@pytest.fixture
def form(moderated):
    return opened(moderated.server, moderated.ana, moderated.watched)


def said_of(moderated, form, **values):
    return sent(moderated.server, moderated.ana, form, **values)


def now(moderated):
    return kept(moderated.bot, moderated.workspace)


def test_thresholds_are_saved_after_a_look_at_what_they_would_have_flagged(moderated):
    moderated.rude()
    form = opened(moderated.server, moderated.ana, moderated.watched)
    said = said_of(moderated, form, thresholds="toxicity 0.95, insult 0.95")
    assert "Of 1 message in the last 7 days, 0 would have been flagged (now: 1)." in said
    assert now(moderated).thresholds == {}
    assert confirmed(moderated.server, moderated.ana, form) == "Saved."
    assert now(moderated).thresholds == {"toxicity": 0.95, "insult": 0.95}
    [entry] = [each for each in moderated.cases_store.log() if each.action == "thresholds"]
    assert (entry.person, entry.place) == (moderated.ana.person, None)
    assert entry.thresholds == {"toxicity": 0.95, "insult": 0.95}


def test_one_channels_thresholds_hold_there_alone(moderated, form, judge):
    other = moderated.workspace.add_channel("other", members=moderated.people)
    both = [moderated.watched.id, other.id]
    values = {"watched": both, "one_channel": other.id, "own_thresholds": "toxicity 0.95"}
    said_of(moderated, form, **values)
    assert confirmed(moderated.server, moderated.ana, form) == "Saved."
    assert now(moderated).channel_thresholds == {other.id: {"toxicity": 0.95}}
    other.post(moderated.chen, RUDE)
    moderated.rude()
    wait_until(lambda: len(judge.scored) == 2, what="both")
    assert [case.place for case in moderated.cases] == [moderated.watched.id]
    again = opened(moderated.server, moderated.ana, moderated.watched)
    assert f"<#{other.id}>: toxicity 0.95" in again.text
    said_of(moderated, again, one_channel=other.id)
    assert confirmed(moderated.server, moderated.ana, again) == "Saved."
    assert now(moderated).channel_thresholds == {}


def test_what_isnt_saved_after_the_look_changes_nothing(moderated, form):
    before = now(moderated)
    said_of(moderated, form, thresholds="toxicity 0.95", style="people")
    moderated.server.close_view(moderated.ana, form)
    assert now(moderated) == before


def test_who_is_no_longer_an_admin_saves_nothing_after_the_look(moderated, form):
    said_of(moderated, form, thresholds="toxicity 0.95")
    moderated.ana.admin = False
    assert "Only this workspace's admins" in confirmed(moderated.server, moderated.ana, form)
    assert now(moderated).thresholds == {}


@pytest.mark.parametrize(
    "metadata",
    ["", "{}", "[]", "[1,2]", '[{"evil":1},null]', '[{"thresholds":{"x":7}},null]', '[{},["C1"]]'],
)
def test_what_is_forged_is_not_saved(moderated, form, metadata):
    said_of(moderated, form, thresholds="toxicity 0.95")
    before = now(moderated)
    form.payload["private_metadata"] = metadata
    assert "can't be saved" in confirmed(moderated.server, moderated.ana, form)
    assert now(moderated) == before


def test_what_a_modal_cannot_hold_is_not_saved_without_a_look(moderated, form):
    channels = [f"C{number:020d}" for number in range(100)]
    said = said_of(
        moderated,
        form,
        thresholds="toxicity 0.95",
        watched=channels,
        follows=channels,
        never_read=[],
    )
    assert "can't be saved" in said
    assert now(moderated).thresholds == {}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"never_read": ["WATCHED"]}, "watched"),
        ({"own_thresholds": "toxicity 0.9"}, "one_channel"),
        ({"one_channel": "WATCHED", "own_thresholds": "high"}, "own_thresholds"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(moderated, form, values, field):
    watched = moderated.watched.id
    given = {
        name: [watched] if value == ["WATCHED"] else watched if value == "WATCHED" else value
        for name, value in values.items()
    }
    assert list(said_of(moderated, form, **given)) == [field]


def test_channels_that_the_bot_is_not_in_are_named(moderated, form):
    other = moderated.workspace.add_channel("other", members=moderated.people, bot=False)
    said = said_of(moderated, form, moderators=other.id)
    assert f"Précis isn't in <#{other.id}>" in said
    assert now(moderated).moderators_channel == other.id


def test_open_cards_move_with_the_moderators_channel(moderated):
    moderated.rude()
    old = moderated.card()
    other = moderated.workspace.add_channel("other", members=[moderated.ana])
    form = opened(moderated.server, moderated.ana, moderated.watched)
    said_of(moderated, form, moderators=other.id)
    wait_until(lambda: other.messages_by_bot, what="the card")
    assert old.deleted


def test_what_is_watched_from_now_on_is_heard_and_what_is_not_isnt(moderated, form, judge):
    other = moderated.workspace.add_channel("other", members=moderated.people)
    said_of(moderated, form, watched=[other.id])
    moderated.watched.post(moderated.chen, RUDE)
    other.post(moderated.dina, RUDE)
    wait_until(lambda: moderated.cases, what="the case")
    assert [case.place for case in moderated.cases] == [other.id]
