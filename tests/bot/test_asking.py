"""An ask whose store answers too late, and one that comes twice."""

import asyncio
import time
from datetime import timedelta

import pytest

from bot.frontend import Frontend
from bot.offloading import Offloading
from bot.texts import ENGLISH
from precis.ask import AskRequest
from precis.settings import load_settings
from precis.store import Store

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

    async def withdraw(self, request, text):
        self.told.append(text)


@pytest.fixture
def platform():
    return Platform()


@pytest.fixture
def frontend(platform, tmp_path):
    settings = load_settings(home=tmp_path / "home", lease=timedelta(seconds=0.1))
    store = Store.open(settings.store_url)
    made = Frontend(platform, settings, store, None)
    yield made
    made.context.blocking.close()
    store.close()


def test_who_may_have_been_taken_is_not_told_to_ask_at_once(platform, frontend):
    chat, begin = frontend.context.chat, frontend.context.chat.begin

    def late(request, limits):  # it is taken, but word of that comes too late
        begun = begin(request, limits)
        time.sleep(0.5)
        return begun

    async def scenario():
        frontend.context.blocking = Offloading(patience=0.2)
        chat.begin = late
        await frontend.asking.ask(REQUEST)
        assert platform.told == [ENGLISH.store_unsure]
        frontend.context.blocking = Offloading()
        await asyncio.sleep(0.5)  # its lease ends
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
