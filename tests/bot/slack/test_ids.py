"""What people, messages and places of Slack are called."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.ids import (
    is_ts,
    message_id,
    person_id,
    place_id,
    split_message,
    split_person,
    split_place,
    time_ts,
    ts_time,
)

TS = "1700000000.000100"
TIMES = st.integers(0, 2**32 * 1_000_000).map(
    lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)


def test_a_person_is_named_with_their_workspace():
    assert person_id("T1", "U1") == "T1/U1"
    assert split_person("T1/U1") == ("T1", "U1")


def test_the_same_user_id_of_two_workspaces_is_two_people():
    assert person_id("T1", "U1") != person_id("T2", "U1")


def test_a_message_is_named_with_workspace_and_channel():
    assert message_id("T1", "C1", TS) == f"T1/C1/{TS}"
    assert split_message(f"T1/C1/{TS}") == ("T1", "C1", TS)


def test_a_place_is_a_channel_or_a_thread():
    assert place_id("C1") == "C1"
    assert place_id("C1", TS) == f"C1:{TS}"
    assert split_place("C1") == ("C1", None)
    assert split_place(f"C1:{TS}") == ("C1", TS)


@pytest.mark.parametrize(
    "place",
    ["", "c1", "C1:", "C1:1", "C1:1.1", f"C1:{TS}\n", "C1:x", f"C1:{TS}:{TS}", "C1/D2", "C١"],
)
def test_what_is_no_place_is_refused(place):
    with pytest.raises(ValueError, match="not a Slack place"):
        split_place(place)


@pytest.mark.parametrize(
    "message", ["", "T1/C1", "T1/C1/1", f"T1/C1/{TS}/", f"C1/{TS}", f"T1//{TS}"]
)
def test_what_is_no_message_is_refused(message):
    with pytest.raises(ValueError, match="not a Slack message"):
        split_message(message)


@pytest.mark.parametrize("person", ["", "U1", "/U1", "T1/", "T1/U1/U2", "123456789", "T1/u1"])
def test_what_is_no_person_is_refused(person):
    with pytest.raises(ValueError, match="not a Slack person"):
        split_person(person)


def test_why_an_id_is_refused_doesnt_tell_it():
    with pytest.raises(ValueError, match=r"^[^<]*$"):
        split_place("<secret>")


def test_a_messages_time_is_its_ts():
    assert ts_time(TS) == datetime(2023, 11, 14, 22, 13, 20, 100, tzinfo=UTC)


@pytest.mark.parametrize(
    "ts", ["", "1700000000", "1700000000.1", "-1.000000", "1e9", "9" * 12 + ".000000"]
)
def test_what_is_no_ts_has_no_time(ts):
    assert not is_ts(ts)
    with pytest.raises(ValueError, match="not a Slack message's time"):
        ts_time(ts)


@given(TIMES)
def test_a_time_survives_being_a_ts(time):
    assert ts_time(time_ts(time)) == time


def test_a_time_before_all_others_is_the_first():
    assert time_ts(datetime(1970, 1, 1, tzinfo=UTC) - timedelta(days=1)) == "0.000000"
