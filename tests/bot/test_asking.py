"""Asks whose store answers too late, that come twice, and whose answer is on its way."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.frontend import Frontend
from bot.offloading import Offloading
from bot.platform import Heard, SourceInfo
from bot.texts import ENGLISH
from precis.ask import AskRequest, AskState, Place
from precis.errors import StoreError
from precis.job import JobRequest
from precis.settings import load_settings
from precis.store import Store
from precis.store.tables import asks
from tests.clocks import StoreClock
from tests.services import until, wait_until
from tests.worker.summarisers import TALK, result_for

NOW = datetime(2026, 11, 24, tzinfo=UTC)

LEASE = timedelta(minutes=1)
REQUEST = AskRequest(platform="discord", source="c", place="c", person="ana", key="1")


class Platform:
    """Where nothing is left of the source by the time that it is looked for."""

    name = "discord"

    def __init__(self):
        self.told = []
        self.looked = 0

    async def source(self, request):
        self.looked += 1
        raise RuntimeError("gone")

    async def withdraw(self, request, text, *, posted=()):
        self.told.append(text)


@pytest.fixture
def platform():
    return Platform()


@pytest.fixture
def clock():
    return StoreClock()


@pytest.fixture
def frontend(platform, tmp_path, clock):
    settings = load_settings(home=tmp_path / "home", lease=LEASE)
    store = Store.open(settings.store_url, clock)
    made = Frontend(platform, settings, store, None)
    yield made
    made.context.blocking.close()
    store.close()


def test_who_may_have_been_taken_is_not_told_to_ask_at_once(platform, frontend, clock):
    chat, begin = frontend.context.chat, frontend.context.chat.begin

    def late(request, limits):  # it is taken, but word of that comes too late
        begun = begin(request, limits)
        wait_until(lambda: platform.told, what="a word")
        return begun

    async def scenario():
        frontend.context.blocking = Offloading(patience=0.2)
        chat.begin = late
        await frontend.asking.ask(REQUEST)
        assert platform.told == [ENGLISH.store_unsure]
        frontend.context.blocking = Offloading()
        clock.advance(LEASE * 1.5)
        await frontend.sweeping.sweep()
        await asyncio.gather(*frontend.sweeping._resumed)

    asyncio.run(scenario())
    assert platform.looked == 1  # the next to look took it up
    assert platform.told == [ENGLISH.store_unsure, ENGLISH.broken]


def test_what_a_platform_asks_twice_is_taken_once(platform, frontend):
    async def scenario():
        await asyncio.gather(*(frontend.asking.ask(REQUEST) for _ in range(3)))

    asyncio.run(scenario())
    assert platform.looked == 1
    assert len(platform.told) == 1


class Reading:
    """A platform with one message to read, which shows what it is told to."""

    name = "discord"

    def __init__(self):
        self.shown = []
        self.arriving = None

    async def source(self, request):
        return SourceInfo(name="algebra", shown="#algebra", within=("c",))

    async def refusal(self, request, *, again=False):
        return None

    async def audience_fits(self, request):
        return True

    async def history(self, request):
        for message in reversed(TALK.messages):
            yield Heard(id=message.id, author_id="ben", time=NOW, message=message)

    async def say(self, request, text, *, final=False):
        self.shown.append(text)

    async def withdraw(self, request, text, **_more):
        self.shown.append(text)

    async def answer(self, ask, answer, posted):
        self.shown.append("ANSWER")
        if self.arriving:
            await self.arriving()
        await posted("1")


@pytest.fixture
def reading(tmp_path):
    """A frontend for which the answer is in the store already."""
    settings = load_settings(home=tmp_path / "home")
    store = Store.open(settings.store_url)
    made = Frontend(Reading(), settings, store, None)
    request = JobRequest(frontend="discord", requested_by="ana")
    conversation = TALK.model_copy(update={"source": "discord", "channel": "algebra"})
    place = Place(server=None, place="c", parent=None)
    job_id, _ = store.submit_or_join(request, conversation, timedelta(minutes=2), place=place)
    held = store.claim(job_id, "worker", timedelta(seconds=60), 3)
    store.finish(held, result_for(request))
    yield made
    made.context.blocking.close()
    store.close()


def test_no_line_takes_the_place_of_an_answer(reading):
    def broken(job_id):
        raise StoreError("the store is down")

    reading.context.jobs.mark_delivered = broken  # after the answer was shown
    asyncio.run(reading.asking.ask(REQUEST))
    assert reading.context.platform.shown[-1] == "ANSWER"


def test_an_answer_on_its_way_is_finished_and_noted_when_the_bot_stops(reading):
    platform, chat = reading.context.platform, reading.context.chat

    async def scenario():
        arriving, word = asyncio.Event(), asyncio.Event()

        async def arrive():
            arriving.set()
            await word.wait()

        platform.arriving = arrive
        reading.ask(REQUEST)
        await arriving.wait()
        closing = asyncio.create_task(reading.close())
        told = {task for task in reading.work._to_leave if task in reading.work._begun}
        await until(lambda: all(task.cancelling() for task in told), what="word to let go")
        word.set()
        await closing

    asyncio.run(scenario())
    [ask_id] = [row.id for row in _asks(reading)]
    assert chat.ask(ask_id).state is AskState.ANSWERED
    assert chat.ask(ask_id).posted == ("1",)
    assert platform.shown[-1] == "ANSWER"


def _asks(frontend):
    with frontend.context.jobs.database.reading() as connection:
        return connection.execute(select(asks.c.id)).all()
