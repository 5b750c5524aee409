"""The one family of errors whose message is meant for the person who uses Précis.

A message says in one line what is wrong and what to do. It never holds chat text or a secret.
Every other exception is a bug, and may show as a traceback in a log but never in a chat.
"""

from typing import Literal

_UNCLEAR = {
    "days": "days: name some, such as “Mon Wed Fri”, “weekdays” or “every day”",
    "day": "days: {typed} is no day; write “Mon Wed Fri”",
    "time": "time: {typed} is no time of day; write “18:00” or “6pm”",
    "zone": "zone: {typed} is no time zone; write one such as Europe/Berlin",
}


class PrecisError(Exception):
    """Something the user can understand and act on."""

    exit_code = 1


class InputError(PrecisError):
    """What the user gave (a file, an option, a setting) can't be used as it is."""

    exit_code = 2


class UnclearScheduleError(InputError, ValueError):
    """What is meant to be days, a day, a time of day or a time zone, and is none.

    `field` says which, and `typed` what was written, quoted: so it can be said in other languages.
    """

    def __init__(self, field: Literal["days", "day", "time", "zone"], typed: str) -> None:
        super().__init__(_UNCLEAR[field].format(typed=typed))
        self.field = field
        self.typed = typed


class SettingsError(InputError):
    """A `PRECIS_*` variable or a line of `precis.toml` is wrong."""


class StoreError(PrecisError):
    """The database can't be reached or used."""


class UnansweredError(StoreError):
    """The database doesn't answer in time; what was asked of it may be done all the same."""


class PurgedError(StoreError):
    """What is asked for was stored once, and is removed."""


class DamagedError(PrecisError):
    """Something that is stored can't be read as what it was stored as."""


class QueueError(PrecisError):
    """The broker can't be reached or used."""


class ModelError(PrecisError):
    """A model, an adapter or a tokenizer can't be loaded."""
