"""Cards are shown by one bot at a time, whenever they changed; days are told once."""

from datetime import timedelta

import pytest

from tests.conversations import message
from tests.precis.store.chats import at_once, held_at
from tests.precis.store.moderating import cases, decide, only_case, watch

RUDE = message(1, "Ana", "xylophone you fool")


@pytest.fixture
def card_id(moderation, store):
    watch(moderation, store, [RUDE], toxic=["1"])
    return only_case(moderation).card_id


def show(moderation, card_id, message="m1", channel="mods"):
    held = moderation.hold(card_id)
    moderation.note_posted(held, channel, message)
    assert moderation.let_go(held, shown=held.card.version)


def test_a_new_card_is_due_until_it_is_shown(moderation, card_id):
    assert moderation.due("discord") == [card_id]
    assert moderation.due("slack") == []
    show(moderation, card_id)
    assert moderation.due("discord") == []
    assert moderation.hold(card_id) is None
    card = moderation.card(card_id)
    assert (card.channel, card.message, card.shown) == ("mods", "m1", card.version)
    assert (card.seen, len(card.open_cases)) == (1, 1)


@pytest.mark.both_stores
def test_one_bot_holds_a_card_until_its_lease_ends(moderation, card_id, clock):
    taken = [each for each in at_once(*(lambda: moderation.hold(card_id),) * 5) if each]
    assert len(taken) == 1
    assert moderation.due("discord") == []
    clock.advance(seconds=61)
    assert moderation.due("discord") == [card_id]
    again = moderation.hold(card_id)
    assert not moderation.note_posted(taken[0], "mods", "m0")
    assert not moderation.let_go(taken[0], shown=9)
    assert moderation.note_posted(again, "mods", "m1")
    assert moderation.card(card_id).message == "m1"


def test_what_changes_while_a_card_is_shown_is_shown_next(moderation, store, card_id):
    held = moderation.hold(card_id)
    moderation.note_posted(held, "mods", "m1")
    watch(moderation, store, [message(2, "Ana", "more")], toxic=["2"])
    moderation.let_go(held, shown=held.card.version)
    assert moderation.due("discord") == [card_id]
    assert moderation.hold(card_id).card.seen == 2


def test_a_card_that_could_not_be_shown_stays_due(moderation, card_id):
    moderation.let_go(moderation.hold(card_id))
    assert moderation.due("discord") == [card_id]


def test_a_decision_makes_a_shown_card_due(moderation, card_id):
    show(moderation, card_id)
    decide(moderation, only_case(moderation))
    assert moderation.due("discord") == [card_id]
    assert moderation.hold(card_id).card.open_cases == ()


def test_a_late_decision_makes_a_card_due_too(moderation, card_id):
    decide(moderation, only_case(moderation))
    show(moderation, card_id)
    decide(moderation, only_case(moderation), person="other")
    moderation.card(card_id)
    assert moderation.card(card_id).version > moderation.card(card_id).shown


def test_a_card_that_was_never_shown_and_is_decided_tells_nobody(moderation, card_id):
    decide(moderation, only_case(moderation))
    assert moderation.due("discord") == []


def test_cards_are_due_in_the_order_they_came(moderation, store, clock):
    for n, author in enumerate(("Ana", "Ben", "Chen")):
        clock.advance(seconds=1)
        watch(moderation, store, [message(n, author, "fool")], toxic=[str(n)])
    shown = [moderation.card(each).cases[0].author for each in moderation.due("discord")]
    assert shown == ["ana", "ben", "chen"]
    assert len(moderation.due("discord", limit=2)) == 2


def test_open_cards_move_with_the_moderators_channel(moderation, store, card_id):
    show(moderation, card_id)
    watch(moderation, store, [message(2, "Ben", "fool")], toxic=["2"], place=held_at("c2"))
    (other,) = [case for case in cases(moderation) if case.subject == "2"]
    show(moderation, other.card_id, "m2")
    decide(moderation, other)
    show(moderation, other.card_id, "m2")
    assert moderation.repost("discord", "s2") == []
    assert moderation.repost("discord", "s1") == [("mods", "m1")]
    assert moderation.due("discord") == [card_id]
    assert moderation.card(card_id).message is None
    assert moderation.card(other.card_id).message == "m2"


def test_who_shows_a_card_while_the_channel_changes_loses_it(moderation, card_id):
    held = moderation.hold(card_id)
    moderation.repost("discord", "s1")
    assert not moderation.note_posted(held, "old", "m1")
    assert moderation.due("discord") == [card_id]


@pytest.mark.both_stores
def test_a_day_is_told_once_and_again_where_that_failed(moderation):
    def claim():
        return moderation.claim_day("discord", "s1", "2026-01-31")

    assert sum(at_once(*(claim,) * 4)) == 1
    assert not claim()
    assert moderation.claim_day("discord", "s2", "2026-01-31")
    moderation.unclaim_day("discord", "s1", "2026-01-31")
    assert claim()


def test_servers_with_cases_are_known(moderation, card_id):
    assert moderation.known_servers("discord") == ["s1"]
    assert moderation.known_servers("slack") == []


def test_an_unknown_card_is_nobodys(moderation):
    assert (moderation.card("none"), moderation.case("none")) == (None, None)
    assert moderation.hold("none") is None
    assert moderation.take_effect("none") is None
    moderation.end_effect("none", "mod", done=True)


def test_a_lease_is_as_long_as_was_asked_for(moderation, card_id, clock):
    moderation.hold(card_id)
    clock.advance(seconds=59)
    assert moderation.due("discord") == []
    clock.now += timedelta(seconds=2)
    assert moderation.due("discord") == [card_id]
