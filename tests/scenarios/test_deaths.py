"""Bots and workers that are killed or stopped at the worst of times."""

import signal
from contextlib import ExitStack

import pytest
import redis
from sqlalchemy import select

from precis.store import Store
from precis.store.tables import jobs
from tests.bot.processes import held_worker_process, settings_of, worker_thread
from tests.services import wait_until
from tests.worker.summarisers import Held, Quick
from worker.app import make_app
from worker.deliveries import tell

pytestmark = pytest.mark.slow

TALK = ("Has anybody solved it?", "I got as far as this.", "Substitute first.", "Then it is easy.")


@pytest.fixture
def algebra(stage):
    place = stage.channel()
    stage.fill(place, [f"{TALK[n % len(TALK)]} ({n})" for n in range(300)])
    return place


@pytest.fixture
def store(variables):
    opened = Store.open(variables["PRECIS_STORE"])
    yield opened
    opened.close()


def test_a_killed_workers_job_is_answered_by_another_once(stage, algebra, ana, variables, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    with stage.bot_process(variables):
        with held_worker_process(variables, first) as doomed:
            question = stage.ask(ana, algebra, last=30, private=False)
            wait_until((first / "begun").exists, what="the worker in mid-job")
            doomed.kill()
        with held_worker_process(variables, second):
            (second / "let_go").touch()
            question.told()
    assert_answered_once(stage, question)


@pytest.mark.parametrize("private", [True, False], ids=["private", "public"])
def test_a_bot_killed_before_the_delivery_answers_once_after_its_restart(
    stage, algebra, ana, variables, store, private
):
    summariser = Held()
    with worker_thread(variables, summariser):
        with stage.bot_process(variables) as doomed:
            question = stage.ask(ana, algebra, last=30, private=private)
            wait_until(lambda: summariser.begun.acquire(blocking=False), what="a job in hand")
            doomed.kill()
        summariser.let_go.set()
        wait_until(lambda: store.pending_deliveries(stage.platform), what="the result")
        with stage.bot_process(variables):
            question.told()
            wait_until(lambda: not store.pending_deliveries(stage.platform))
    assert_answered_once(stage, question)


def test_a_bot_killed_in_the_midst_of_its_answer_answers_once_after_its_restart(
    stage, algebra, ana, variables, store
):
    summariser = Held()
    with worker_thread(variables, summariser):
        with stage.bot_process(variables) as doomed:
            question = stage.ask(ana, algebra, last=30, private=False)
            wait_until(lambda: "Summarising" in question.text, what="the last line before it")
            answering = stage.hang_answering(question)
            summariser.let_go.set()
            question.told()
            wait_until(lambda: answering.waiting, what="the bot that waits for word of it")
            doomed.kill()  # before it hears that the answer is there
        answering.release()
        with stage.bot_process(variables):
            wait_until(lambda: not store.pending_deliveries(stage.platform))
    assert_answered_once(stage, question)


def test_a_bot_killed_while_it_gathers_is_followed_by_one_that_begins_again(
    stage, algebra, ana, variables
):
    hang = stage.hang_reading()
    with stage.bot_process(variables) as doomed:
        question = stage.ask(ana, algebra, last=300)
        wait_until(lambda: hang.waiting, what="the bot that reads")
        doomed.kill()
    hang.release()
    with worker_thread(variables, Quick()), stage.bot_process(variables):
        assert question.told().covers.startswith("300 messages")
    assert_answered_once(stage, question)


def test_a_bot_told_to_stop_says_so_and_leaves_its_asks_to_the_next(stage, algebra, ana, variables):
    hang = stage.hang_reading()
    with stage.bot_process(variables) as bot:
        question = stage.ask(ana, algebra, last=300)
        wait_until(lambda: hang.waiting, what="the bot that reads")
        assert bot.stop(8) == 0
    assert question.text.endswith("Précis is restarting; your answer follows.")
    hang.release()
    with worker_thread(variables, Quick()), stage.bot_process(variables):
        question.told()
    assert_answered_once(stage, question)


def test_a_bot_told_to_stop_leaves_nobody_unanswered(stage, algebra, variables):
    with stage.bot_process(variables) as bot:
        questions = [
            stage.ask(stage.people[n % 5], algebra, last=50 + n, private=n % 2 == 0)
            for n in range(20)
        ]
        assert bot.stop(12) == 0
    heard = [each for each in questions if each.delivered]
    wait_until(lambda: all(each.acknowledged_after is not None for each in heard), what="them all")
    with worker_thread(variables, Quick()), stage.bot_process(variables):
        for question in heard:
            question.told()
    assert_answered_once(stage, *heard)
    for number, question in enumerate(questions):
        if question in heard:
            assert question.told().covers.startswith(f"{50 + number} messages")


def test_a_worker_told_to_stop_finishes_and_the_answer_comes(
    stage, algebra, ana, variables, tmp_path
):
    with stage.bot_process(variables), held_worker_process(variables, tmp_path) as worker:
        question = stage.ask(ana, algebra, last=30)
        wait_until((tmp_path / "begun").exists, what="the worker in mid-job")
        worker.send(signal.SIGTERM)
        (tmp_path / "let_go").touch()
        question.told()
    assert_answered_once(stage, question)


def test_of_two_bots_one_answers(stage, algebra, variables):
    with ExitStack() as running:
        for number in (1, 2):
            running.enter_context(stage.bot_process(variables, connected=number))
        running.enter_context(worker_thread(variables, Quick()))
        questions = [stage.ask(stage.people[n % 5], algebra, last=20 + n) for n in range(10)]
        for number, question in enumerate(questions):
            assert question.told().covers.startswith(f"{20 + number} messages")
    assert_answered_once(stage, *questions)
    stage.excuse("acknowledged twice")  # both may hear of a command; the second says nothing


def test_a_delivery_that_comes_again_is_answered_once(stage, algebra, ana, variables, store):
    with worker_thread(variables, Quick()), stage.bot_process(variables):
        question = stage.ask(ana, algebra, last=30)
        question.told()
        wait_until(lambda: not store.pending_deliveries(stage.platform), what="its end")
        written = stage.written
        app = make_app(settings_of(variables))
        [job_id] = jobs_of(store)
        for _ in range(3):
            tell(app, job_id, stage.platform)
        wait_until(lambda: emptied(stage, variables), what="the bot that has heard of it")
        assert stage.written == written
    assert_answered_once(stage, question)


def test_a_delivery_that_the_broker_loses_is_made_all_the_same(
    stage, algebra, ana, variables, redis_url
):
    summariser = Held()
    client = redis.Redis.from_url(redis_url)
    with worker_thread(variables, summariser):
        with stage.bot_process(variables) as doomed:
            question = stage.ask(ana, algebra, last=30)
            wait_until(lambda: summariser.begun.acquire(blocking=False), what="a job in hand")
            doomed.kill()
        summariser.let_go.set()
        wait_until(lambda: client.llen(f"deliveries.{stage.platform}"), what="the message")
        client.flushall()
        with stage.bot_process(variables):
            question.told()
    assert_answered_once(stage, question)


def test_two_people_asking_the_same_at_once_share_one_summary(stage, algebra, variables):
    summariser = Quick()
    hang = stage.hang_reading()
    with worker_thread(variables, summariser), stage.bot_process(variables):
        questions = [stage.ask(person, algebra, last=40) for person in stage.people[:2]]
        for question in questions:
            wait_until(lambda each=question: "Reading" in each.text, what="both to be read for")
        hang.release()
        for question in questions:
            assert question.told().covers.startswith("40 messages")
    assert len(summariser.seen) == 1
    assert_answered_once(stage, *questions)


def assert_answered_once(stage, *questions):
    """Each person sees each of their answers once; in public there is what was asked in public."""
    place = questions[0].place
    for person in {question.person for question in questions}:
        theirs = [each for each in questions if each.person is person or not each.private]
        seen = stage.seen(person, place)
        assert sorted(told.covers for told in seen) == sorted(each.told().covers for each in theirs)


def jobs_of(store):
    with store.database.reading() as connection:
        return list(connection.scalars(select(jobs.c.id)))


def emptied(stage, variables):
    """Whether every delivery was taken and acknowledged."""
    client = redis.Redis.from_url(variables["PRECIS_BROKER"])
    return not client.llen(f"deliveries.{stage.platform}") and not client.hlen("unacked")
