"""How Slack's people, channels and messages are called in the store. Pure.

Slack's own ids, and the times that are its messages' ids, are unique within a workspace only; so
a person is named with their home workspace and a message with the one that the bot reads it in:
`T1/U1`, `T1/C1/1700000000.000100`. A place is a channel, or a thread in it:
`C1`, `C1:1700000000.000100`.
"""

import re
from datetime import UTC, datetime, timedelta

_TEAM = r"[TE][0-9A-Z]{1,30}"
_USER = r"[A-Z][0-9A-Z]{1,30}"
_CHANNEL = r"[A-Z][0-9A-Z]{1,30}"
_TS = r"[0-9]{1,11}\.[0-9]{6}"

_PERSON = re.compile(f"({_TEAM})/({_USER})")
_MESSAGE = re.compile(f"({_TEAM})/({_CHANNEL})/({_TS})")
_PLACE = re.compile(f"({_CHANNEL})(?::({_TS}))?")
_TIME = re.compile(_TS)


def person_id(team: str, user: str) -> str:
    """Of a user and their home workspace."""
    return f"{team}/{user}"


def message_id(team: str, channel: str, ts: str) -> str:
    return f"{team}/{channel}/{ts}"


def place_id(channel: str, thread_ts: str | None = None) -> str:
    """A channel, or the thread whose first message has that `ts`."""
    return f"{channel}:{thread_ts}" if thread_ts else channel


def split_person(person: str) -> tuple[str, str]:
    """Workspace and user; ValueError for what `person_id` doesn't make."""
    found = _PERSON.fullmatch(person)
    if not found:
        raise ValueError("not a Slack person's id")
    return found[1], found[2]


def split_message(message: str) -> tuple[str, str, str]:
    """Workspace, channel and `ts`; ValueError for what `message_id` doesn't make."""
    found = _MESSAGE.fullmatch(message)
    if not found:
        raise ValueError("not a Slack message's id")
    return found[1], found[2], found[3]


def split_place(place: str) -> tuple[str, str | None]:
    """Channel, and the thread's `ts`; ValueError for what `place_id` doesn't make."""
    found = _PLACE.fullmatch(place)
    if not found:
        raise ValueError("not a Slack place's id")
    return found[1], found[2]


def is_ts(text: str) -> bool:
    """Whether it is what Slack calls a message by: its time, to the microsecond."""
    return _TIME.fullmatch(text) is not None


def ts_time(ts: str) -> datetime:
    """When a message was written; ValueError for what isn't a `ts`."""
    if not is_ts(ts):
        raise ValueError("not a Slack message's time")
    seconds, _, micros = ts.partition(".")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
        seconds=int(seconds), microseconds=int(micros)
    )


def time_ts(time: datetime) -> str:
    """A moment as Slack's API takes it, such as for `oldest`; exact to the microsecond."""
    since = time - datetime(1970, 1, 1, tzinfo=UTC)
    micros = max(0, since // timedelta(microseconds=1))
    return f"{micros // 1_000_000}.{micros % 1_000_000:06}"
