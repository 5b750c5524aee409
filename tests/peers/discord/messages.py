"""Messages, whom they mention, and the log of a place. Knows nothing of HTTP, and of events nothing
either.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.peers.discord.permissions import P
from tests.peers.discord.state import User, user_of

if TYPE_CHECKING:
    from tests.peers.discord.guilds import Member, Role
    from tests.peers.discord.interactions import Interaction
    from tests.peers.discord.places import Place, Thread

# Message > Message Types
DEFAULT = 0
THREAD_CREATED = 18
REPLY = 19
CHAT_INPUT_COMMAND = 20
THREAD_STARTER_MESSAGE = 21
CONTEXT_MENU_COMMAND = 23

# Message > Message Flags
SUPPRESS_EMBEDS = 1 << 2
HAS_THREAD = 1 << 5
EPHEMERAL = 1 << 6
LOADING = 1 << 7
SUPPRESS_NOTIFICATIONS = 1 << 12
IS_VOICE_MESSAGE = 1 << 13
IS_COMPONENTS_V2 = 1 << 15

# Nobody is mentioned inside code.
_CODE = re.compile(r"```.*?```|``.*?``|`[^`\n]*`", re.DOTALL)
_USER = re.compile(r"<@!?(\d{1,20})>")
_ROLE = re.compile(r"<@&(\d{1,20})>")


@dataclass(frozen=True)
class Mentions:
    """Whom a message mentions, after `allowed_mentions`."""

    users: tuple[User, ...] = ()
    roles: tuple[Role, ...] = ()
    everyone: bool = False


@dataclass(eq=False, slots=True)
class Message:
    """A message as it is now. Embeds, components and attachments are as in the API's JSON."""

    id: int
    place: Place
    author: User
    content: str
    at: datetime
    type: int = DEFAULT
    flags: int = 0
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    edited_at: datetime | None = None
    reply_to: Message | None = None
    nonce: str | int | None = None
    interaction: Interaction | None = None
    mentions: Mentions = Mentions()
    pings: Mentions = Mentions()
    only_for: User | None = None
    deleted: bool = False
    thread: Thread | None = None
    reactions: list[str] = field(default_factory=list)

    @property
    def pinged(self) -> frozenset[User]:
        """Who was notified by it. An edit notifies nobody; whom it mentions is in `mentions`."""
        return frozenset(_pinged(self))

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    @property
    def loading(self) -> bool:
        """Whether it says only that the bot is thinking."""
        return bool(self.flags & LOADING)

    @property
    def text(self) -> str:
        """All its words: the content, then the titles, descriptions, fields and footers of its
        embeds.
        """
        words = [self.content]
        for embed in self.embeds:
            words += [embed.get("author", {}).get("name", ""), embed.get("title", "")]
            words.append(embed.get("description", ""))
            for one in embed.get("fields", []):
                words += [one["name"], one["value"]]
            words.append(embed.get("footer", {}).get("text", ""))
        words += [part["content"] for part in walk(self.components) if part.get("type") == 10]
        return "\n".join(word for word in words if word)

    @property
    def buttons(self) -> list[dict[str, Any]]:
        return [part for part in walk(self.components) if part.get("type") == 2]

    def visible_to(self, somebody: User | Member) -> bool:
        """Whether this person can read it now (as history, so READ_MESSAGE_HISTORY counts)."""
        user = user_of(somebody)
        if self.deleted:
            return False
        if self.only_for is not None:
            return user is self.only_for
        return self.place.readable_by(user)

    def __repr__(self) -> str:
        return f"<Message {self.id} by {self.author.name}: {self.content[:40]!r}>"


def walk(components: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """All components, the nested ones after their parents."""
    for part in components:
        yield part
        yield from walk(part.get("components", []))
        for one in ("accessory", "component"):
            if isinstance(part.get(one), dict):
                yield from walk([part[one]])


def _pinged(message: Message) -> Iterable[User]:
    pings, guild = message.pings, message.place.guild
    named = set(pings.users)
    if guild is not None:
        members = guild.members.values()
        named |= {m.user for m in members if pings.everyone or set(m.roles) & set(pings.roles)}
    for user in named:
        only = message.only_for
        seen = message.place.visible_to(user) if only is None else user is only
        if seen and user is not message.author:
            yield user


def mentions_in(
    place: Place,
    content: str,
    permissions: int,
    *,
    allowed: dict[str, Any] | None,
    regular: bool = True,
    reply_to: Message | None = None,
) -> Mentions:
    """Whom `content` mentions (Message > Allowed Mentions Object).

    `permissions` are the sender's in the place. `regular` False is for interactions and webhooks,
    which parse only
    users where `allowed_mentions` is left out.
    """
    if allowed is None:
        allowed = {"parse": ["users", "roles", "everyone"] if regular else ["users"]}
        allowed["replied_user"] = True
    parse = allowed.get("parse") or []
    words = _CODE.sub(" ", content)
    users = [
        place.world.users[i]
        for i in map(int, dict.fromkeys(_USER.findall(words)))
        if i in place.world.users and _lets(allowed, parse, "users", i)
    ]
    if reply_to is not None and allowed.get("replied_user") and reply_to.author not in users:
        users.append(reply_to.author)
    everyone = "everyone" in parse and bool(permissions & P.MENTION_EVERYONE)
    everyone = everyone and ("@everyone" in words or "@here" in words)
    return Mentions(tuple(users), _roles(place, words, permissions, allowed), everyone)


def _roles(place: Place, words: str, permissions: int, allowed: dict[str, Any]) -> tuple[Role, ...]:
    if place.guild is None:
        return ()
    parse = allowed.get("parse") or []
    found = []
    for role_id in map(int, dict.fromkeys(_ROLE.findall(words))):
        role = place.guild.roles.get(role_id)
        if role is None or not _lets(allowed, parse, "roles", role_id):
            continue
        if role.mentionable or permissions & P.MENTION_EVERYONE:
            found.append(role)
    return tuple(found)


def _lets(allowed: dict[str, Any], parse: list[str], kind: str, entity_id: int) -> bool:
    return kind in parse or str(entity_id) in {str(i) for i in allowed.get(kind) or []}


class Log:
    """The messages of a place by id, oldest first."""

    def __init__(self) -> None:
        self._ids: list[int] = []
        self._by_id: dict[int, Message] = {}

    def add(self, message: Message) -> None:
        if not self._ids or message.id > self._ids[-1]:
            self._ids.append(message.id)
        else:
            insort(self._ids, message.id)
        self._by_id[message.id] = message

    def remove(self, message_id: int) -> Message | None:
        message = self._by_id.pop(message_id, None)
        if message is not None:
            del self._ids[bisect_left(self._ids, message_id)]
        return message

    def get(self, message_id: int) -> Message | None:
        return self._by_id.get(message_id)

    def all(self) -> list[Message]:
        return [self._by_id[i] for i in self._ids]

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def last_id(self) -> int | None:
        return self._ids[-1] if self._ids else None

    def page(
        self, limit: int, *, before: int | None, after: int | None, around: int | None
    ) -> list[Message]:
        """At most `limit` messages, newest first (Message > Get Channel Messages)."""
        ids = self._ids
        if around is not None:
            middle = bisect_left(ids, around)
            start = max(0, middle - limit // 2)
            chosen = ids[start : start + limit]
        elif after is not None:
            start = bisect_left(ids, after + 1)
            chosen = ids[start : start + limit]
        else:
            end = len(ids) if before is None else bisect_left(ids, before)
            chosen = ids[max(0, end - limit) : end]
        return [self._by_id[i] for i in reversed(chosen)]
