"""What is shown in a message, and what may keep it from being shown. Knows no use case."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from slack_sdk.errors import SlackApiError

from bot.slack.api import code_of
from bot.slack.outages import GONE, PASSING

Held = TypeVar("Held")

QUIETLY: dict[str, Any] = {"parse": "none", "link_names": False}
"""Nothing in a text is made a link or a mention that wasn't written as one."""
MISTAKEN = frozenset(
    {
        "invalid_arguments",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "metadata_must_be_sent_from_app",
        "metadata_too_large",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "unknown_method",
    }
)
"""Slack's codes for messages that are wrong wherever they are sent: bugs."""
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Content:
    """What a message holds; `text` alone, or as what notifications say in the place of blocks."""

    text: str
    blocks: list[dict[str, Any]] | None = None
    alone: list[dict[str, Any]] | None = None
    """The blocks where there is nobody else: in direct messages."""


class Cell(Generic[Held]):
    """Remembers something of each of the latest asks."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Held] = OrderedDict()

    def get(self, key: str) -> Held | None:
        return self._held.get(key)

    def put(self, key: str, value: Held) -> None:
        self._held[key] = value
        self._held.move_to_end(key)
        while len(self._held) > MOST_REMEMBERED:
            self._held.popitem(last=False)

    def drop(self, key: str) -> None:
        self._held.pop(key, None)


def barred(error: SlackApiError) -> bool:
    """Whether the bot may not write there, or not to that person; there may be another way."""
    code = code_of(error)
    return bool(code) and code not in PASSING | GONE | MISTAKEN
