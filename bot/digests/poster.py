"""What digests need of a chat platform, beside `bot.platform.ChatPlatform`. Knows no platform."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.digests.view import DigestView
from bot.platform import Refusal
from precis.ask import AskRequest, Place
from precis.conversation import Message
from precis.digest import Target

OnPosted = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who uses `/digest`, as the platform vouches for it at that moment."""

    server: str
    person: str
    manager: bool
    """Whether they may subscribe channels, and change what others subscribed to."""
    roles: tuple[str, ...] = ()


class UnwritableError(Exception):
    """The bot can't write to a target: it is gone, or closed to the bot."""


class Poster(Protocol):
    """A platform, as digests see it. Each method may raise PlatformDownError."""

    async def places(self, server: str, channel: str, since: datetime) -> Sequence[Place]:
        """A channel, and those of its threads that are places of their own, with messages since.

        Public threads that the bot can read, archived ones too. The channel comes first, whether it
        has messages or not. Empty where the channel is gone or can't be seen.
        """

    async def as_now(self, request: AskRequest, message: Message) -> Message | None:
        """A message of the place that `request` is of, as it is now; None where it is gone or says
        nothing.
        """

    async def bot_refusal(self, server: str, place: str) -> Refusal | None:
        """Why the bot can't read a place and its history, as of now."""

    async def reader_refusal(self, server: str, place: str, person: str) -> Refusal | None:
        """Why a person, or the bot, can't read a place and its history, as of now."""

    async def may_ask(self, server: str, person: str, roles: Collection[str]) -> bool:
        """Whether somebody has one of a server's roles, or manages it, as of now."""

    async def all_may_read(self, server: str, source: str, target: str) -> bool:
        """Whether everybody who reads the channel `target` can read the channel `source` too, with
        its history, as far as that can be known, as of now.
        """

    async def may_write(self, server: str, target: Target) -> bool:
        """Whether the bot may write to a target, as of now. True for people who can't be asked."""

    async def post(
        self,
        server: str,
        target: Target,
        view: DigestView,
        posted: Sequence[str],
        on_posted: OnPosted,
    ) -> None:
        """Show a digest, once for its key, and tell `on_posted` of each message, in order.

        Shown again after a fault, or by another process, it goes on after the messages in `posted`;
        one that was posted and not noted is found, as far as the platform lets it. Nobody is
        pinged. Raises UnwritableError.
        """

    async def tell(self, server: str, person: str, text: str, key: str) -> None:
        """Say a line of the bot's own to one person, in direct messages, once for its key.

        Raises UnwritableError.
        """

    async def place(self, server: str, place: str) -> str:
        """A channel or thread, as it is shown in the bot's own texts; pings nobody."""
