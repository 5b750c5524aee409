"""Moderators and their cards, each part a process of its own: what is flagged, shown, decided."""

import pytest

from tests.bot.processes import database, deployed, worker_process
from tests.scenarios.conftest import STAGES
from tests.scenarios.moderators import Moderated
from tests.services import wait_until

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
    stage.say(moderated.place, author, KIND)
    rude = stage.say(moderated.place, author, RUDE)
    wait_until(lambda: moderated.cards, 10, "a card")
    [card] = moderated.cards
    assert RUDE not in card.text
    assert "toxicity" in card.text
    assert "Not toxic" in card.buttons
    [case] = moderated.open_cases
    assert case.subject == stage.message_key(rude)
    assert "Done" in stage.press(moderator, card, "Not toxic")
    assert "Somebody was quicker" in stage.press(other, card, "Keep withheld")
    wait_until(lambda: not moderated.cards[0].buttons, 10, "the card that is closed")
    assert "isn't toxic" in moderated.cards[0].text
    [case] = moderated.all_cases
    assert case.verdict == "dismissed"
    assert case.decided_by == stage.person_key(moderator)
