"""How often an answer is tried: an outage uses up no tries, and nobody is given up unheard."""

import asyncio
from datetime import timedelta

import pytest

from bot.frontend import Frontend
from bot.platform import PlatformDownError
from bot.texts import ENGLISH
from precis.ask import AskRequest, AskState, Limits
from precis.job import JobRequest
from precis.settings import load_settings
from precis.store import Store
from precis.store.asks import MOST_TRIES
from tests.worker.summarisers import TALK, result_for

LEASE = timedelta(seconds=0.05)
LIMITS = Limits(person=10, server=10, seconds=60)
REQUEST = AskRequest(platform="discord", source="c", place="c", person="ana")


class Platform:
    """Down, or broken, or as it should be."""

    name = "discord"

    def __init__(self):
        self.fault = None
        self.speechless = False
        self.told = []

    async def source(self, request):
        if self.fault:
            raise self.fault

    async def withdraw(self, request, text, *, posted=()):
        if self.speechless:
            raise PlatformDownError
        self.told.append(text)

    async def say(self, request, text, *, final=False):
        await self.withdraw(request, text)


@pytest.fixture
def platform():
    return Platform()


@pytest.fixture
def swept(platform, tmp_path):
    """Sweeps so often, with a while in between, and gives the frontend back."""
    settings = load_settings(home=tmp_path / "home", lease=LEASE)
    store = Store.open(settings.store_url)
    made = Frontend(platform, settings, store, None)

    async def sweeps(times):
        for _ in range(times):
            await made.sweeping.sweep()
            await asyncio.gather(*made.sweeping._resumed)
            await asyncio.sleep(LEASE.total_seconds() * 1.5)

    def run(times):
        asyncio.run(sweeps(times))
        return made

    run.chat = made.context.chat
    run.jobs = made.context.jobs
    yield run
    made.context.blocking.close()
    store.close()


def left(swept):
    """An ask that a process left while it gathered, and its id."""
    return swept.chat.begin(REQUEST, LIMITS).id


def waits(swept):
    """An ask whose job has ended."""
    held = swept.chat.begin(REQUEST, LIMITS)
    job_id = swept.jobs.submit(JobRequest(frontend="discord"), TALK)
    swept.chat.wait_for(held, job_id)
    swept.jobs.finish(
        swept.jobs.claim(job_id, "worker", timedelta(seconds=60), 3), result_for(JobRequest())
    )
    return held.id


@pytest.mark.parametrize("begin", [left, waits])
def test_a_long_outage_uses_up_no_tries(platform, swept, begin):
    platform.fault = PlatformDownError()
    ask_id = begin(swept)
    swept(MOST_TRIES + 3)
    assert not swept.chat.ask(ask_id).state.ended
    assert platform.told == []


@pytest.mark.parametrize("begin", [left, waits])
def test_what_fails_for_another_reason_is_given_up_and_said(platform, swept, begin):
    platform.fault = RuntimeError("a bug")
    ask_id = begin(swept)
    swept(MOST_TRIES + 3)
    assert swept.chat.ask(ask_id).state is AskState.FAILED
    assert platform.told == [ENGLISH.broken]


@pytest.mark.parametrize("begin", [left, waits])
def test_who_is_given_up_hears_of_it_once_they_can(platform, swept, begin):
    ask_id = begin(swept)
    platform.fault = RuntimeError("a bug")
    platform.speechless = True
    swept(MOST_TRIES + 3)
    assert not swept.chat.ask(ask_id).state.ended
    platform.speechless = False
    swept(3)
    assert swept.chat.ask(ask_id).state is AskState.FAILED
    assert platform.told == [ENGLISH.broken]


def test_tries_to_gather_are_none_to_answer(platform, swept):
    held = swept.chat.begin(REQUEST, LIMITS)
    for _ in range(MOST_TRIES - 1):
        asyncio.run(asyncio.sleep(LEASE.total_seconds() * 1.5))
        held = swept.chat.claim(held.id)
    swept.chat.wait_for(held, swept.jobs.submit(JobRequest(frontend="discord"), TALK))
    assert swept.chat.ask(held.id).tries == 0


def test_one_that_takes_long_keeps_nobody_waiting(platform, swept):
    together = asyncio.Barrier(3)

    async def source(request):
        await asyncio.wait_for(together.wait(), 5)
        raise RuntimeError("enough")

    platform.source = source
    for _ in range(3):
        waits(swept)
    swept(1)
    assert not together.broken
