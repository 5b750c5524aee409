"""What the use cases need of a chat platform, and how they say what is to be shown.

An adapter (`bot.discord`, …) implements `ChatPlatform`. Knows no platform.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from precis.ask import Ask, AskRequest
from precis.conversation import Message
from precis.job import Style, SummarySentence


class Refusal(StrEnum):
    """Why a summary may not be made or shown; each is the name of a text."""

    PERSON_CANNOT_VIEW = "person_cannot_view"
    PERSON_CANNOT_READ_HISTORY = "person_cannot_read_history"
    BOT_CANNOT_VIEW = "bot_cannot_view"
    BOT_CANNOT_READ_HISTORY = "bot_cannot_read_history"
    BOT_CANNOT_CONNECT = "bot_cannot_connect"
    BOT_NOT_IN_THREAD = "bot_not_in_thread"
    BOT_NOT_INVITED = "bot_not_invited"
    CHANNEL_GONE = "channel_gone"
    DIRECT_MESSAGES = "direct_messages"
    NEVER_READ = "never_read"


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """The channel or thread that is read."""

    name: str
    """As people see it; may hold anything, so adapters escape it."""
    shown: str
    """What stands for it in the bot's own texts: escaped, or a reference that pings nobody."""
    within: tuple[str, ...]
    """Ids: its own, and of the channel and the category above it."""
    parent: str | None = None
    """The id of the channel that a thread is in."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A summary to be shown; all of it is untrusted text, for adapters to escape."""

    ask_id: str
    job_id: str
    place: str
    """Name of what was summarised."""
    style: Style
    sentences: tuple[SummarySentence, ...]
    messages: int
    first_time: datetime | None
    last_time: datetime | None
    model: str
    adapter: str | None
    language: str
    private: bool
    notes: tuple[str, ...] = ()
    """In the bot's own words."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as the platform has it now."""

    id: str
    author_id: str | None
    """Who wrote it; None for the platform's own lines, such as of somebody who joined."""
    time: datetime
    message: Message | None
    """As plain text; None for one that says nothing: by a bot, by the system, a command."""
    thread: str | None = None
    """The thread that it is a reply in, where that is a place of its own beside its channel."""


class PlatformDownError(Exception):
    """The platform doesn't answer just now; trying again may help."""


class UnreachableError(Exception):
    """Who asked can't be reached, and the channel can't be written to."""


OnPosted = Callable[[str], Awaitable[None]]


class ChatPlatform(Protocol):
    """A platform, as the use cases see it. Each method may raise PlatformDownError."""

    name: str
    """As the store's `platform`, and a conversation's source."""

    async def source(self, request: AskRequest) -> SourceInfo | Refusal:
        """What is to be read, if it is there."""

    async def refusal(self, request: AskRequest, *, again: bool = False) -> Refusal | None:
        """Why who asked, or the bot, can't read the source and its history, as of now.

        `again`: what their question brought along of them may be out of date.
        """

    async def audience_fits(self, request: AskRequest) -> bool:
        """Whether everybody who reads `place` can read the source too, as of now."""

    def history(self, request: AskRequest) -> AsyncIterator[Heard]:
        """The source's messages, latest first, down to about where the request's window begins."""

    async def say(self, request: AskRequest, text: str, *, final: bool = False) -> None:
        """Show a line where the answer will be, in the bot's own words.

        `final`: there will be no other, so who can't be shown it any more is sent it.
        """

    async def answer(self, ask: Ask, answer: Answer, posted: OnPosted) -> None:
        """Show the answer, and tell `posted` of each message that holds a part of it.

        Shown again after a fault halfway, it goes on after the parts in `ask.posted`. Raises
        UnreachableError.
        """

    async def withdraw(self, request: AskRequest, text: str, *, posted: Sequence[str] = ()) -> None:
        """Take away what a public answer would have been, and tell who asked alone.

        `posted`: messages that hold parts of it already, as `answer` told of them.
        """

    async def still_there(self, server: str, place: str | None = None) -> bool | None:
        """Whether the bot is in a server; if `place` is given, whether that is still there.

        None: that can't be known just now. What is True need not be readable.
        """
