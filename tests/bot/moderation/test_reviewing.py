"""The list of what waits: in pages, for moderators, without chat text."""

import asyncio

import pytest

from bot.moderation.deciding import RefusedError
from bot.moderation.reviewing import PAGE
from bot.texts import ENGLISH
from tests.bot.moderation.desks import MOD, READER, Action, at
from tests.conversations import message
from tests.precis.store.moderating import watch

WORDS = ENGLISH.moderation


def flag(scene, number, place=None, toxicity=0.9):
    said = message(number, f"Ana{number}", f"xylophone {number}")
    scores = {said.id: {"toxicity": toxicity, "insult": 0.1}}
    watch(scene.cases, scene.jobs, [said], place=place, scores=scores)


def page(scene, order="oldest", who=MOD, **more):
    return asyncio.run(scene.moderation.review(who, order, **more))


def subjects(scene, found):
    return [scene.cases.card(line.card_id).cases[0].subject for line in found.lines]


def test_only_moderators_see_the_list(scene):
    flag(scene, 1)
    with pytest.raises(RefusedError):
        page(scene, who=READER)


def test_nothing_that_waits_is_one_line(scene):
    assert page(scene).footer == WORDS.review_none
    assert page(scene).lines == ()


def test_the_list_has_pages_and_no_chat_text(scene):
    for number in range(PAGE + 2):
        flag(scene, number)
    first, second = page(scene), page(scene, page=2)
    assert first.title == WORDS.review_title.format(count=PAGE + 2)
    assert subjects(scene, first) + subjects(scene, second) == [str(n) for n in range(PAGE + 2)]
    assert (first.pages, second.page) == (2, 2)
    assert not any("xylophone" in line.text for line in first.lines)


def test_a_page_that_is_gone_meanwhile_is_the_last_one(scene):
    flag(scene, 1)
    found = page(scene, page=7)
    assert (found.page, subjects(scene, found)) == (1, ["1"])


def test_orders(scene):
    flag(scene, 1, at("c9"))
    flag(scene, 2, at("c1"), toxicity=0.99)
    flag(scene, 3, at("t1", parent="c9"), toxicity=0.95)
    assert subjects(scene, page(scene)) == ["1", "2", "3"]
    assert subjects(scene, page(scene, "severity")) == ["2", "3", "1"]
    assert subjects(scene, page(scene, "channel")) == ["2", "1", "3"]
    assert subjects(scene, page(scene, place="c9")) == ["1", "3"]


def test_what_is_decided_waits_no_more(scene):
    flag(scene, 1)
    asyncio.run(scene.act(MOD, Action.KEEP))
    assert page(scene).lines == ()


def test_a_card_is_opened_from_the_list_by_a_moderator_of_its_place(scene):
    flag(scene, 1)
    (line,) = page(scene).lines
    card = asyncio.run(scene.moderation.open_card(MOD, line.card_id))
    assert Action.KEEP in {button.action for button in card.buttons}
    with pytest.raises(RefusedError):
        asyncio.run(scene.moderation.open_card(READER, line.card_id))
