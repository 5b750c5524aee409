"""How people say which messages they want, and which ones they get."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from precis.conversation import Message
from precis.errors import InputError
from precis.window import Selection, Window, parse_moment, parse_window

NOW = datetime(2026, 2, 1, 9, 30, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2h", utc(2026, 2, 1, 7, 30)),
        ("30m", utc(2026, 2, 1, 9, 0)),
        ("3d", utc(2026, 1, 29, 9, 30)),
        ("1w", utc(2026, 1, 25, 9, 30)),
        ("1d12h", utc(2026, 1, 30, 21, 30)),
        (" 2H ", utc(2026, 2, 1, 7, 30)),
        ("now", NOW),
        ("today", utc(2026, 2, 1)),
        ("yesterday", utc(2026, 1, 31)),
        ("2026-01-31", utc(2026, 1, 31)),
        ("2026-01-31 14:00", utc(2026, 1, 31, 14)),
        ("2026-01-31T14:00Z", utc(2026, 1, 31, 14)),
        ("2026-01-31T14:00+02:00", utc(2026, 1, 31, 12)),
        ("08:00", utc(2026, 2, 1, 8)),
        ("23:00", utc(2026, 1, 31, 23)),
    ],
)
def test_a_beginning(text, moment):
    assert parse_moment(text, now=NOW) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31", utc(2026, 2, 1) - timedelta(microseconds=1)),
        ("today", utc(2026, 2, 2) - timedelta(microseconds=1)),
        ("23:00", utc(2026, 2, 1, 23)),
        ("2h", utc(2026, 2, 1, 7, 30)),
    ],
)
def test_an_end(text, moment):
    assert parse_moment(text, now=NOW, end=True) == moment


def test_a_day_is_a_day_of_the_time_zone():
    assert parse_moment("2026-01-31", now=NOW, zone=PARIS) == utc(2026, 1, 30, 23)
    assert parse_moment("2026-01-31 14:00", now=NOW, zone=PARIS) == utc(2026, 1, 31, 13)
    assert parse_moment("10:00", now=NOW, zone=PARIS) == utc(2026, 2, 1, 9)


def test_the_day_when_clocks_change_has_23_hours():
    window = parse_window(since="2026-03-29", until="2026-03-29", now=NOW, zone=PARIS)
    assert window.until - window.since == timedelta(hours=23, microseconds=-1)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2x", "25:00", "2026-13-01", "2026-02-30", "99999999w", "-2h", "٢h", "0000-01-01"],
)
def test_nonsense_is_refused_in_one_line(text):
    with pytest.raises(InputError, match=r"^--since .*not a time; write 2h") as refused:
        parse_window(since=text, now=NOW)
    assert "\n" not in str(refused.value)


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_refused(text):
    for end in (True, False):
        try:
            parse_moment(text, now=NOW, zone=PARIS, end=end)
        except InputError as refused:
            assert "\n" not in str(refused)  # noqa: PT017


def test_a_window_that_ends_before_it_begins_is_refused():
    with pytest.raises(InputError, match=r"--since .* is later than --until .*; swap them"):
        parse_window(since="1h", until="2h", now=NOW)
    with pytest.raises(ValidationError):
        Window(since=NOW, until=NOW - timedelta(hours=1))


def test_the_last_none_is_refused():
    with pytest.raises(InputError, match="--last 0"):
        parse_window(last=0, now=NOW)


def test_an_empty_thread_is_refused():
    with pytest.raises(InputError, match="--thread"):
        parse_window(thread=" ", now=NOW)


def message(id_, **fields):
    return Message(id=id_, author_id="a", author_name="Ana", text="x", **fields)


def test_both_ends_belong_to_the_window():
    selection = Selection(Window(since=utc(2026, 1, 1), until=utc(2026, 1, 2)))
    taken = [
        selection.takes(message(str(n), time=moment))
        for n, moment in enumerate(
            [utc(2025, 12, 31, 23, 59), utc(2026, 1, 1), utc(2026, 1, 2), utc(2026, 1, 2, 0, 1)]
        )
    ]
    assert taken == [False, True, True, False]


def test_a_thread_is_its_first_message_and_what_is_in_it():
    selection = Selection(Window(thread="7"))
    assert selection.takes(message("7", thread="7"))
    assert selection.takes(message("8", thread="7", reply_to="7"))
    assert not selection.takes(message("9"))
    assert not selection.takes(message("10", thread="5", reply_to="7"))


def test_without_threads_a_thread_is_the_chain_of_replies():
    selection = Selection(Window(thread="1", since=utc(2026, 1, 2)))
    assert not selection.takes(message("1", time=utc(2026, 1, 1)))
    assert not selection.takes(message("2", time=utc(2026, 1, 1), reply_to="1"))
    assert selection.takes(message("3", time=utc(2026, 1, 3), reply_to="2"))
    assert not selection.takes(message("4", time=utc(2026, 1, 3), reply_to="x"))
