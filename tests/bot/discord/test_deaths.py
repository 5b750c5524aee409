"""Bots and workers that are killed or stopped at the worst of times."""

import signal
from contextlib import ExitStack

import pytest
import redis
from sqlalchemy import select

from precis.store import Store
from precis.store.tables import jobs
from tests.bot.discord.processes import (
    bot_process,
    deployed,
    held_worker_process,
    settings_of,
    worker_thread,
)
from tests.bot.discord.serving import answered, is_final
from tests.services import wait_until
from tests.worker.summarisers import Held, Quick
from worker.app import make_app
from worker.deliveries import tell

HISTORY = "GET /channels/{}/messages"
ANSWER = "PATCH /webhooks/{}/{}/messages/@original"


@pytest.fixture
def variables(redis_url, tmp_path):
    return deployed(redis_url, f"sqlite:///{tmp_path / 'precis.db'}")


@pytest.fixture
def store(variables):
    opened = Store.open(variables["PRECIS_STORE"])
    yield opened
    opened.close()


def test_a_killed_workers_job_is_answered_by_another_once(
    server, algebra, people, variables, tmp_path
):
    first, second = tmp_path / "first", tmp_path / "second"
    with bot_process(server, variables):
        with held_worker_process(variables, first) as doomed:
            use = server.slash(people[0], algebra, "summarize", last=30, private=False)
            wait_until((first / "begun").exists, what="the worker in mid-job")
            doomed.kill()
        with held_worker_process(variables, second):
            (second / "let_go").touch()
            answered(use)
    assert_answered_once(server, use)


@pytest.mark.parametrize("private", [True, False], ids=["private", "public"])
def test_a_bot_killed_before_the_delivery_answers_once_after_its_restart(
    server, algebra, people, variables, store, private
):
    summariser = Held()
    with worker_thread(variables, summariser):
        with bot_process(server, variables) as doomed:
            use = server.slash(people[0], algebra, "summarize", last=30, private=private)
            assert summariser.begun.acquire(timeout=30)
            doomed.kill()
        summariser.let_go.set()
        wait_until(lambda: store.pending_deliveries("discord"), what="the result")
        with bot_process(server, variables):
            answered(use)
            wait_until(lambda: not store.pending_deliveries("discord"), what="the delivery's end")
    assert_answered_once(server, use)


def test_a_bot_killed_in_the_midst_of_its_answer_answers_once_after_its_restart(
    server, algebra, people, variables, store
):
    summariser = Held()
    with worker_thread(variables, summariser):
        with bot_process(server, variables) as doomed:
            use = server.slash(people[0], algebra, "summarize", last=30, private=False)
            wait_until(lambda: use.text.startswith("Summarising"), what="the last line before it")
            answering = server.hang(ANSWER, after_effect=True)
            summariser.let_go.set()
            wait_until(lambda: answering.waiting and is_final(use.original), what="the answer")
            doomed.kill()  # before it hears that the answer is there
        answering.release()
        with bot_process(server, variables):
            wait_until(lambda: not store.pending_deliveries("discord"), what="the delivery's end")
    assert_answered_once(server, use)


def test_a_bot_killed_while_it_gathers_is_followed_by_one_that_begins_again(
    server, algebra, people, variables
):
    hang = server.hang(HISTORY)
    with bot_process(server, variables) as doomed:
        use = server.slash(people[0], algebra, "summarize", last=300)
        wait_until(lambda: hang.waiting, what="the bot that reads")
        doomed.kill()
    hang.release()
    with worker_thread(variables, Quick()), bot_process(server, variables):
        answered(use)
    assert_answered_once(server, use)
    assert "300 messages" in use.text


def test_a_bot_told_to_stop_says_so_and_leaves_its_asks_to_the_next(
    server, algebra, people, variables
):
    hang = server.hang(HISTORY)
    with bot_process(server, variables) as bot:
        use = server.slash(people[0], algebra, "summarize", last=300)
        wait_until(lambda: hang.waiting, what="the bot that reads")
        assert bot.stop(8) == 0
    assert use.text == "Précis is restarting; your answer follows."
    hang.release()
    with worker_thread(variables, Quick()), bot_process(server, variables):
        answered(use)
    assert_answered_once(server, use)


def test_a_bot_told_to_stop_leaves_nobody_unanswered(server, algebra, people, variables):
    with bot_process(server, variables) as bot:
        uses = [
            server.slash(people[n % 5], algebra, "summarize", last=50 + n, private=n % 2 == 0)
            for n in range(20)
        ]
        assert bot.stop(12) == 0
    assert [use for use in uses if not use.acknowledged] == []
    with worker_thread(variables, Quick()), bot_process(server, variables):
        for use in uses:
            answered(use)
    assert_answered_once(server, *uses)
    for number, use in enumerate(uses):
        assert f"{50 + number} messages" in use.text


def test_a_worker_told_to_stop_finishes_and_the_answer_comes(
    server, algebra, people, variables, tmp_path
):
    with bot_process(server, variables), held_worker_process(variables, tmp_path) as worker:
        use = server.slash(people[0], algebra, "summarize", last=30)
        wait_until((tmp_path / "begun").exists, what="the worker in mid-job")
        worker.send(signal.SIGTERM)
        (tmp_path / "let_go").touch()
        answered(use)
    assert_answered_once(server, use)


def test_of_two_bots_one_answers(server, algebra, people, variables):
    with ExitStack() as running:
        for number in (1, 2):
            running.enter_context(bot_process(server, variables, connected=number))
        running.enter_context(worker_thread(variables, Quick()))
        uses = [server.slash(people[n % 5], algebra, "summarize", last=20 + n) for n in range(10)]
        for use in uses:
            answered(use)
    assert_answered_once(server, *uses)
    for number, use in enumerate(uses):
        assert f"{20 + number} messages" in use.text
    # Both hear of a command; the second to acknowledge it says nothing.
    assert {violation.rule for violation in server.violations} <= {"acknowledged twice"}
    server.violations.clear()


def test_a_delivery_that_comes_again_is_answered_once(server, algebra, people, variables, store):
    with worker_thread(variables, Quick()), bot_process(server, variables):
        use = server.slash(people[0], algebra, "summarize", last=30)
        answered(use)
        wait_until(lambda: not store.pending_deliveries("discord"), what="the delivery's end")
        asked = len(server.requests)
        app = make_app(settings_of(variables))
        [job_id] = jobs_of(store)
        for _ in range(3):
            tell(app, job_id, "discord")
        wait_until(lambda: emptied(variables), what="the bot that has heard of it")
        assert server.requests[asked:] == []
    assert_answered_once(server, use)


def test_a_delivery_that_the_broker_loses_is_made_all_the_same(
    server, algebra, people, variables, redis_url
):
    summariser = Held()
    client = redis.Redis.from_url(redis_url)
    with worker_thread(variables, summariser):
        with bot_process(server, variables) as doomed:
            use = server.slash(people[0], algebra, "summarize", last=30)
            assert summariser.begun.acquire(timeout=30)
            doomed.kill()
        summariser.let_go.set()
        wait_until(lambda: client.llen("deliveries.discord"), what="the message")
        client.flushall()
        with bot_process(server, variables):
            answered(use)
    assert_answered_once(server, use)


def test_two_people_asking_the_same_at_once_share_one_summary(server, algebra, people, variables):
    summariser = Quick()
    hang = server.hang(HISTORY)
    with worker_thread(variables, summariser), bot_process(server, variables):
        uses = [server.slash(person, algebra, "summarize", last=40) for person in people[:2]]
        for use in uses:
            wait_until(lambda use=use: use.text.startswith("Reading"), what="both to be read for")
        hang.release()
        for use in uses:
            answered(use)
    assert len(summariser.seen) == 1
    assert_answered_once(server, *uses)
    assert ["40 messages" in use.text for use in uses] == [True, True]


def assert_answered_once(server, *uses):
    """One message holds each answer, and nobody got another."""
    for use in uses:
        assert use.original.embeds
        assert use.messages == [use.original]
        assert server.dms(use.user) == []
    public = [use.original for use in uses if not use.ephemeral]
    place = uses[0].place
    assert [message for message in server.messages_by_bot(place) if message.embeds] == public


def jobs_of(store):
    with store.database.reading() as connection:
        return list(connection.scalars(select(jobs.c.id)))


def emptied(variables):
    """Whether every delivery was taken and acknowledged."""
    client = redis.Redis.from_url(variables["PRECIS_BROKER"])
    return not client.llen("deliveries.discord") and not client.hlen("unacked")
