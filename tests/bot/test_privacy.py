"""What takes long to forget is forgotten a few a call, and no call takes as long."""

import asyncio
from types import SimpleNamespace

import pytest

from bot import deletions
from bot.context import Context
from bot.deletions import Deletions
from bot.offloading import Offloading
from bot.privacy import Privacy
from precis.job import JobRequest
from precis.settings import load_settings
from precis.store import ChatStore, Store, people, retention
from tests.precis.store.chats import held_at, tables_with, talk

MANY = 60
MOST = 45
"""Conversations that one call may forget; all of them in one would take too long."""


class Counting(Offloading):
    """Notes how much of the work was done in one call, at the most."""

    def __init__(self):
        super().__init__()
        self.work = self.most = 0

    async def __call__(self, call, *args, **kwargs):
        self.work = 0
        try:
            return await super().__call__(call, *args, **kwargs)
        finally:
            self.most = max(self.most, self.work)


@pytest.fixture
def context(tmp_path):
    settings = load_settings(home=tmp_path / "home")
    store = Store.open(settings.store_url)
    platform = SimpleNamespace(name="discord")
    made = Context(platform, settings, store, ChatStore(store), None)
    made.blocking = Counting()
    for number in range(MANY):
        said = talk(f"Ana: {number} xylophones", first=number)
        store.submit_or_join(JobRequest(), said, place=held_at("c1"))
    yield made
    made.blocking.close()
    store.close()


@pytest.fixture
def counted(context, monkeypatch):
    """Has a function's work counted, by how much it is asked for."""

    def counted(module, name, much):
        real = getattr(module, name)

        def count(*args, **kwargs):
            context.blocking.work += much(*args)
            return real(*args, **kwargs)

        monkeypatch.setattr(module, name, count)

    return counted


def test_a_large_server_is_forgotten(context, counted):
    counted(retention, "purge_these", lambda _, ids, *_more: len(ids))
    asyncio.run(Privacy(context).forget_server("s1"))
    assert tables_with(context.jobs, "xylophones") == set()
    assert 0 < context.blocking.most <= MOST
    assert context.chat.known_servers("discord") == []


def test_a_large_channel_is_forgotten(context, counted):
    counted(people, "forget_conversation", lambda *_: 1)
    asyncio.run(Privacy(context).forget_place("s1", "c1"))
    assert tables_with(context.jobs, "xylophones") == set()
    assert 0 < context.blocking.most <= MOST


def test_many_deleted_messages_are_forgotten(context, counted):
    counted(people, "forget_messages", lambda _, __, ids, *_more: len(ids) * MANY / 1_200)
    asyncio.run(Privacy(context).forget_messages([str(number) for number in range(1_200)]))
    assert tables_with(context.jobs, "xylophones") == set()
    assert 0 < context.blocking.most <= MOST


def test_the_end_waits_for_no_large_server(context, monkeypatch):
    monkeypatch.setattr(deletions, "AT_THE_END", 0.1)

    async def for_ever(server):
        await asyncio.Event().wait()

    async def ended():
        of_it = Deletions(context, Privacy(context), for_ever)
        of_it.server("s1")
        await asyncio.wait_for(of_it.close(), 5)

    asyncio.run(ended())
