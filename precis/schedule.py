"""When digests are due: days of the week at a local time, and how people write that.

Pure. The local time of a day is one moment: a time that doesn't exist (clocks go forward) is as
much later, one that exists twice (clocks go back) is the first of both (PEP 495, fold 0).
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache, cached_property
from importlib.resources import files
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from precis.errors import UnclearScheduleError
from precis.frozen import Frozen

A_DAY = timedelta(days=1)


class Every(StrEnum):
    DAY = "day"
    WEEK = "week"


class Schedule(Frozen):
    """Days and time of a place's clock."""

    every: Every = Every.DAY
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    """Of the week, 0 for Monday; a weekly digest has one."""
    hour: int = Field(default=18, ge=0, le=23)
    minute: int = Field(default=0, ge=0, le=59)
    zone: str = "UTC"
    """An IANA name."""

    @field_validator("days")
    @classmethod
    def _days(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if not days or not set(days) <= set(range(7)):
            raise ValueError("days of the week are 0 to 6")
        return tuple(sorted(set(days)))

    @field_validator("zone")
    @classmethod
    def _zone(cls, name: str) -> str:
        return known_zone(name)

    @model_validator(mode="after")
    def _one_day_a_week(self) -> "Schedule":
        if self.every is Every.WEEK and len(self.days) != 1:
            raise ValueError("a weekly digest has one day")
        return self

    @cached_property
    def clock(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def time(self) -> str:
        """Of day, as `18:00`."""
        return f"{self.hour:02}:{self.minute:02}"

    @property
    def span(self) -> timedelta:
        """What the first digest looks back."""
        return timedelta(days=7 if self.every is Every.WEEK else 1)

    def moment(self, day: date) -> datetime | None:
        """When `day`'s digest is due, in UTC; None for a day that has none, or doesn't exist."""
        if day.weekday() not in self.days:
            return None
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=self.clock).astimezone(UTC)
        # A zone that crosses the date line leaves a day out.
        if noon.astimezone(self.clock).date() != day:
            return None
        local = datetime(day.year, day.month, day.day, self.hour, self.minute, tzinfo=self.clock)
        return local.astimezone(UTC)

    def after(self, moment: datetime) -> tuple[date, datetime]:
        """The first day whose digest is due after `moment`, and when that is."""
        return next(each for each in self._from(moment) if each[1] > moment)

    def last(self, moment: datetime) -> tuple[date, datetime]:
        """The last day whose digest was due at `moment` or before, and when that was."""
        day = moment.astimezone(self.clock).date() + A_DAY
        while True:
            due = self.moment(day)
            if due is not None and due <= moment:
                return day, due
            day -= A_DAY

    def _from(self, moment: datetime) -> Iterator[tuple[date, datetime]]:
        day = moment.astimezone(self.clock).date() - A_DAY
        while True:
            if (due := self.moment(day)) is not None:
                yield day, due
            day += A_DAY


_WORD = re.compile(r"\w+|[-–—]")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2})?)?\s*(am|pm|uhr|h)?", re.ASCII | re.IGNORECASE)
_ALL = frozenset({"all", "everyday", "daily", "alle", "täglich"})
_EACH = frozenset({"every", "each", "jeden", "jede", "day", "days", "tag", "tage"})
"""All days where none is named, and nothing beside one that is."""
_BESIDE = frozenset({"and", "und", "on", "am"})
_TO = frozenset({"-", "–", "—", "to", "bis", "through"})
_WORKING = frozenset({"weekday", "weekdays", "werktag", "werktags", "werktage"})
_DAYS = (
    ("monday", "montag"),
    ("tuesday", "dienstag"),
    ("wednesday", "mittwoch"),
    ("thursday", "donnerstag"),
    ("friday", "freitag"),
    ("saturday", "samstag"),
    ("sunday", "sonntag"),
)
_SHOWN = 40


def parse_days(text: str) -> tuple[int, ...]:
    """Days of the week as people write them: `every day`, `weekdays`, `Mon, Thu`, `Mo Mi Fr`.

    Raises UnclearScheduleError.
    """
    days: set[int] = set()
    words = _WORD.findall(text.casefold())
    last, reaches = None, False
    for word in words:
        if word in _ALL:
            days |= set(range(7))
        elif word in _WORKING:
            days |= set(range(5))
        elif word in _TO and last is not None:
            reaches = True
        elif word not in _EACH and word not in _BESIDE:
            day = _day(word)
            first = last if reaches and last is not None else day
            days |= {each % 7 for each in range(first, day + 1 + 7 * (day < first))}
            last, reaches = day, False
    if not days and _EACH & set(words):
        days = set(range(7))
    if not days or reaches:
        raise UnclearScheduleError("days", _readable(text))
    return tuple(sorted(days))


def parse_clock(text: str) -> tuple[int, int]:
    """Hour and minute of a time of day: `18:00`, `6pm`, `18h30`, `18 Uhr`.

    Raises UnclearScheduleError.
    """
    found = _CLOCK.fullmatch(text.strip())
    if found is not None:
        hour, minute = int(found[1]), int(found[2] or 0)
        half = (found[3] or "").casefold()
        if half in ("am", "pm"):
            hour = hour % 12 + (12 if half == "pm" else 0) if 1 <= hour <= 12 else 24
        if hour < 24 and minute < 60:
            return hour, minute
    raise UnclearScheduleError("time", _readable(text))


def known_zone(name: str) -> str:
    """An IANA time zone's name. Raises UnclearScheduleError, a ValueError too, for what is none."""
    name = name.strip()
    if name not in zones():
        raise UnclearScheduleError("zone", _readable(name))
    return name


def _day(word: str) -> int:
    found = [n for n, names in enumerate(_DAYS) if any(_short_for(word, day) for day in names)]
    if len(found) != 1:
        raise UnclearScheduleError("day", _readable(word))
    return found[0]


@cache
def zones() -> frozenset[str]:
    """IANA's, as tzdata lists them: a host may have others, which the next host lacks."""
    listed = files("tzdata").joinpath("zones").read_text(encoding="utf-8")
    return frozenset(listed.split())


def _short_for(word: str, day: str) -> bool:
    return len(word) >= 2 and day.startswith(word)


def _readable(text: str) -> str:
    shown = "".join(each if each.isprintable() else " " for each in text.strip())[:_SHOWN]
    return f"“{shown}”"
