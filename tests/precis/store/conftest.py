"""A store on each kind of database, whose time stands still until a test moves it on."""

from datetime import UTC, datetime, timedelta

import pytest

from precis.store import ChatStore, DigestStore, ModerationStore, Store


class Clock:
    def __init__(self):
        self.now = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)

    def __call__(self):
        return self.now

    def advance(self, **time):
        self.now += timedelta(**time)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(store_url, clock):
    opened = Store.open(store_url, clock)
    yield opened
    opened.close()


@pytest.fixture
def chat(store):
    return ChatStore(store, lease=timedelta(seconds=60))


@pytest.fixture
def moderation(store):
    return ModerationStore(store, lease=timedelta(seconds=60))


@pytest.fixture
def kept(store):
    return DigestStore(store, lease=timedelta(seconds=60))
