"""IRC logs, as four programs write them."""

import os
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from precis.readers import load_conversation

UBUNTU = """\
[18:02] <ana> hello
=== bo [~bo@example.org] has joined #garden
[18:03] <bo> ana: hi
[18:04]  * ana waves
=== ana is now known as ana_away
[18:05] <ana_away> back soon
[18:06] <ubottu> I am only a bot
[18:06] <bo> !help
[18:07] -spam:#garden- buy things
[18:07] <bo>
"""
ZNC = """\
[18:02:11] <ana> hello
[18:02:59] *** Joins: bo (~bo@example.org)
[18:03:00] <bo> ana: hi
[18:04:00] * ana waves
[18:04:30] *** ana is now known as ana_away
[18:05:00] <ana_away> back soon
"""
IRSSI = """\
--- Log opened Sat Jan 31 18:00:00 2026
18:02 <@ana> hello
18:02 -!- bo [~bo@example.org] has joined #garden
18:03 < bo> ana: hi
18:04  * ana waves
18:04 -!- ana is now known as ana_away
18:05 <+ana_away> back soon
--- Log closed Sat Jan 31 18:10:00 2026
"""
WEECHAT = """\
2026-01-31 18:02:11\t@ana\thello
2026-01-31 18:02:59\t-->\tbo (~bo@example.org) has joined #garden
2026-01-31 18:03:00\tbo\tana: hi
2026-01-31 18:04:00\t *\tana waves
2026-01-31 18:04:30\t--\tana is now known as ana_away
2026-01-31 18:05:00\t+ana_away\tback soon
2026-01-31 18:06:00\t<--\tbo has quit (bye)
"""
IRC_DATA = Path(__file__).parents[4] / "shared" / "data" / "irc" / "dev"


def times(loaded):
    return [f"{m.time:%d %H:%M}" for m in loaded.conversation.messages]


@pytest.mark.parametrize(
    ("log", "name"),
    [
        (UBUNTU, "2026-01-31.txt"),
        (ZNC, "#garden_20260131.log"),
        (IRSSI, "#garden.log"),
        (WEECHAT, "irc.example.#garden.weechatlog"),
    ],
)
def test_every_program_tells_the_same_story(write, log, name):
    loaded = load_conversation(write(log, name))
    messages = loaded.conversation.messages
    assert [m.text for m in messages] == ["hello", "ana: hi", "waves", "back soon"]
    assert [m.author_id for m in messages] == ["ana", "bo", "ana", "ana"]
    assert [m.author_name for m in messages] == ["ana", "bo", "ana", "ana_away"]
    assert times(loaded) == ["31 18:02", "31 18:03", "31 18:04", "31 18:05"]
    assert loaded.conversation.source == "irc"
    assert loaded.conversation.channel == "garden"
    assert loaded.skipped == 0


def test_an_id_is_the_number_of_the_line(write):
    loaded = load_conversation(write(UBUNTU, "2026-01-31.txt"))
    assert [m.id for m in loaded.conversation.messages] == ["1", "3", "4", "6"]


def test_times_are_of_the_given_time_zone(write):
    path = write(UBUNTU, "2026-01-31.txt")
    loaded = load_conversation(path, timezone=ZoneInfo("Asia/Tokyo"))
    assert loaded.first_time == datetime(2026, 1, 31, 9, 2, tzinfo=UTC)


def test_a_log_without_a_date_is_of_the_day_it_was_last_written(write):
    path = write(UBUNTU, "garden.log")
    os.utime(path, (0, datetime(2025, 6, 1, 12, tzinfo=UTC).timestamp()))
    assert load_conversation(path).first_time == datetime(2025, 6, 1, 18, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("clocks", "moments"),
    [
        (["23:59", "00:01"], ["31 23:59", "01 00:01"]),
        (["22:00", "11:00"], ["31 22:00", "01 11:00"]),
        (["23:59", "00:01", "23:00", "01:00"], ["31 23:59", "01 00:01", "01 23:00", "02 01:00"]),
        (["13:00", "12:58", "13:01"], ["31 13:00", "31 13:00", "31 13:01"]),
    ],
    ids=["midnight", "a silent night", "two nights", "a clock set back"],
)
def test_days_are_counted_on(write, clocks, moments):
    log = "".join(f"[{clock}] <ana> hi\n" for clock in clocks)
    assert times(load_conversation(write(log, "2026-01-31.txt"))) == moments


def test_a_12_hour_clock_goes_round(write):
    log = "".join(
        f"[{clock}] <ana> hi\n" for clock in ["11:50", "12:59", "01:00", "11:00", "12:10"]
    )
    assert times(load_conversation(write(log, "2026-01-31.txt"))) == [
        "31 11:50",
        "31 12:59",
        "31 13:00",
        "31 23:00",
        "01 00:10",
    ]


def test_colours_go(write):
    loaded = load_conversation(write("[10:00] <ana> \x0304,12red\x03 \x02bold\x0f\n"))
    assert loaded.conversation.messages[0].text == "red bold"


def test_lines_that_are_of_no_log_are_skipped_and_named(write):
    log = "[10:00] <ana> one\nwhat is this\n[29:00] <ana> late\n" + "[10:01] <ana> two\n" * 4
    loaded = load_conversation(write(log))
    assert len(loaded.conversation.messages) == 5
    assert loaded.skipped == 2
    assert loaded.problems == (
        "line 2: not a line of this log",
        "line 3: not a line of this log",
    )


def test_invalid_utf8_damages_its_line_only(write):
    log = b"[10:00] <ana> caf\xe9\n[10:01] <b\xffb> hi\n[10:02] <ana> caf\xc3\xa9\n"
    loaded = load_conversation(write(log))
    assert [m.text for m in loaded.conversation.messages] == ["café"]
    assert loaded.problems == ("line 1: not valid UTF-8", "line 2: not valid UTF-8")


@pytest.mark.skipif(not IRC_DATA.is_dir(), reason="needs ../shared/data")
def test_real_logs_have_no_damaged_lines():
    for path in sorted(IRC_DATA.glob("*.ascii.txt")):
        loaded = load_conversation(path)
        moments = [m.time for m in loaded.conversation.messages]
        assert loaded.skipped == 0
        assert len(moments) > 900
        assert moments == sorted(moments)
        assert (moments[-1] - moments[0]).days == 0
