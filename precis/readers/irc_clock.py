"""From the clock of an IRC log, which knows no day, to moments. Knows nothing of lines and files.

The order of the log is the truth: a moment is never before the one that came before it.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

_HALF_DAY = timedelta(hours=12)
_JITTER = timedelta(hours=2)
"""A clock set back (winter time, a correction); a larger step back is a new day."""


class LogClock:
    """Follows the clock of one log from line to line.

    Some of Ubuntu's logs show a 12-hour clock without a.m. and p.m.: 12:59 is followed by 01:00.
    As long as no hour is 0 or over 12, a step back is taken for that, and is half a day.
    """

    def __init__(self, first_day: date, zone: tzinfo) -> None:
        self._zero = datetime.combine(first_day, time())
        """What the clock counts from: a midnight or, on a 12-hour clock, a noon."""
        self._zone = zone
        self._shown: datetime | None = None
        self._latest: datetime | None = None
        self._half_days = True

    def begin(self, day: date) -> None:
        """The log names its day."""
        self._zero = datetime.combine(day, time())
        self._shown = None

    def moment(self, clock: time, day: date | None = None) -> datetime:
        """The moment, in UTC, when the log's clock showed this; OverflowError after 9999."""
        if day is not None:
            self.begin(day)
        if self._half_days and (clock.hour == 0 or clock.hour > 12):
            self._half_days = False
            if self._zero.hour:
                self._zero += _HALF_DAY  # the step back was a night without a word
        shown = self._zero + timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)
        if self._shown is not None and shown < self._shown - _JITTER:
            step = _HALF_DAY if self._half_days else 2 * _HALF_DAY
            self._zero += step
            shown += step
        self._shown = max(shown, self._shown or shown)
        moment = shown.replace(tzinfo=self._zone).astimezone(UTC)
        self._latest = max(moment, self._latest or moment)
        return self._latest
