"""What bots count of requests that don't end as they should."""

import asyncio
from datetime import timedelta

import pytest

from bot.frontend import Frontend
from bot.holding import LostError, holding
from bot.platform import PlatformDownError, UnreachableError
from precis.ask import AskRequest, AskState, Limits
from precis.job import JobRequest
from precis.settings import load_settings
from precis.store import Store
from tests.measuring import Rise
from tests.worker.summarisers import TALK, result_for

LIMITS = Limits(person=10, server=10, seconds=60)
REQUEST = AskRequest(platform="discord", source="c", place="c", person="ana", key="1")


class Platform:
    """Raises `fault` where it is asked about a channel."""

    name = "discord"

    def __init__(self):
        self.fault = None
        self.told = []

    async def source(self, request):
        raise self.fault

    async def withdraw(self, request, text, *, posted=()):
        self.told.append(text)


@pytest.fixture
def platform():
    return Platform()


@pytest.fixture
def frontend(platform, tmp_path):
    settings = load_settings(home=tmp_path / "home", lease=timedelta(seconds=0.3))
    store = Store.open(settings.store_url)
    made = Frontend(platform, settings, store, None)
    yield made
    made.context.blocking.close()
    store.close()


def answerable(frontend):
    """The id of a request whose job has ended."""
    chat, jobs = frontend.context.chat, frontend.context.jobs
    held = chat.begin(REQUEST, LIMITS)
    job_id = jobs.submit(JobRequest(frontend="discord"), TALK)
    chat.wait_for(held, job_id)
    jobs.finish(jobs.claim(job_id, "worker", timedelta(minutes=1), 3), result_for(JobRequest()))
    return held.id


def ended(outcome):
    return Rise("precis_requests_total", platform="discord", command="summarize", outcome=outcome)


def retried(reason):
    return Rise("precis_delivery_retries_total", platform="discord", what="answer", reason=reason)


@pytest.mark.parametrize(
    ("fault", "reason"), [(PlatformDownError(), "platform_down"), (RuntimeError(), "error")]
)
def test_an_answer_that_cannot_be_shown_counts_as_tried_again(platform, frontend, fault, reason):
    platform.fault, retry, failed = fault, retried(reason), ended("failed")
    assert not asyncio.run(frontend.delivering.ask(answerable(frontend)))
    assert (retry.by, failed.by) == (1, 0)


def test_an_answer_that_reaches_nobody_counts_as_failed(platform, frontend):
    platform.fault, failed = UnreachableError(), ended("failed")
    ask_id = answerable(frontend)
    assert asyncio.run(frontend.delivering.ask(ask_id))
    assert frontend.context.chat.ask(ask_id).state is AskState.FAILED
    assert failed.by == 1


def test_a_bug_counts_as_a_failed_request_once_who_asked_is_told(platform, frontend):
    platform.fault, failed = RuntimeError(), ended("failed")
    asyncio.run(frontend.asking.ask(REQUEST))
    assert len(platform.told) == 1
    assert failed.by == 1


def test_an_outage_ends_no_request(platform, frontend):
    platform.fault = PlatformDownError()
    rises = [ended(outcome) for outcome in ("failed", "refused", "limited")]
    asyncio.run(frontend.asking.ask(REQUEST))
    assert [rise.by for rise in rises] == [0, 0, 0]


def test_a_request_that_another_bot_took_over_is_counted(frontend):
    context = frontend.context
    held = context.chat.begin(REQUEST, LIMITS)
    context.chat.let_go(held)
    assert context.chat.claim(held.id)
    lost = Rise("precis_bot_leases_lost_total", what="request")

    async def work():
        async with holding(context, held):
            await asyncio.Event().wait()

    with pytest.raises(LostError):
        asyncio.run(work())
    assert lost.by == 1
