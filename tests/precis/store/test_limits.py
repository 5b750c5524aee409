"""Limits count what was asked, also when that is no longer stored."""

from datetime import timedelta

from sqlalchemy import func, select

from precis.ask import AskState, Limits
from precis.store import TooMany
from precis.store.tables import taken
from tests.precis.store.chats import request, tables_with

LIMITS = Limits(person=2, server=3, seconds=600)


def asked(chat, person="ana", **more):
    chat.end(chat.begin(request(person, **more), LIMITS), AskState.ANSWERED)


def counted(store):
    with store.database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(taken))


def test_who_has_all_deleted_is_still_counted(chat, clock):
    for _ in range(2):
        asked(chat)
    chat.forget_person("discord", "ana")
    assert chat.stored_of("discord", "ana").asks == 0
    assert chat.begin(request(), LIMITS) == TooMany("person", timedelta(minutes=10))
    clock.advance(minutes=10)
    assert not isinstance(chat.begin(request(), LIMITS), TooMany)


def test_so_is_their_server(chat):
    for person in ("ana", "ben", "chen"):
        asked(chat, person)
        chat.forget_person("discord", person)
    assert chat.begin(request("dina"), LIMITS) == TooMany("server", timedelta(minutes=10))


def test_who_it_was_is_not_kept_for_that(chat, store):
    asked(chat, "xylophone")
    chat.forget_person("discord", "xylophone")
    assert counted(store) == 2
    assert tables_with(store, "xylophone") == set()


def test_counts_are_kept_no_longer_than_limits_look_back(chat, store, clock):
    asked(chat)
    clock.advance(minutes=10)
    chat.begin(request("ben", server="s2"), LIMITS)
    assert counted(store) == 2, "Ben's and his server's"


def test_counts_go_where_nobody_asks_any_more(chat, store, clock):
    asked(chat)
    clock.advance(days=2)
    store.purge_older_than(timedelta(days=30))
    assert counted(store) == 0


def test_another_platforms_counts_are_its_own(chat, store, clock):
    chat.begin(request(platform="slack"), Limits(person=1, server=1, seconds=3_600))
    clock.advance(minutes=30)
    chat.begin(request(), LIMITS)
    assert isinstance(
        chat.begin(request(platform="slack"), Limits(person=1, server=1, seconds=3_600)), TooMany
    )
