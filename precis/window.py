"""Windows: which messages of a channel are asked for, and how people write that.

`--since 2h --until 14:00`, `--last 200`, `--thread ID`. Messages pass through a `Selection` one at
a time, so that a window of any source can be taken in bounded memory. Knows nothing of sources.
"""

import re
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Self

from pydantic import Field, model_validator

from precis.conversation import Identifier, Message, UtcTime
from precis.errors import InputError
from precis.frozen import Frozen

_AGO = re.compile(r"(?:[0-9]{1,9}[wdhms])+", re.ASCII)
_AGO_PART = re.compile(r"([0-9]+)([wdhms])", re.ASCII)
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?", re.ASCII)
_SHOWN = 40


class Window(Frozen):
    """What is asked for; both ends are included."""

    since: UtcTime | None = None
    until: UtcTime | None = None
    last: int | None = Field(default=None, ge=1)
    """The latest N of the messages that the other conditions leave."""
    thread: Identifier | None = None
    """A thread's id; where the source has no threads, the id of a message, for its replies."""

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise ValueError("since is later than until")
        return self

    @property
    def needs_times(self) -> bool:
        return self.since is not None or self.until is not None


def parse_window(
    *,
    since: str | None = None,
    until: str | None = None,
    last: int | None = None,
    thread: str | None = None,
    now: datetime | None = None,
    zone: tzinfo = UTC,
) -> Window:
    """A window of what somebody typed; InputError says in one line what is wrong with it."""
    now = now or datetime.now(UTC)
    start = parse_moment(since, now=now, zone=zone, option="--since") if since is not None else None
    end = None
    if until is not None:
        end = parse_moment(until, now=now, zone=zone, end=True, option="--until")
    if start and end and start > end:
        raise InputError(
            f"--since ({_readable(start)}) is later than --until ({_readable(end)}); swap them"
        )
    if last is not None and last < 1:
        raise InputError(f"--last {last}: ask for 1 message or more")
    thread = thread.strip() if thread is not None else None
    if thread is not None and not 1 <= len(thread) <= 200:
        raise InputError("--thread: give the id of a thread or of a message")
    return Window(since=start, until=end, last=last, thread=thread)


def parse_moment(
    text: str,
    *,
    now: datetime,
    zone: tzinfo = UTC,
    end: bool = False,
    option: str = "time",
) -> datetime:
    """The moment that `text` names, in UTC.

    `2h`, `1d12h`: that long before `now`. `today`, `yesterday`, `2026-01-31`: the beginning of that
    day in `zone`, or, for the `end` of a window, its last microsecond. `14:00`: the last time that
    a clock in `zone` showed it; for an `end`, today. `2026-01-31 14:00`, `2026-01-31T14:00Z`.
    """
    wanted = text.strip()
    local = now.astimezone(zone)
    try:
        if wanted.lower() == "now":
            return now.astimezone(UTC)
        if _AGO.fullmatch(wanted.lower()):
            return (now - _duration(wanted.lower())).astimezone(UTC)
        if wanted.lower() in ("today", "yesterday"):
            days_back = 1 if wanted.lower() == "yesterday" else 0
            return _day(local - timedelta(days=days_back), zone, end=end)
        if _DATE.fullmatch(wanted):
            return _day(datetime.fromisoformat(wanted), zone, end=end)
        if clock := _CLOCK.fullmatch(wanted):
            return _clock(clock, local, zone, end=end)
        if _DATE.match(wanted) and len(wanted) > len("2026-01-31"):
            moment = datetime.fromisoformat(wanted)
            return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # a date that no calendar has: said below
    shown = "".join(c for c in wanted[:_SHOWN] if c.isprintable())
    raise InputError(
        f"{option} {shown!r}: not a time; "
        "write 2h, 3d, yesterday, 14:00, 2026-01-31 or '2026-01-31 14:00'"
    )


def _duration(text: str) -> timedelta:
    return sum(
        (timedelta(**{_UNITS[unit]: int(count)}) for count, unit in _AGO_PART.findall(text)),
        timedelta(),
    )


def _day(day: datetime, zone: tzinfo, *, end: bool) -> datetime:
    # Midnight to midnight on the wall clock: the day that clocks change has 23 or 25 hours.
    if end:
        after = datetime.combine(day.date() + timedelta(days=1), time(), zone)
        return after.astimezone(UTC) - timedelta(microseconds=1)
    return datetime.combine(day.date(), time(), zone).astimezone(UTC)


def _clock(clock: re.Match[str], local: datetime, zone: tzinfo, *, end: bool) -> datetime:
    hour, minute, second = (int(part or 0) for part in clock.groups())
    moment = datetime.combine(local.date(), time(hour, minute, second), zone)
    if not end and moment > local:
        moment = datetime.combine(local.date() - timedelta(days=1), moment.time(), zone)
    return moment.astimezone(UTC)


def _readable(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


class Selection:
    """Decides message by message, in the order of the source, what a window takes.

    `last` isn't decided here: only who sees the end of the source can.
    """

    def __init__(self, window: Window) -> None:
        self._window = window
        self._chain = {window.thread} if window.thread else set()

    def takes(self, message: Message) -> bool:
        # The thread first, and always: a reply chain goes on through a message that is too old.
        return self._in_thread(message) and self._in_time(message)

    def _in_time(self, message: Message) -> bool:
        sent, window = message.time, self._window
        if not window.needs_times:
            return True
        if sent is None:
            return False
        return (window.since is None or sent >= window.since) and (
            window.until is None or sent <= window.until
        )

    def _in_thread(self, message: Message) -> bool:
        wanted = self._window.thread
        if wanted is None or wanted in (message.thread, message.id):
            return True
        if message.thread is None and message.reply_to in self._chain:
            self._chain.add(message.id)
            return True
        return False
