"""Cached pages of channels: kept, joined to spans, and forgotten like all that people wrote."""

from datetime import UTC, datetime, timedelta

import pytest

from precis.store import ChatStore, KeptMessage, Span, Store
from tests.precis.store.chats import at_once, tables_with

START = datetime(2026, 1, 31, 8, 0, tzinfo=UTC).timestamp()
PLACE = ("slack", "T1", "C1")


def said(number, author="T1/U1", text="hello", server="T1", place="C1", parent=None):
    """The message of the minute `number`."""
    return KeptMessage(
        id=f"{server}/{place}/{number}",
        author_id=author,
        time=datetime.fromtimestamp(START + 60 * number, UTC),
        parent=parent,
        payload={"text": text},
    )


def span(first, last):
    """From the minute `first` to the minute `last`."""
    return START + 60 * first, START + 60 * last


def numbers(chat, first=0, last=1_000, place=PLACE):
    found = chat.heard_between(*place, *span(first, last))
    return [int(message.id.rsplit("/", 1)[1]) for message in found]


def spans(chat, place=PLACE):
    """In minutes."""
    return [
        ((each.start - START) / 60, (each.end - START) / 60) for each in chat.heard_spans(*place)
    ]


@pytest.fixture
def listening(chat, clock):
    chat.listening("slack", "T1", clock.now - timedelta(hours=1))


def test_a_page_comes_back_as_it_was_kept(chat, clock):
    page = [said(1, parent="T1/C1/0"), said(0, author=None), said(2, text="naïve \0 ☃")]
    chat.keep_heard(*PLACE, page, span(0, 2))
    assert chat.heard_between(*PLACE, *span(0, 2)) == [page[1], page[0], page[2]]
    start, end = span(0, 2)
    assert chat.heard_spans(*PLACE) == [Span(start=start, end=end, kept_at=clock.now)]


def test_only_what_is_between_comes_back(chat):
    chat.keep_heard(*PLACE, [said(n) for n in range(10)], span(0, 9))
    assert numbers(chat, 3, 6) == [3, 4, 5, 6]
    assert len(chat.heard_between(*PLACE, 0, float("inf"))) == 10


def test_times_are_as_fine_as_the_platforms(chat):
    times = ["1700000000.000100", "1700000000.000101", "1700000000.000102"]
    page = [
        KeptMessage(id=each, time=datetime.fromtimestamp(float(each), UTC), payload={})
        for each in times
    ]
    chat.keep_heard(*PLACE, page, None)
    found = chat.heard_between(*PLACE, float(times[1]), float(times[1]))
    assert [message.id for message in found] == [times[1]]


@pytest.mark.parametrize(
    "other", [("slack", "T2", "C1"), ("slack", "T1", "C2"), ("discord", "T1", "C1")]
)
def test_another_place_has_its_own(chat, other):
    chat.keep_heard(*PLACE, [said(0)], span(0, 1))
    assert (numbers(chat, place=other), spans(chat, other)) == ([], [])


def test_what_is_kept_again_replaces_what_was(chat, store, clock):
    chat.keep_heard(*PLACE, [said(0, text="xylophone"), said(1)], span(0, 1))
    clock.advance(minutes=1)
    chat.keep_heard(*PLACE, [said(0, text="edited")], None)
    assert [m.payload["text"] for m in chat.heard_between(*PLACE, *span(0, 1))] == [
        "edited",
        "hello",
    ]
    assert tables_with(store, "xylophone") == set()


def test_a_page_that_was_read_before_an_edit_does_not_undo_it(chat, clock):
    read_at = clock.now
    clock.advance(seconds=1)
    chat.keep_heard(*PLACE, [said(0, text="edited")], None)
    clock.advance(seconds=1)
    chat.keep_heard(*PLACE, [said(0, text="before"), said(1)], span(0, 1), read_at=read_at)
    found = chat.heard_between(*PLACE, *span(0, 1))
    assert [m.payload["text"] for m in found] == ["edited", "hello"]
    assert chat.heard_spans(*PLACE)[0].kept_at == read_at


def test_a_thousand_messages_are_kept_at_once(chat):
    chat.keep_heard(*PLACE, [said(n) for n in range(1_200)], span(0, 1_199))
    chat.keep_heard(*PLACE, [said(n) for n in range(1_200)], span(0, 1_199))
    assert len(numbers(chat, 0, 1_199)) == 1_200


@pytest.mark.parametrize(
    ("kept", "together"),
    [
        ([(0, 5), (5, 9)], [(0, 9)]),
        ([(0, 5), (3, 9)], [(0, 9)]),
        ([(5, 9), (0, 6)], [(0, 9)]),
        ([(0, 9), (3, 4)], [(0, 9)]),
        ([(3, 4), (0, 9)], [(0, 9)]),
        ([(0, 2), (6, 9), (1, 7)], [(0, 9)]),
        ([(6, 9), (0, 2)], [(0, 2), (6, 9)]),
    ],
)
def test_spans_that_meet_are_one(chat, listening, kept, together):
    for each in kept:
        chat.keep_heard(*PLACE, [], span(*each))
    assert spans(chat) == together


def test_a_span_is_as_old_as_its_oldest_part(chat, clock, listening):
    chat.keep_heard(*PLACE, [], span(0, 5))
    first = clock.now
    clock.advance(minutes=5)
    chat.keep_heard(*PLACE, [], span(5, 9))
    assert [each.kept_at for each in chat.heard_spans(*PLACE)] == [first]


def test_what_was_read_before_a_gap_in_the_listening_is_of_no_use(chat, clock, listening):
    chat.keep_heard(*PLACE, [], span(0, 5))
    clock.advance(minutes=1)
    chat.listening("slack", "T1", clock.now)
    assert spans(chat) == []
    chat.keep_heard(*PLACE, [], span(4, 9))
    assert spans(chat) == [(4, 9)]


def test_a_page_that_was_asked_for_before_the_listening_is_of_no_use(chat, clock, listening):
    read_at = clock.now
    clock.advance(seconds=1)
    chat.listening("slack", "T1", clock.now)
    chat.keep_heard(*PLACE, [said(0)], span(0, 5), read_at=read_at)
    assert spans(chat) == []


def test_where_nobody_listens_spans_are_not_joined(chat, clock):
    chat.keep_heard(*PLACE, [], span(0, 5))
    clock.advance(minutes=1)
    chat.keep_heard(*PLACE, [], span(4, 9))
    assert spans(chat) == [(0, 5), (4, 9)]
    chat.keep_heard(*PLACE, [], span(4, 10))
    assert spans(chat) == [(0, 5), (4, 10)]


def test_listening_never_goes_back(chat, clock):
    assert chat.listening_since("slack", "T1") is None
    chat.listening("slack", "T1", clock.now)
    chat.listening("slack", "T1", clock.now - timedelta(hours=1))
    assert chat.listening_since("slack", "T1") == clock.now
    assert chat.listening_since("slack", "T2") is None


def test_who_opted_out_is_not_kept(chat, store):
    chat.opt_out("slack", "T1/U1")
    chat.keep_heard(*PLACE, [said(0, text="xylophone"), said(1, "T1/U2")], span(0, 1))
    assert numbers(chat) == [1]
    assert tables_with(store, "xylophone") == set()


def test_opting_out_removes_what_is_kept(chat, store):
    chat.keep_heard(*PLACE, [said(0, text="xylophone"), said(1, "T1/U2")], span(0, 1))
    assert chat.stored_of("slack", "T1/U1").messages == 1
    assert chat.opt_out("slack", "T1/U1") == 1
    assert chat.stored_of("slack", "T1/U1").messages == 0
    assert numbers(chat) == [1]
    assert tables_with(store, "xylophone") == set()


@pytest.mark.parametrize("how", ["page", "event"])
def test_who_opts_in_again_is_read_anew(chat, store, listening, how):
    chat.keep_heard("slack", "T1", "C2", [said(0, "T1/U2", place="C2")], span(0, 9))
    chat.opt_out("slack", "T1/U1")
    if how == "page":
        chat.keep_heard(*PLACE, [said(0), said(1, "T1/U2")], span(0, 1))
    else:
        chat.keep_heard(*PLACE, [said(1, "T1/U2")], span(0, 1))
        chat.keep_heard(*PLACE, [said(2)], None)
    chat.keep_heard(*PLACE, [], span(1, 5))
    assert spans(chat) == [(0, 5)]
    chat.opt_in("slack", "T1/U1")
    assert spans(chat) == [], "it lacks what they wrote"
    assert spans(chat, ("slack", "T1", "C2")) == [(0, 9)], "it lacks nothing"
    assert tables_with(store, "T1/U1") == set()


def test_who_has_all_deleted_is_read_anew(chat, store, listening):
    chat.keep_heard(*PLACE, [said(0, text="xylophone"), said(1, "T1/U2")], span(0, 1))
    chat.keep_heard("slack", "T1", "C2", [said(0, "T1/U2", place="C2")], span(0, 1))
    assert chat.forget_person("slack", "T1/U1") == 1
    assert tables_with(store, "xylophone") == set()
    assert spans(chat) == [], "else what they wrote would never be read again"
    assert spans(chat, ("slack", "T1", "C2")) == [(0, 1)]


@pytest.mark.parametrize("how", ["forget_heard", "forget_messages"])
def test_a_deleted_message_is_not_kept(chat, store, listening, how):
    chat.keep_heard(*PLACE, [said(0, text="xylophone"), said(1)], span(0, 1))
    ids = ["T1/C1/0", "T1/C1/7"]
    if how == "forget_heard":
        assert chat.forget_heard("slack", "T1", ids) == 1
    else:
        assert chat.forget_messages("slack", ids) == 1
    assert numbers(chat) == [1]
    assert tables_with(store, "xylophone") == set()
    assert spans(chat) == [(0, 1)], "all that there is"
    page = [said(0, text="xylophone"), said(1), said(7, text="xylophone")]  # it was on its way
    chat.keep_heard(*PLACE, page, span(0, 7))
    assert numbers(chat) == [1]
    assert chat.deleted("slack", ["T1/C1/0", "T1/C1/1", "T1/C1/7"]) == set(ids)


def test_deleted_messages_are_kept_in_mind_for_a_day(chat, store, clock, listening):
    chat.forget_messages("slack", ["T1/C1/0"])
    chat.forget_messages("slack", ["T1/C1/0"])
    clock.advance(hours=23)
    store.purge_older_than(timedelta(days=30))
    assert chat.deleted("slack", ["T1/C1/0"]) == {"T1/C1/0"}
    clock.advance(hours=2)
    store.purge_older_than(timedelta(days=30))
    assert chat.deleted("slack", ["T1/C1/0"]) == set()


def test_where_nobody_listens_deleted_messages_are_not_noted(chat, store):
    chat.forget_messages("discord", ["0"])
    assert chat.deleted("discord", ["0"]) == set()
    assert tables_with(store, "discord") == set()


def test_a_deleted_channel_takes_its_pages_and_its_threads(chat, store, listening):
    chat.keep_heard(*PLACE, [said(0, text="xylophone")], span(0, 1))
    chat.keep_heard("slack", "T1", "C1:7", [said(1, text="xylophone")], span(0, 9), within="C1")
    chat.keep_heard("slack", "T1", "C2", [said(0, place="C2")], span(0, 1))
    chat.keep_heard("slack", "T2", "C1", [said(0, server="T2")], span(0, 1))
    assert chat.known_places("slack", "T1") == ["C1", "C1:7", "C2"]
    assert chat.forget_place("slack", "T1", "C1") == 2
    assert tables_with(store, "xylophone") == set()
    assert [spans(chat, ("slack", "T1", each)) for each in ("C1", "C1:7", "C2")] == [
        [],
        [],
        [(0, 1)],
    ]
    assert numbers(chat, place=("slack", "T2", "C1")) == [0]


def test_a_server_takes_its_pages(chat, store, listening):
    chat.keep_heard(*PLACE, [said(0, text="xylophone")], span(0, 1))
    chat.keep_heard("slack", "T2", "C1", [said(0, server="T2")], span(0, 1))
    assert chat.known_servers("slack") == ["T1", "T2"]
    assert chat.forget_server("slack", "T1") == 1
    assert tables_with(store, "'T1'") == set()
    assert numbers(chat, place=("slack", "T2", "C1")) == [0]


@pytest.mark.parametrize(("days", "kept_for"), [(30, 7), (3, 3)])
def test_pages_are_kept_for_a_week_at_most(chat, store, clock, listening, days, kept_for):
    chat.keep_heard(*PLACE, [said(0, text="xylophone")], span(0, 1))
    clock.advance(days=kept_for, seconds=-1)
    assert store.purge_older_than(timedelta(days=days)).heard == 0
    assert numbers(chat) == [0]
    clock.advance(seconds=2)
    assert store.purge_older_than(timedelta(days=days)).heard == 1
    assert tables_with(store, "xylophone") == set()


def test_a_span_is_purged_before_what_it_covers(chat, store, clock, listening):
    chat.keep_heard(*PLACE, [said(0)], span(0, 1))
    chat.keep_heard("slack", "T1", "C2", [], span(0, 1))
    clock.advance(days=6, hours=23, minutes=1)
    store.purge_older_than(timedelta(days=30))
    assert numbers(chat) == [0], "somebody may be reading it"
    assert (spans(chat), spans(chat, ("slack", "T1", "C2"))) == ([], [])


def test_after_a_gap_in_the_listening_the_text_goes_soon(chat, store, clock, listening):
    chat.keep_heard(*PLACE, [said(0, text="xylophone")], span(0, 1))
    clock.advance(minutes=1)
    chat.listening("slack", "T1", clock.now)
    chat.keep_heard(*PLACE, [said(1)], span(1, 2))
    store.purge_older_than(timedelta(days=30))
    assert numbers(chat) == [0, 1], "somebody may be reading it"
    clock.advance(minutes=61)
    store.purge_older_than(timedelta(days=30))
    assert (numbers(chat), spans(chat)) == ([1], [(1, 2)])
    assert tables_with(store, "xylophone") == set()


def test_forgotten_pages_are_in_no_file(tmp_path, clock):
    store = Store.open(f"sqlite:///{tmp_path / 'precis.db'}", clock)
    chat = ChatStore(store)
    chat.keep_heard(*PLACE, [said(0, text="xylophone"), said(1, "T1/U2", "trombone")], None)
    chat.keep_heard(*PLACE, [said(2, "T1/U3", "accordion")], None)
    chat.forget_heard("slack", "T1", ["T1/C1/0"])
    chat.opt_out("slack", "T1/U2")
    clock.advance(days=8)
    store.purge_older_than(timedelta(days=30))
    for file in tmp_path.iterdir():
        for words in (b"xylophone", b"trombone", b"accordion"):
            assert words not in file.read_bytes()
    store.close()


class TestAtOnce:
    """Several processes, as far as the database knows."""

    @pytest.fixture
    def chats(self, store, store_url, clock, listening):
        stores = [Store.open(store_url, clock) for _ in range(6)]
        yield [ChatStore(each) for each in stores]
        for each in stores:
            each.close()

    def test_pages_that_meet_are_one_span(self, chat, chats):
        at_once(
            *(
                lambda n=n, c=c: [
                    c.keep_heard(*PLACE, [said(m)], span(m, m + 1))
                    for m in range(n, 60, len(chats))
                ]
                for n, c in enumerate(chats)
            )
        )
        assert spans(chat) == [(0, 60)]
        assert numbers(chat) == list(range(60))

    def test_the_same_page_is_there_once(self, chat, chats):
        page = [said(n) for n in range(50)]
        at_once(*(lambda c=c: c.keep_heard(*PLACE, page, span(0, 49)) for c in chats))
        assert numbers(chat) == list(range(50))

    def test_nothing_is_kept_of_who_opts_out_meanwhile(self, chat, chats):
        def keep(which, number):
            for minute in range(10 * number, 10 * number + 10):
                place = f"C{minute % 3}"
                which.keep_heard("slack", "T1", place, [said(minute, place=place)], None)

        keepers = [lambda n=n, c=c: keep(c, n) for n, c in enumerate(chats[1:])]
        at_once(*keepers, lambda: chats[0].opt_out("slack", "T1/U1"))
        assert chat.stored_of("slack", "T1/U1").messages == 0

    def test_nothing_is_kept_of_what_is_deleted_meanwhile(self, chat, chats):
        page = [said(n, text="xylophone") for n in range(20)]
        ids = [message.id for message in page]
        keepers = [
            lambda c=c: [c.keep_heard(*PLACE, page, span(0, 19)) for _ in range(5)]
            for c in chats[1:]
        ]
        at_once(*keepers, lambda: chats[0].forget_messages("slack", ids))
        assert numbers(chat) == []

    def test_all_kinds_of_forgetting_get_along_with_keeping(self, chat, chats, store, clock):
        def keep(which):
            for number in range(10):
                for place in ("C1", "C2", "C3"):
                    page = [said(n, f"T1/U{n % 5}", place=place) for n in range(20)]
                    which.keep_heard("slack", "T1", place, page, span(number, number + 20))

        def forget(which):
            for number in range(5):
                which.forget_person("slack", f"T1/U{number}")
                which.forget_place("slack", "T1", f"C{number % 3 + 1}")
                which.opt_in("slack", f"T1/U{number}")
                which.listening("slack", "T1", clock.now)

        at_once(
            lambda: keep(chats[0]),
            lambda: keep(chats[1]),
            lambda: forget(chats[2]),
            lambda: forget(chats[3]),
            lambda: [store.purge_older_than(timedelta(0)) for _ in range(5)],
            lambda: [chats[4].forget_server("slack", "T1") for _ in range(5)],
        )
        chat.forget_server("slack", "T1")
        assert chat.known_servers("slack") == []
