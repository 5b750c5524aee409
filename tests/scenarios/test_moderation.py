"""Moderators and their cards, each part a process of its own: what is flagged, shown, decided."""

import pytest

from tests.bot.processes import deployed, worker_process
from tests.scenarios.conftest import STAGES
from tests.scenarios.moderators import Moderated
from tests.services import database, wait_until

pytestmark = pytest.mark.slow

RUDE = "you are an idiot, you know that?"
KIND = "Thank you, that was a great help."


@pytest.fixture(scope="module", params=sorted(STAGES))
def stage(request):
    with STAGES[request.param]() as made:
        yield made


@pytest.fixture(scope="module")
def moderated(stage, redis_url, postgresql):
    with database(postgresql) as url:
        made = Moderated(stage, url, stage.people[:2])
        made.place = stage.channel()
        made.watch(made.place)
        variables = deployed(redis_url, url)
        with worker_process(variables), stage.bot_process(variables):
            yield made
        made.close()


def test_a_toxic_message_is_on_a_card_within_seconds_and_decided_once(stage, moderated):
    moderator, other, author = stage.people[0], stage.people[1], stage.people[2]
    before = len(moderated.cards)
    stage.say(moderated.place, author, KIND)
    rude = stage.say(moderated.place, author, RUDE)
    wait_until(lambda: len(moderated.cards) > before, 10, "a card")
    card = moderated.cards[before]
    assert RUDE not in card.text
    assert "toxicity" in card.text
    assert "Not toxic" in card.buttons
    [case] = [each for each in moderated.open_cases if each.author == stage.person_key(author)]
    assert case.subject == stage.message_key(rude)
    assert "Done" in stage.press(moderator, card, "Not toxic")
    assert "Somebody was quicker" in stage.press(other, card, "Toxic")
    wait_until(lambda: not moderated.cards[before].buttons, 10, "the card that is closed")
    assert "isn't toxic" in moderated.cards[before].text
    [case] = [each for each in moderated.all_cases if each.subject == case.subject]
    assert case.verdict == "dismissed"
    assert case.decided_by == stage.person_key(moderator)


def test_what_is_deleted_is_gone_from_its_card_too(stage, moderated):
    before = len(moderated.cards)
    rude = stage.say(moderated.place, stage.people[3], RUDE)
    wait_until(lambda: len(moderated.cards) > before, 10, "a card")
    stage.delete(rude)
    wait_until(lambda: "It is gone" in moderated.cards[-1].text, 10, "word of it")
    assert not moderated.cards[-1].buttons
    [case] = [each for each in moderated.all_cases if each.subject == stage.message_key(rude)]
    assert (case.verdict, case.said) == ("gone", None)


def test_a_summary_that_somebody_reports_is_a_card(stage, moderated):
    place = stage.channel()
    stage.fill(place, [f"Integrals are easy, part {n}." for n in range(20)])
    question = stage.ask(stage.people[4], place, last=20)
    question.told(60)
    before = len(moderated.cards)
    stage.click(stage.people[4], question, "Report")
    wait_until(lambda: len(moderated.cards) > before, 20, "a card")
    assert "reported by 1 person" in moderated.cards[-1].text
    stage.click(stage.people[4], question, "Report")
    assert len(moderated.cards) == before + 1


def test_messages_of_one_author_share_a_card(stage, moderated):
    place = stage.channel()
    author, moderator = stage.people[2], stage.people[0]
    moderated.watch(moderated.place, place)
    before = len(moderated.cards)
    stage.say(place, author, RUDE)  # as the bot doesn't know yet that it is watched
    wait_until(lambda: len(moderated.cards) > before, 30, "a card")
    for number in range(3):
        stage.say(place, author, f"{RUDE} ({number})")
    wait_until(lambda: "messages to look at" in moderated.cards[-1].text, 15, "one card for all")
    assert len(moderated.cards) == before + 1
    wait_until(lambda: len(open_in(stage, moderated, place)) >= 4, 10, "all of them")
    wait_until(lambda: up_to_date(moderated), 10, "the card as it is")
    assert "Done, for" in stage.press(moderator, moderated.cards[-1], "Toxic")
    assert open_in(stage, moderated, place) == []


def open_in(stage, moderated, place):
    return [case for case in moderated.open_cases if case.place == stage.place_key(place)]


def up_to_date(moderated):
    return not moderated.cases.due(moderated.stage.platform)
