"""Brokers and stores that are down, or hang, while somebody asks."""

import pytest

from tests.bot.cable import cable
from tests.bot.processes import deployed, worker_thread
from tests.services import wait_until
from tests.worker.summarisers import Held, Quick

pytestmark = pytest.mark.slow

STORE_DOWN = "Précis can't reach its store just now"
FOLLOWS = "Précis can't reach its store just now; your answer follows once it is back."


@pytest.fixture
def algebra(stage):
    place = stage.channel()
    stage.fill(place, [f"Exercise {n} is solved." for n in range(60)])
    return place


@pytest.fixture
def broker(redis_url):
    with cable(redis_url) as laid:
        yield laid


@pytest.fixture
def database(postgresql_url):
    with cable(postgresql_url) as laid:
        yield laid


@pytest.fixture
def variables(redis_url, postgresql_url):
    """Those of the worker, which has connections of its own."""
    return deployed(redis_url, postgresql_url)


@pytest.mark.parametrize("how", ["cut", "freeze"])
def test_what_is_asked_while_the_broker_is_down_is_answered_once_it_is_back(
    stage, algebra, ana, variables, broker, how
):
    with stage.bot_process({**variables, "PRECIS_BROKER": broker.url}):
        getattr(broker, how)()
        question = stage.ask(ana, algebra, last=30)
        wait_until(lambda: "the queue is down" in question.text, what="word of the queue")
        assert question.acknowledged_in_time()
        {"cut": broker.mend, "freeze": broker.thaw}[how]()
        with worker_thread(variables, Quick()):
            assert question.told().covers.startswith("30 messages")


def test_a_broker_that_is_lost_in_mid_job_changes_nothing(
    stage, algebra, ana, ben, variables, broker
):
    summariser = Held()
    with (
        worker_thread(variables, summariser),
        stage.bot_process({**variables, "PRECIS_BROKER": broker.url}) as bot,
    ):
        question = stage.ask(ana, algebra, last=30)
        wait_until(lambda: summariser.begun.acquire(blocking=False), what="a job in hand")
        broker.cut()
        wait_until(lambda: "deliveries wait" in bot.log, what="a bot that notices")
        summariser.let_go.set()
        assert question.told().lines  # from the store
        broker.mend()
        assert stage.ask(ben, algebra, last=20).told().lines
        assert bot.log.count("deliveries wait") == 1


@pytest.mark.parametrize("how", ["cut", "freeze"])
def test_while_the_store_is_down_it_acknowledges_and_says_so(
    stage, algebra, ana, variables, database, how
):
    with stage.bot_process({**variables, "PRECIS_STORE": database.url}):
        reading = stage.hang_reading()
        before = stage.ask(ana, algebra, last=30)
        wait_until(lambda: reading.waiting, what="the bot that reads")
        getattr(database, how)()
        questions = [stage.ask(person, algebra, last=30) for person in stage.people]
        reading.release()
        for question in questions:
            wait_until(lambda each=question: STORE_DOWN in each.text, what="word of the store")
            assert question.acknowledged_in_time()
        wait_until(lambda: FOLLOWS in before.text, what="the same for who asked before")
        {"cut": database.mend, "freeze": database.thaw}[how]()
        with worker_thread(variables, Quick()):
            assert before.told().covers.startswith("30 messages")
            assert stage.ask(ana, algebra, last=20).told().lines
    assert [told.covers[:2] for told in stage.seen(ana, algebra)].count("30") == 1


def test_a_store_that_hangs_does_not_keep_the_bot_from_ending(
    stage, algebra, ana, variables, database
):
    with stage.bot_process({**variables, "PRECIS_STORE": database.url}) as bot:
        database.freeze()
        question = stage.ask(ana, algebra, last=30)
        wait_until(lambda: question.acknowledged_after is not None, what="an acknowledgement")
        assert bot.stop(20) == 0
        assert STORE_DOWN in question.text
