"""Messages, and the log of a conversation. Knows nothing of HTTP or of events."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.peers.slack.people import User
    from tests.peers.slack.places import Channel
    from tests.peers.slack.workspaces import Installation
    from tests.peers.slack.world import World

TOMBSTONE = "This message was deleted."


@cache
def micros(ts: str | float) -> int:
    """The microseconds of a ts or a Unix time; ValueError for what is neither."""
    seconds, _, fraction = str(ts).strip().partition(".")
    if not seconds.isascii() or not f"{seconds}{fraction}".isdigit() or len(fraction) > 6:
        raise ValueError(f"not a timestamp: {ts!r}")
    return int(seconds) * 1_000_000 + int(fraction.ljust(6, "0"))


def ts_of(microseconds: int) -> str:
    return f"{microseconds // 1_000_000}.{microseconds % 1_000_000:06d}"


@dataclass(eq=False)
class Message:
    """A message as it is now; blocks, attachments and files are as in the API's JSON.

    `text` is the field as sent (the fallback, where there are blocks); `shown` is what a person
    reads.
    """

    channel: Channel
    ts: str
    user: User | None
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    subtype: str | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    # Whose app posted it; None for people and for other apps.
    posted_by: Installation | None = None
    by_response_url: bool = False
    edited: tuple[str, str] | None = None  # user id, ts
    only_for: User | None = None
    deleted: bool = False
    metadata: dict[str, Any] | None = None
    client_msg_id: str | None = None
    bot_id: str | None = None
    username: str | None = None

    @property
    def world(self) -> World:
        return self.channel.world

    @property
    def ephemeral(self) -> bool:
        return self.only_for is not None

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(micros(self.ts) / 1_000_000, UTC)

    @property
    def id(self) -> str:
        """As in T1/C1/1700000000.000100, with the workspace that the channel is of."""
        return f"{self.channel.workspace.id}/{self.channel.id}/{self.ts}"

    @property
    def permalink(self) -> str:
        """docs.slack.dev/reference/methods/chat.getPermalink"""
        place = f"{self.channel.workspace.url}archives/{self.channel.id}"
        link = f"{place}/p{self.ts.replace('.', '')}"
        return f"{link}?thread_ts={self.thread_ts}&cid={self.channel.id}" if self.is_reply else link

    @property
    def shown(self) -> str:
        """All the words a person reads: those of the blocks, or the text where there are none."""
        words = list(words_of(self.blocks)) if self.blocks else [self.text]
        for attachment in self.attachments:
            words += [str(attachment[k]) for k in ("pretext", "title", "text") if k in attachment]
            words += words_of(attachment.get("blocks", []))
        return "\n".join(words)

    @property
    def elements(self) -> list[dict[str, Any]]:
        """All interactive elements, each with its block's id as `block_id`."""
        return list(elements_of(self.blocks))

    @property
    def buttons(self) -> list[dict[str, Any]]:
        return [element for element in self.elements if element["type"] == "button"]

    @property
    def replies(self) -> list[Message]:
        """The thread below this message, oldest first."""
        return list(self.channel.log.threads.get(self.ts, []))

    def visible_to(self, user: User) -> bool:
        if self.deleted or not self.channel.readable_by(user):
            return False
        return self.only_for is None or self.only_for is user

    def edit(self, text: str, blocks: list[dict[str, Any]] | None = None) -> None:
        """As its author does in Slack."""
        self.channel.change(self, text, blocks)

    def delete(self) -> None:
        """As its author does in Slack; with replies below it a tombstone stays."""
        self.channel.erase(self)

    def __repr__(self) -> str:
        who = self.user.name if self.user else self.username or self.bot_id
        return f"<Message {self.ts} by {who}: {(self.text or self.shown)[:40]!r}>"


def words_of(blocks: Iterable[Any]) -> Iterator[str]:
    """The texts in blocks, in reading order, without those of buttons, options, confirmations."""
    for block in blocks:
        if isinstance(block, dict):
            yield from _words(block)


def _words(part: dict[str, Any]) -> Iterator[str]:
    kind = part.get("type")
    if kind == "button":
        return
    if kind in {"mrkdwn", "plain_text", "markdown", "text"}:
        text = part.get("text")
        if isinstance(text, str):
            yield text
        return
    if kind in {"rich_text_section", "rich_text_preformatted", "rich_text_quote"}:
        yield "".join(_rich(element) for element in part.get("elements", []))
        return
    if kind == "image" and isinstance(part.get("alt_text"), str):
        yield part["alt_text"]
    for name in ("label", "title", "text", "fields", "elements", "accessory", "element", "hint"):
        inside = part.get(name)
        for one in inside if isinstance(inside, list) else [inside]:
            if isinstance(one, dict):
                yield from _words(one)


def _rich(element: dict[str, Any]) -> str:
    """A rich text element as people read it, mentions by their id."""
    names = {"user": "user_id", "channel": "channel_id", "usergroup": "usergroup_id"}
    kind = str(element.get("type"))
    if kind in names:
        return f"@{element.get(names[kind])}"
    if kind == "broadcast":
        return f"@{element.get('range')}"
    if kind == "emoji":
        return f":{element.get('name')}:"
    if kind == "link":
        return str(element.get("text") or element.get("url"))
    return str(element.get("text", ""))


def elements_of(blocks: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The interactive elements in blocks, each with its `block_id`."""
    for block in blocks:
        inside = [*block.get("elements", [])] if block.get("type") == "actions" else []
        inside += [block[name] for name in ("accessory", "element") if name in block]
        for element in inside:
            if "action_id" in element:
                yield {**element, "block_id": block.get("block_id", "")}


class Log:
    """The messages of a conversation that everybody sees, oldest first; and their threads."""

    def __init__(self) -> None:
        self.main: list[Message] = []  # what the channel shows: broadcasts too
        self.threads: dict[str, list[Message]] = {}
        self.by_ts: dict[str, Message] = {}

    def add(self, message: Message) -> None:
        self.by_ts[message.ts] = message
        if message.is_reply:
            assert message.thread_ts is not None
            insort(self.threads.setdefault(message.thread_ts, []), message, key=_key)
        if not message.is_reply or message.broadcast:
            insort(self.main, message, key=_key)

    def remove(self, message: Message) -> None:
        self.by_ts.pop(message.ts, None)
        for place in (self.main, self.threads.get(message.thread_ts or "", [])):
            if message in place:
                place.remove(message)
        if message.is_reply and not self.threads.get(message.thread_ts or ""):
            self.threads.pop(message.thread_ts or "", None)

    def all(self) -> list[Message]:
        return sorted(self.by_ts.values(), key=_key)

    def free(self, wanted: int) -> str:
        """The first ts from `wanted` microseconds on that no message has."""
        while ts_of(wanted) in self.by_ts:
            wanted += 1
        return ts_of(wanted)

    @property
    def last(self) -> int:
        """The microseconds of the newest message; 0 without any."""
        ends = [self.main[-1:], *(replies[-1:] for replies in self.threads.values())]
        return max((_key(message) for end in ends for message in end), default=0)


def between(
    messages: list[Message], oldest: int, latest: int | None, *, inclusive: bool
) -> list[Message]:
    """The part of a sorted list within a span of microseconds."""
    left, right = (bisect_left, bisect_right) if inclusive else (bisect_right, bisect_left)
    start = left(messages, oldest, key=_key)
    end = len(messages) if latest is None else right(messages, latest, key=_key)
    return messages[start:end]


def _key(message: Message) -> int:
    return micros(message.ts)
