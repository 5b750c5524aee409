"""A line of progress never takes the place of an answer, whoever gave it."""

import asyncio
from datetime import timedelta

import pytest

from bot.context import Context
from bot.texts import ENGLISH
from bot.watching import Watching
from precis.ask import AskRequest, AskState, Limits
from precis.job import JobRequest
from precis.settings import load_settings
from precis.store import ChatStore, Store
from tests.services import wait_until
from tests.worker.summarisers import TALK, result_for

LEASE = timedelta(seconds=5)
LIMITS = Limits(person=10, server=10, seconds=60)
REQUEST = AskRequest(platform="discord", source="c", place="c", person="ana")


class Platform:
    """Shows one line at a time, and lets something happen while it is on its way."""

    name = "discord"

    def __init__(self):
        self.lines = []
        self.meanwhile = None

    async def say(self, request, text, *, final=False):
        if self.meanwhile:
            self.meanwhile()
        await asyncio.sleep(0.01)
        self.lines.append(text)


@pytest.fixture
def context(tmp_path):
    settings = load_settings(home=tmp_path / "home")
    store = Store.open(settings.store_url)
    made = Context(Platform(), settings, store, ChatStore(store, LEASE), None)
    yield made
    made.blocking.close()
    store.close()


@pytest.fixture
def job_id(context):
    return context.jobs.submit(JobRequest(frontend="discord"), TALK)


@pytest.fixture
def ask(context, job_id):
    """An ask that waits for the job."""
    held = context.chat.begin(REQUEST, LIMITS)
    context.chat.wait_for(held, job_id)
    return context.chat.ask(held.id)


def end_job(context, job_id):
    held = context.jobs.claim(job_id, "worker", LEASE, 3)
    context.jobs.finish(held, result_for(JobRequest()))


def watched(context, ask, job_id, *, until):
    """What `on_end` was told, after watching until `until()`."""
    ended = []

    async def on_end(job):
        ended.append(job)

    async def scenario():
        watching = Watching(context, on_end)
        watching.begin(ask, job_id, 300, ENGLISH)
        await asyncio.to_thread(wait_until, lambda: until(watching))
        await watching.close()

    asyncio.run(scenario())
    return ended


def test_who_waits_is_told_their_place_and_then_that_it_is_their_turn(context, ask, job_id):
    first = context.jobs.submit(JobRequest(frontend="discord"), TALK)
    ahead = context.jobs.submit(JobRequest(frontend="discord"), TALK)
    held = context.chat.begin(REQUEST, LIMITS)
    context.chat.wait_for(held, ahead)
    lines = context.platform.lines

    def on_line():
        if not lines:
            for each in (job_id, first):
                end_job(context, each)

    context.platform.meanwhile = on_line
    watched(context, context.chat.ask(held.id), ahead, until=lambda _: len(lines) >= 2)
    assert lines == [
        "300 messages read. 2 before you in the queue.",
        "300 messages read. You are next in the queue.",
    ]


def test_once_the_job_runs_that_is_the_last_line(context, ask, job_id):
    context.jobs.claim(job_id, "worker", LEASE, 3)
    watched(context, ask, job_id, until=lambda watching: not watching._watches)
    assert context.platform.lines == ["Summarising 300 messages…"]


def test_no_line_is_shown_while_another_process_answers(context, ask, job_id):
    assert context.chat.claim(ask.id)
    watched(context, ask, job_id, until=lambda watching: not watching._watches)
    assert context.platform.lines == []


def test_no_line_is_shown_after_the_answer(context, ask, job_id):
    context.chat.end(context.chat.claim(ask.id), AskState.ANSWERED)
    watched(context, ask, job_id, until=lambda watching: not watching._watches)
    assert context.platform.lines == []


def test_nobody_answers_while_a_line_is_on_its_way(context, ask, job_id):
    claims = []
    context.platform.meanwhile = lambda: claims.append(context.chat.claim(ask.id))
    watched(context, ask, job_id, until=lambda _: context.platform.lines)
    assert claims == [None]
    assert context.chat.claim(ask.id)


def test_lines_are_not_counted_as_tries_to_answer(context, ask, job_id):
    watched(context, ask, job_id, until=lambda _: context.platform.lines)
    assert context.chat.ask(ask.id).tries == ask.tries


def test_a_job_that_ends_while_a_line_is_on_its_way_is_answered_at_once(context, ask, job_id):
    context.platform.meanwhile = lambda: end_job(context, job_id)
    ended = watched(context, ask, job_id, until=lambda watching: not watching._watches)
    assert ended == [job_id]


def test_a_watch_that_is_stopped_says_nothing_more(context, ask, job_id):
    async def scenario():
        watching = Watching(context, None)
        watching.begin(ask, job_id, 300, ENGLISH)
        await watching.stop(ask.id)
        assert watching._watches == {}

    asyncio.run(scenario())
    assert context.platform.lines == []
