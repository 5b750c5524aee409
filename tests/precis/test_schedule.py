"""Days and times of digests: daylight saving both ways, leap days, zones; what people type."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from precis.errors import InputError
from precis.schedule import Every, Schedule, known_zone, parse_clock, parse_days

BERLIN = "Europe/Berlin"


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def moments(schedule, start, count):
    """The next `count` days and moments after `start`."""
    found, moment = [], start
    for _ in range(count):
        day, moment = schedule.after(moment)
        found.append((day, moment))
    return found


def test_a_time_that_does_not_exist_is_as_much_later():
    schedule = Schedule(zone=BERLIN, hour=2, minute=30)
    assert moments(schedule, utc(2026, 3, 28, 12), 2) == [
        (date(2026, 3, 29), utc(2026, 3, 29, 1, 30)),  # 03:30 on the clock
        (date(2026, 3, 30), utc(2026, 3, 30, 0, 30)),
    ]


def test_a_time_that_exists_twice_is_the_first_and_comes_once():
    schedule = Schedule(zone=BERLIN, hour=2, minute=30)
    assert moments(schedule, utc(2026, 10, 24, 12), 2) == [
        (date(2026, 10, 25), utc(2026, 10, 25, 0, 30)),
        (date(2026, 10, 26), utc(2026, 10, 26, 1, 30)),
    ]
    # In the hour that comes again, the day has had its digest.
    assert schedule.after(utc(2026, 10, 25, 1, 0))[0] == date(2026, 10, 26)
    assert schedule.last(utc(2026, 10, 25, 1, 45)) == (
        date(2026, 10, 25),
        utc(2026, 10, 25, 0, 30),
    )


@pytest.mark.parametrize("zone", ["America/Havana", "Asia/Beirut", "Africa/Cairo"])
def test_a_midnight_that_does_not_exist_has_its_digest_on_its_own_day(zone):
    schedule = Schedule(zone=zone, hour=0, minute=0)
    days = [day for day, _ in moments(schedule, utc(2026, 1, 1), 365)]
    assert days == [date(2026, 1, 2) + timedelta(days=n) for n in range(365)] or days == [
        date(2026, 1, 1) + timedelta(days=n) for n in range(365)
    ]
    for day, moment in moments(schedule, utc(2026, 1, 1), 365):
        assert moment.astimezone(schedule.clock).date() == day


def test_a_leap_day_has_a_digest():
    schedule = Schedule(zone="UTC", hour=18)
    assert [day for day, _ in moments(schedule, utc(2028, 2, 28, 12), 3)] == [
        date(2028, 2, 28),
        date(2028, 2, 29),
        date(2028, 3, 1),
    ]


def test_a_day_that_a_zone_left_out_has_none():
    schedule = Schedule(zone="Pacific/Apia", hour=9)
    days = [day for day, _ in moments(schedule, utc(2011, 12, 29, 0), 3)]
    assert days == [date(2011, 12, 29), date(2011, 12, 31), date(2012, 1, 1)]


def test_a_time_that_ends_on_the_next_day_is_still_its_days():
    schedule = Schedule(zone="America/Nuuk", days=(5,), hour=23, minute=30)
    found = moments(schedule, utc(2026, 3, 20), 3)
    assert [day for day, _ in found] == [date(2026, 3, 21), date(2026, 3, 28), date(2026, 4, 4)]


def test_only_on_its_days():
    schedule = Schedule(days=(4, 0), hour=8)
    assert schedule.days == (0, 4)
    assert [day.weekday() for day, _ in moments(schedule, utc(2026, 11, 24), 4)] == [4, 0, 4, 0]
    assert schedule.last(utc(2026, 11, 24, 7))[0] == date(2026, 11, 23)


def test_a_moment_is_due_exactly_then():
    schedule = Schedule(hour=18)
    due = utc(2026, 11, 24, 18)
    assert schedule.last(due) == (date(2026, 11, 24), due)
    assert schedule.after(due) == (date(2026, 11, 25), utc(2026, 11, 25, 18))
    assert schedule.after(due - timedelta(microseconds=1)) == (date(2026, 11, 24), due)


def test_a_weekly_digest_has_one_day():
    assert Schedule(every=Every.WEEK, days=(2,)).span == timedelta(days=7)
    with pytest.raises(ValidationError):
        Schedule(every=Every.WEEK, days=(2, 3))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("every day", (0, 1, 2, 3, 4, 5, 6)),
        ("täglich", (0, 1, 2, 3, 4, 5, 6)),
        ("Weekdays", (0, 1, 2, 3, 4)),
        ("Mon, Thu", (0, 3)),
        ("mo mi fr", (0, 2, 4)),
        ("Tuesday and saturday", (1, 5)),
        ("Donnerstag", (3,)),
        ("werktags", (0, 1, 2, 3, 4)),
        ("every Monday", (0,)),
        ("jeden Montag und Freitag", (0, 4)),
        ("each day", (0, 1, 2, 3, 4, 5, 6)),
        ("jeden Tag", (0, 1, 2, 3, 4, 5, 6)),
        ("Mon-Fri", (0, 1, 2, 3, 4)),
        ("Mo–Mi, Sa", (0, 1, 2, 5)),
        ("fri to mon", (0, 4, 5, 6)),
        ("Do bis Sa", (3, 4, 5)),
    ],
)
def test_days_as_people_write_them(text, days):
    assert parse_days(text) == days


@pytest.mark.parametrize("text", ["", "someday", "m", "Mon Blursday", "  ,, ", "Mon -"])
def test_what_is_no_day_is_told_in_one_line(text):
    with pytest.raises(InputError) as error:
        parse_days(text)
    assert "\n" not in str(error.value)
    assert "Mon" in str(error.value)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("18:00", (18, 0)),
        ("6pm", (18, 0)),
        ("12am", (0, 0)),
        ("12 pm", (12, 0)),
        ("7.30", (7, 30)),
        ("18h30", (18, 30)),
        ("18 Uhr", (18, 0)),
        (" 9 ", (9, 0)),
        ("00:00", (0, 0)),
    ],
)
def test_times_as_people_write_them(text, clock):
    assert parse_clock(text) == clock


@pytest.mark.parametrize("text", ["24:00", "18:60", "13pm", "0am", "noon", "", "1:2", "９:00"])
def test_what_is_no_time_is_told_in_one_line(text):
    with pytest.raises(InputError, match="18:00"):
        parse_clock(text)


@pytest.mark.parametrize(
    "name",
    [
        "Mars/Base",
        "localtime",
        "posix/Europe/Berlin",
        "",
        "../../etc/passwd",
        "Europe",
        "a\nb",
        "x" * 500,
    ],
)
def test_what_is_no_zone_is_told_in_one_line(name):
    with pytest.raises(InputError) as error:
        known_zone(name)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 150
