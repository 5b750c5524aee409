"""Summaries that the gate withheld, and what becomes of them when moderators decide."""

import pytest

from tests.bot.processes import deployed, worker_thread
from tests.scenarios.conftest import STAGES
from tests.scenarios.moderators import Moderated
from tests.services import database, wait_until
from tests.worker.summarisers import Refusing

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=sorted(STAGES))
def stage(request):
    with STAGES[request.param]() as made:
        yield made


@pytest.fixture(scope="module")
def refusing(stage, redis_url, postgresql):
    """A bot whose worker withholds every summary."""
    with database(postgresql) as url:
        made = Moderated(stage, url, stage.people[:2])
        made.watch()
        variables = deployed(redis_url, url)
        with worker_thread(variables, Refusing()), stage.bot_process(variables):
            yield made
        made.close()


def withheld(stage, refusing, person):
    """A question that was answered by a line, and the card about it."""
    place = stage.channel()
    stage.fill(place, ["Nobody was nice today."] * 30)
    before = len(refusing.cards)
    question = stage.ask(person, place, last=30)
    assert "didn't pass the toxicity gate" in question.line()
    wait_until(lambda: len(refusing.cards) > before, 10, "a card")
    return question, place, refusing.cards[-1]


def told(stage, question, place):
    """All that whoever asked was shown of it."""
    return [line.text for each in stage.seen(question.person, place) for line in each.lines]


def test_a_summary_that_is_released_is_sent_to_who_had_asked(stage, refusing):
    question, place, card = withheld(stage, refusing, stage.people[3])
    assert Refusing.text not in card.text
    assert {"Show", "Release", "Keep withheld", "Edit", "Not toxic"} <= set(card.buttons)
    assert "Done" in stage.press(stage.people[0], card, "Release")
    wait_until(lambda: Refusing.text in told(stage, question, place), 20, "the summary")
    assert told(stage, question, place).count(Refusing.text) == 1
    for other in (stage.people[2], stage.people[4]):
        assert stage.seen(other, place) == []


def test_a_summary_that_is_kept_is_sent_to_nobody(stage, refusing):
    question, place, card = withheld(stage, refusing, stage.people[4])
    assert "Done" in stage.press(stage.people[1], card, "Keep withheld")
    wait_until(lambda: not refusing.cards[-1].buttons, 10, "the card that is closed")
    assert told(stage, question, place) == []
