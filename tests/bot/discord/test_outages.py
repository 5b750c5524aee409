"""Brokers and stores that are down, or hang, while somebody asks."""

import pytest

from tests.bot.discord.cable import cable
from tests.bot.discord.processes import bot_process, deployed, worker_thread
from tests.bot.discord.serving import answered
from tests.services import wait_until
from tests.worker.summarisers import Held, Quick

HISTORY = "GET /channels/{}/messages"
TRY_AGAIN = "Précis can't reach its store just now; please try again in a minute."
FOLLOWS = "Précis can't reach its store just now; your answer follows once it is back."


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
    server, algebra, people, variables, broker, how
):
    with bot_process(server, {**variables, "PRECIS_BROKER": broker.url}):
        getattr(broker, how)()
        use = server.slash(people[0], algebra, "summarize", last=30)
        wait_until(lambda: "the queue is down" in use.text, what="word of the queue")
        assert use.acknowledged_after < 3
        {"cut": broker.mend, "freeze": broker.thaw}[how]()
        with worker_thread(variables, Quick()):
            assert answered(use).embeds


def test_a_broker_that_is_lost_in_mid_job_changes_nothing(
    server, algebra, people, variables, broker
):
    summariser = Held()
    with (
        worker_thread(variables, summariser),
        bot_process(server, {**variables, "PRECIS_BROKER": broker.url}) as bot,
    ):
        use = server.slash(people[0], algebra, "summarize", last=30)
        assert summariser.begun.acquire(timeout=30)
        broker.cut()
        wait_until(lambda: "deliveries wait" in bot.log, what="a bot that notices")
        summariser.let_go.set()
        assert answered(use).embeds  # from the store
        broker.mend()
        again = server.slash(people[1], algebra, "summarize", last=20)
        assert answered(again).embeds
        assert bot.log.count("deliveries wait") == 1


@pytest.mark.parametrize("how", ["cut", "freeze"])
def test_while_the_store_is_down_it_acknowledges_and_says_so(
    server, algebra, people, variables, database, how
):
    with bot_process(server, {**variables, "PRECIS_STORE": database.url}):
        reading = server.hang(HISTORY)
        before = server.slash(people[0], algebra, "summarize", last=30)
        wait_until(lambda: reading.waiting, what="the bot that reads")
        getattr(database, how)()
        uses = [server.slash(person, algebra, "summarize", last=30) for person in people]
        reading.release()
        for use in uses:
            wait_until(lambda use=use: use.text == TRY_AGAIN, what="word of the store")
            assert use.acknowledged_after < 3
        wait_until(lambda: before.text == FOLLOWS, what="the same for who asked before")
        {"cut": database.mend, "freeze": database.thaw}[how]()
        with worker_thread(variables, Quick()):
            wait_until(lambda: before.original.embeds, what="the answer")
            again = server.slash(people[0], algebra, "summarize", last=30)
            assert answered(again).embeds
    assert before.messages == [before.original]


def test_a_store_that_hangs_does_not_keep_the_bot_from_ending(
    server, algebra, people, variables, database
):
    with bot_process(server, {**variables, "PRECIS_STORE": database.url}) as bot:
        database.freeze()
        use = server.slash(people[0], algebra, "summarize", last=30)
        use.wait_for_ack()
        assert bot.stop(20) == 0
        assert use.text == TRY_AGAIN
