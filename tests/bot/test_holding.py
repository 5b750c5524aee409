"""An ask is held as long as it is worked on, and no longer."""

import asyncio
from datetime import timedelta

import pytest

from bot.context import Context
from bot.holding import LostError, holding
from precis.ask import AskRequest, Limits
from precis.errors import StoreError
from precis.settings import load_settings
from precis.store import ChatStore, Store

LEASE = timedelta(seconds=0.3)
REQUEST = AskRequest(platform="discord", source="c", place="c", person="ana")


@pytest.fixture
def context(tmp_path):
    settings = load_settings(home=tmp_path / "home", lease=LEASE)
    store = Store.open(settings.store_url)
    made = Context(None, settings, store, ChatStore(store, LEASE), None)
    yield made
    made.blocking.close()
    store.close()


@pytest.fixture
def held(context):
    return context.chat.begin(REQUEST, Limits(person=10, server=10, seconds=60))


def taken_by_another(context, held):
    context.chat.let_go(held)
    assert context.chat.claim(held.id)


async def work(context, held, seconds):
    async with holding(context, held):
        await asyncio.sleep(seconds)
    return "done"


def test_work_that_takes_longer_than_a_lease_is_not_taken_away(context, held):
    assert asyncio.run(work(context, held, 4 * LEASE.total_seconds())) == "done"
    assert context.chat.claim(held.id) is None


def test_work_is_stopped_when_another_has_the_ask(context, held):
    taken_by_another(context, held)
    with pytest.raises(LostError):
        asyncio.run(work(context, held, 60))


def test_what_was_to_be_said_comes_before_the_loss(context, held):
    taken_by_another(context, held)
    assert asyncio.run(work(context, held, 0)) == "done"


def test_an_outage_of_the_store_loses_nothing(context, held, monkeypatch):
    extend, tries = context.chat.extend, []

    def away_at_first(ask):
        tries.append(ask)
        if len(tries) < 3:
            raise StoreError("the store is away")
        return extend(ask)

    monkeypatch.setattr(context.chat, "extend", away_at_first)
    assert asyncio.run(work(context, held, 5 * LEASE.total_seconds())) == "done"
    assert len(tries) > 3


def test_who_is_cancelled_is_not_told_of_a_loss(context, held):
    async def cancelled():
        task = asyncio.create_task(work(context, held, 60))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())


def test_an_error_of_the_work_passes_through(context, held):
    async def broken():
        async with holding(context, held):
            raise KeyError

    with pytest.raises(KeyError):
        asyncio.run(broken())
