"""A request that a platform tells of again is the same ask."""

from datetime import timedelta

import pytest

from precis.ask import AskState, Limits
from precis.store import ChatStore, HeldAsk, Known, Store
from tests.precis.store.chats import NO_LIMITS, at_once, request


def test_the_same_request_is_known(chat):
    held = chat.begin(request(key="i1"), NO_LIMITS)
    assert chat.ask(held.id).request.key == "i1"
    assert chat.begin(request(key="i1"), NO_LIMITS) == Known(held.id)


def test_another_request_is_not(chat):
    chat.begin(request(key="i1"), NO_LIMITS)
    assert isinstance(chat.begin(request(key="i2"), NO_LIMITS), HeldAsk)
    assert isinstance(chat.begin(request(key="i1", platform="slack"), NO_LIMITS), HeldAsk)


def test_requests_without_a_key_are_each_their_own(chat):
    assert all(isinstance(chat.begin(request(), NO_LIMITS), HeldAsk) for _ in range(2))


def test_it_is_known_after_its_end(chat):
    held = chat.begin(request(key="i1"), NO_LIMITS)
    chat.end(held, AskState.ANSWERED)
    assert chat.begin(request(key="i1"), NO_LIMITS) == Known(held.id)


def test_it_counts_once_and_is_known_when_nothing_more_is_taken(chat):
    limits = Limits(person=1, server=10, seconds=600)
    held = chat.begin(request(key="i1"), limits)
    assert chat.begin(request(key="i1"), limits) == Known(held.id)


@pytest.mark.both_stores
def test_of_many_processes_one_takes_it(store_url):
    stores = [Store.open(store_url) for _ in range(8)]
    chats = [ChatStore(store) for store in stores]
    begun = at_once(*(lambda c=c: c.begin(request(key="i1"), NO_LIMITS) for c in chats))
    [held] = [each for each in begun if isinstance(each, HeldAsk)]
    assert [each for each in begun if each is not held] == [Known(held.id)] * 7
    for store in stores:
        store.close()


@pytest.mark.both_stores
@pytest.mark.parametrize("other", [{"person": "ben"}, {"server": "s2"}])
def test_also_if_it_is_told_differently_at_once(chat, other):
    """Whatever the platform gets wrong, the database doesn't stumble over it."""
    begun = at_once(
        *(lambda n=n: chat.begin(request(key="i1", **(other if n else {})), NO_LIMITS)
          for n in (0, 1))
    )  # fmt: skip
    assert sorted(type(each).__name__ for each in begun) == ["HeldAsk", "Known"]


def test_it_is_forgotten_with_what_was_asked(chat, store, clock):
    held = chat.begin(request(key="i1"), NO_LIMITS)
    chat.end(held, AskState.ANSWERED)
    store.purge_older_than(timedelta(days=30))
    assert chat.ask(held.id).request.key == "i1"
    clock.advance(days=31)
    store.purge_older_than(timedelta(days=30))
    assert chat.ask(held.id).request.key is None
