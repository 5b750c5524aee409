"""A study group on a chat platform, as the scenarios need it: the same on each platform.

A `Stage` plays the people and shows what they see; `discord_stage` and `slack_stage` are the two
there are. Nothing of a platform is in the scenarios.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.services import wait_until

NAMES = ("Ana", "Ben", "Chen", "Dina", "Emil")


@dataclass(frozen=True)
class Line:
    """A line of a summary, with the messages that its links lead to."""

    text: str
    messages: tuple[Any, ...]


@dataclass(frozen=True)
class Told:
    """A summary as a person reads it, all its parts together."""

    title: str
    lines: tuple[Line, ...]
    covers: str
    """How many messages over which time, and notes."""
    first: datetime
    last: datetime
    model: str
    buttons: tuple[str, ...]


@dataclass(frozen=True)
class ShownDigest:
    """A digest as people read it."""

    title: str
    text: str
    """All the words, those in its thread too."""
    messages: tuple[Any, ...]


class Question(ABC):
    """Something that a person asked, and what they see of it."""

    person: Any
    place: Any
    private: bool

    @property
    @abstractmethod
    def delivered(self) -> bool:
        """Whether a bot was told of it: some platforms say at once that there is none."""

    @property
    @abstractmethod
    def acknowledged_after(self) -> float | None:
        """Seconds; None as long as the platform waits."""

    def acknowledged_in_time(self) -> bool:
        """Whether within the three seconds that platforms give. It waits for it: where an answer
        has a connection of its own, it may overtake the acknowledgement.
        """
        wait_until(lambda: self.acknowledged_after is not None, what="an acknowledgement")
        assert self.acknowledged_after is not None
        return self.acknowledged_after < 3

    @property
    @abstractmethod
    def text(self) -> str:
        """All the words that the person sees of it now."""

    @abstractmethod
    def told(self, seconds: float = 30.0) -> Told:
        """The summary, once it is there whole."""

    @abstractmethod
    def line(self, seconds: float = 30.0) -> str:
        """The one line that takes the place of a summary, once it is there."""

    @abstractmethod
    def expire(self) -> None:
        """The platform no longer takes an answer to it."""


class Stage(ABC):
    """A platform on loopback, and five people of a study group on it."""

    platform: str
    people: Sequence[Any]

    @abstractmethod
    def channel(self, name: str = "algebra") -> Any:
        """A channel that everybody and the bot are in."""

    @abstractmethod
    def thread(self) -> Any:
        """A thread in such a channel, begun by the second of the people, in which nothing is said
        yet but what it began with.
        """

    @abstractmethod
    def mention(self, person: Any) -> str:
        """As one writes it to notify a person."""

    @abstractmethod
    def name(self, place: Any) -> str:
        """What people call a channel or thread."""

    @abstractmethod
    def fill(
        self,
        place: Any,
        texts: Sequence[str],
        start: datetime | None = None,
        step: timedelta = timedelta(minutes=1),
    ) -> list[Any]:
        """The people say these in turn; the messages."""

    @abstractmethod
    def say(self, place: Any, person: Any, text: str) -> Any:
        """Somebody says something now; the message."""

    @abstractmethod
    def delete(self, message: Any) -> None:
        """Whoever said it takes it back."""

    @abstractmethod
    def edit(self, message: Any, text: str) -> None:
        """Whoever said it says it otherwise."""

    @abstractmethod
    def said(self, message: Any) -> tuple[str, str]:
        """Who said it, by name, and what."""

    @abstractmethod
    def ask(self, person: Any, place: Any, **options: Any) -> Question:
        """`/summarize` with `last`, `since`, `style`, `private`."""

    @abstractmethod
    def catch_up(self, person: Any, place: Any) -> Question:
        """`/catchup`."""

    @abstractmethod
    def ask_of_a_secret(self, person: Any) -> tuple[Question, Any]:
        """A question about a place that the bot can read and `person` can't; that place."""

    @abstractmethod
    def shut_out(self, person: Any, place: Any) -> None:
        """A person can no longer read a channel."""

    @abstractmethod
    def click(self, person: Any, question: Question, label: str) -> Any:
        """Click a button under an answer; the platform's own record of it."""

    @abstractmethod
    def seen(self, person: Any, place: Any) -> list[Told]:
        """The summaries that a person sees: in a channel and its threads, for them alone, and in
        their direct messages.
        """

    @property
    @abstractmethod
    def written(self) -> int:
        """How many requests of the bot's changed what anybody sees."""

    @abstractmethod
    def excuse(self, rule: str) -> None:
        """Let pass that the bot broke a rule of the platform's."""

    @abstractmethod
    def pinged(self) -> set[Any]:
        """Who was notified by anything that the bot ever wrote."""

    @abstractmethod
    def effects(self, text: str) -> list[str]:
        """What a line of the bot's would do beside being read: links, mentions, markup."""

    @abstractmethod
    def reads(self, place: Any) -> int:
        """How often the bot asked for messages of a channel."""

    @abstractmethod
    def hang_reading(self) -> Any:
        """Leave the bot waiting for messages until `.release()`; `.waiting` counts."""

    @abstractmethod
    def hang_answering(self, question: Question) -> Any:
        """Show what the bot shows, but leave it without word that it arrived."""

    @abstractmethod
    def limit_reading(self, place: Any, times: int, retry_after: float) -> None:
        """Refuse the next requests for messages with 429."""

    @abstractmethod
    def connection_lost(self) -> AbstractContextManager[None]:
        """The platform's connection to the bot is cut, and comes back in the end."""

    names_moderators: bool
    """Whether moderators are named in the settings: else the platform has a permission for it."""

    @property
    @abstractmethod
    def server_key(self) -> str:
        """The server's id, as the store has it."""

    @abstractmethod
    def place_key(self, place: Any) -> str:
        """A channel's or thread's, likewise."""

    @abstractmethod
    def person_key(self, person: Any) -> str:
        """A person's, likewise."""

    @abstractmethod
    def message_key(self, message: Any) -> str:
        """A message's, likewise."""

    @abstractmethod
    def moderators_channel(self, moderators: Sequence[Any]) -> Any:
        """A channel for these people and the bot alone; on this server they moderate."""

    @abstractmethod
    def cards(self, channel: Any) -> list[Any]:
        """The moderators' cards in a channel, each a `ShownCard`."""

    @abstractmethod
    def press(self, person: Any, card: Any, label: str, seconds: float = 30.0) -> str:
        """Press a button of a card; what the person is told, once they are."""

    @abstractmethod
    def digest(self, person: Any, place: Any, what: str, **options: Any) -> str:
        """`/digest` with `here`, `me`, `list`…, and `least`, `time`, `zone`, `channels`; what the
        person is told. The first of the people manages the server.
        """

    @abstractmethod
    def digests(self, place: Any) -> list[ShownDigest]:
        """The digests in a channel, in order."""

    @abstractmethod
    def direct(self, person: Any) -> list[str]:
        """What the bot wrote to a person alone, in direct messages, in order."""

    @abstractmethod
    def close_to_bot(self, place: Any) -> None:
        """The bot can no longer read a channel."""

    @abstractmethod
    def hang_posting(self, place: Any) -> Any:
        """The bot posts in a channel, but is left without word that it did."""

    @abstractmethod
    def bot_variables(self) -> dict[str, str]:
        """Those by which a process finds the platform."""

    @abstractmethod
    def bot_process(
        self, variables: dict[str, str], *options: str, connected: int = 1
    ) -> AbstractContextManager[Any]:
        """`precis bot PLATFORM` as a process, once it is connected."""
