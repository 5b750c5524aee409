"""What moderation needs of a chat platform, beside `bot.platform.ChatPlatform`. Knows no platform.

Text that an adapter is given in a `CardView` or a `Shown` is ready to be shown: the use cases made
it with the adapter's own `person`, `place`, `link` and `escaped`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from precis.moderation import Case


class Action(StrEnum):
    """What a button on a card does; also what its id says."""

    SHOW = "show"
    RELEASE = "release"
    KEEP = "keep"
    EDIT = "edit"
    DISMISS = "dismiss"
    REMOVE = "remove"
    TIME_OUT = "timeout"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Who:
    """Whoever clicked, and where: what else a click brings may be forged."""

    server: str
    person: str


@dataclass(frozen=True, slots=True)
class CardButton:
    """A button; its id holds the action, the card's id, and what of the card has been seen."""

    action: Action
    label: str
    danger: bool = False


@dataclass(frozen=True, slots=True)
class CardView:
    """A card as it is to be shown: it holds no chat text."""

    card_id: str
    seen: int
    title: str
    lines: tuple[str, ...]
    buttons: tuple[CardButton, ...]
    closed: bool
    """Whether all its cases are decided."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown to one moderator alone, such as the texts of a card."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the bot may do about a message, as of now."""

    remove: bool = False
    time_out: bool = False


class NoDeskError(Exception):
    """The moderators' channel is gone, or the bot may not write there."""


class RefusedError(Exception):
    """The bot may not do what a verdict asks of it."""


class Desk(Protocol):
    """A platform, as moderation sees it. Each method may raise PlatformDownError."""

    async def is_moderator(self, server: str, person: str, place: str | None) -> bool:
        """Whether somebody may decide on what was written in `place` (None: anywhere), as of now.

        By the platform's own permissions, and no cached ones; who the settings name is added by
        the use cases. False for people, places and servers that aren't there.
        """

    async def may_read(self, server: str, person: str, place: str) -> bool:
        """Whether somebody could read on the platform what was written in `place`, as of now.

        Moderating isn't reading: a private channel's texts are for who is in it.
        """

    async def abilities(self, case: Case) -> Abilities:
        """What the bot may do about a case's message and its author."""

    async def may_time_out(self, case: Case, person: str) -> bool:
        """Whether somebody may keep a case's author from writing, as of now.

        By the platform's own permissions and order of roles: nobody is to do by the bot's hand
        what they couldn't do by their own.
        """

    async def post(self, channel: str, card: CardView, server: str) -> str:
        """Show a card in a moderators' channel, once for its id; the message's id.

        Told again of a card whose message was posted and not noted, it finds that one, as far as
        the platform lets it. Raises NoDeskError.
        """

    async def update(self, channel: str, message: str, card: CardView, server: str) -> bool:
        """Show a card as it is now in the place of what is there; False if that is gone.

        Raises NoDeskError.
        """

    async def take_away(self, channel: str, message: str, server: str) -> None:
        """Delete a card's message, as far as it is there: it moved to another channel."""

    async def tell(self, channel: str, text: str, server: str, nonce: str) -> None:
        """Say a line of the bot's own in a moderators' channel. Raises NoDeskError."""

    async def remove(self, case: Case) -> None:
        """Delete a case's message; nothing if it is gone. Raises RefusedError."""

    async def time_out(self, case: Case, until: datetime) -> None:
        """Keep a case's author from writing until then. Raises RefusedError."""

    async def person(self, server: str, person: str) -> str:
        """Somebody, as shown in text: a mention that pings nobody, or their name, escaped."""

    async def place(self, server: str, place: str) -> str:
        """A channel or thread, as shown in text."""

    def link(self, permalink: str, label: str) -> str:
        """A link of the platform's own to a message; `label` is the bot's own words."""

    def moment(self, when: datetime) -> str:
        """A time, as each reader has it."""

    def escaped(self, text: str, limit: int) -> str:
        """Untrusted text as one harmless line of at most `limit` characters before escapes."""


def many(lines: Sequence[str]) -> str:
    """Lines as one text."""
    return "\n".join(lines)
