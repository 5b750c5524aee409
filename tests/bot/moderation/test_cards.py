"""What the moderators' channel shows is what there is in the store, each card in one message."""

import asyncio
import logging
import time
from itertools import pairwise

import pytest

from bot.delays import Delays
from bot.frontend import Frontend
from bot.moderation.cards import Cards
from bot.moderation.desk import Abilities
from bot.platform import PlatformDownError
from bot.texts import ENGLISH
from precis.moderation import Verdict
from tests.bot.moderation.desks import CHANNEL, MOD, NO_DESK, Action, at
from tests.conversations import message
from tests.precis.store.moderating import watch
from tests.services import until

WORDS = ENGLISH.moderation


def flag(scene, number, author="Ana", **more):
    said = message(number, author, f"xylophone {number}", **more)
    watch(scene.cases, scene.jobs, [said], toxic=[said.id])


def shown(scene):
    return list(scene.desk.shown.values())


def actions(card):
    return {button.action for button in card.buttons}


def due(scene):
    return scene.cases.due("discord")


def test_a_card_is_shown_once(scene):
    flag(scene, 1)
    asyncio.run(scene.show())
    asyncio.run(scene.show())
    assert scene.desk.posts == 1
    assert scene.desk.updates == []
    assert due(scene) == []


def test_messages_of_one_author_are_on_one_card(scene):
    flag(scene, 1)
    asyncio.run(scene.show())
    flag(scene, 2)
    flag(scene, 3, "Ben")
    asyncio.run(scene.show())
    titles = sorted(card.title for card in shown(scene))
    assert titles == [WORDS.card_message.format(count=1), WORDS.card_message.format(count=2)]
    assert scene.desk.posts == 2


def test_a_card_tells_what_moderators_need_and_not_what_was_said(scene):
    flag(scene, 1, permalink="https://example.org/1")
    asyncio.run(scene.show())
    (card,) = shown(scene)
    text = "\n".join(card.lines)
    assert "@ana" in text
    assert "#c1" in text
    assert "https://example.org/1" in text
    assert "toxicity 0.90 (from 0.80)" in text
    assert "xylophone" not in text + card.title
    assert actions(card) == {
        Action.SHOW, Action.KEEP, Action.DISMISS, Action.REMOVE, Action.TIME_OUT, Action.NOTE
    }  # fmt: skip


def test_what_the_bot_may_not_has_no_button(scene):
    scene.desk.may_act = Abilities()
    flag(scene, 1)
    asyncio.run(scene.show())
    assert actions(shown(scene)[0]) == {Action.SHOW, Action.KEEP, Action.DISMISS, Action.NOTE}


def test_a_card_is_updated_in_place_when_somebody_decides(scene):
    flag(scene, 1)
    asyncio.run(scene.show())
    asyncio.run(scene.act(MOD, Action.DISMISS))
    asyncio.run(scene.show())
    (card,) = shown(scene)
    assert card.closed
    assert actions(card) == set()
    assert WORDS.dismissed.format(person="@mod", when="then") in card.lines
    assert scene.desk.posts == 1


def test_after_a_decision_the_author_may_still_be_timed_out(scene):
    flag(scene, 1)
    asyncio.run(scene.show())
    asyncio.run(scene.act(MOD, Action.KEEP))
    asyncio.run(scene.show())
    assert Action.TIME_OUT in actions(shown(scene)[0])


def test_what_is_forgotten_ends_its_card(scene):
    flag(scene, 1)
    asyncio.run(scene.show())
    scene.context.chat.forget_messages("discord", ["1"])
    asyncio.run(scene.show())
    (card,) = shown(scene)
    assert card.closed
    assert WORDS.gone in card.lines


def test_without_a_channel_cases_wait_and_are_shown_once_there_is_one(scene):
    before = scene.settings(moderators_channel=None)
    flag(scene, 1)
    asyncio.run(scene.show())
    assert shown(scene) == []
    after = scene.settings(moderators_channel="new")
    asyncio.run(scene.moderation.settings_changed(MOD, before, after))
    asyncio.run(scene.show())
    assert [channel for channel, _ in scene.desk.shown] == ["new"]


def test_cards_move_to_another_channel(scene):
    flag(scene, 1)
    asyncio.run(scene.show())
    before = scene.context.chat.server_settings("discord", "s1")
    after = scene.settings(moderators_channel="new")
    asyncio.run(scene.moderation.settings_changed(MOD, before, after))
    asyncio.run(scene.show())
    assert [channel for channel, _ in scene.desk.shown] == ["new"]


def test_a_card_that_was_being_shown_as_the_channel_changed_moves_too(scene):
    flag(scene, 1)
    asyncio.run(scene.show())
    scene.settings(moderators_channel="new")  # and nobody said so
    flag(scene, 2)
    asyncio.run(scene.show())
    assert [channel for channel, _ in scene.desk.shown] == ["new"]


def test_a_card_that_somebody_deleted_is_shown_anew(scene):
    flag(scene, 1)
    asyncio.run(scene.show())
    scene.desk.shown.clear()
    flag(scene, 2)
    asyncio.run(scene.show())
    assert [card.title for card in shown(scene)] == [WORDS.card_message.format(count=2)]


def test_more_cards_than_are_looked_for_at_once_are_shown_without_a_pause(scene, monkeypatch):
    monkeypatch.setattr("bot.moderation.cards.AT_ONCE", 2)
    for number in range(5):
        flag(scene, number, f"Ana{number}")
    assert asyncio.run(scene.moderation.cards.show_due()) == 0.0


def test_two_bots_show_a_card_once(scene):
    flag(scene, 1)
    context, desk = scene.context, scene.desk
    other = Frontend(scene.platform, context.settings, context.jobs, None, desk=desk)

    async def the_other_looks():
        desk.on_work = None
        await other.moderation.cards.show_due()

    async def both():
        desk.on_work = the_other_looks
        await scene.show()

    asyncio.run(both())
    other.context.blocking.close()
    assert desk.posts == 1


def test_what_changes_while_a_card_is_shown_is_shown_after(scene):
    flag(scene, 1)
    asyncio.run(scene.show())
    flag(scene, 2)

    async def meanwhile():
        scene.desk.on_work = None
        flag(scene, 3)

    scene.desk.on_work = meanwhile
    asyncio.run(scene.show())
    asyncio.run(scene.show())
    assert [card.title for card in shown(scene)] == [WORDS.card_message.format(count=3)]


@pytest.mark.parametrize("failing", [NO_DESK, PlatformDownError("down")])
def test_a_channel_that_cannot_be_written_to_is_told_of_once_and_tried_again(
    scene, caplog, failing
):
    flag(scene, 1)
    scene.desk.failing = failing

    async def later():
        for _ in range(3):
            await scene.show()
            scene.leases_end()
        scene.desk.failing = None
        await scene.show()

    with caplog.at_level(logging.WARNING):
        asyncio.run(later())
    assert len(shown(scene)) == 1
    assert len([each for each in caplog.records if "cards of a server wait" in each.message]) == 1


def test_a_card_is_not_updated_more_often_than_platforms_like(scene):
    between, shows = 0.2, []
    scene.context.delays = Delays(card_updates=between)
    cards = Cards(scene.context, scene.desk)

    async def noted():
        shows.append(time.monotonic())

    async def busy():
        scene.desk.on_work = noted
        flag(scene, 0)
        cards.begin()
        for number in range(1, 9):
            flag(scene, number)
            cards.wake()
            await asyncio.sleep(0.02)
        last = WORDS.card_message.format(count=9)
        await until(lambda: [card.title for card in shown(scene)] == [last], what="the last")
        await cards.close()

    asyncio.run(busy())
    assert scene.desk.posts == 1
    assert len(shows) > 1
    assert all(later - one >= between for one, later in pairwise(shows))


def test_a_thread_is_its_channels(scene):
    watch(
        scene.cases, scene.jobs, [message(1, "Ana", "xylophone")], toxic=["1"],
        place=at("t1", parent="c1"),
    )  # fmt: skip
    flag(scene, 2)
    assert [case.verdict for case in scene.card().cases] == [None, None]
    asyncio.run(scene.act(MOD, Action.KEEP))
    assert [case.verdict for case in scene.card().cases] == [Verdict.KEPT] * 2


def test_cards_hold_their_channel(scene):
    flag(scene, 1)
    asyncio.run(scene.show())
    assert (scene.card().channel, scene.card().message) == (CHANNEL, "m1")
