"""Texts that say how many: in the singular and the plural."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Counted:
    """A text with a number, `{count}`; filled in as a string is.

    For languages that say one thing of exactly one, and another of all else, as English and
    German do. One that doesn't brings a class of its own.
    """

    one: str
    other: str

    def format(self, *, count: int, **others: Any) -> str:
        return (self.one if count == 1 else self.other).format(count=count, **others)
