"""What somebody asked of a bot, where, and how it is answered: the contract of bot and store.

A job (`precis.job`) is work for a worker; an ask is a person who waits. Several asks may wait for
one job. Knows nothing of any platform.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, field_validator

from precis.conversation import Identifier, UtcTime
from precis.frozen import Frozen
from precis.job import Score, Style
from precis.window import Window

MOST_MESSAGES = 10_000
Language = Annotated[str, Field(pattern="^[a-z]{2}$")]


class AskState(StrEnum):
    """gathering → waiting → answered | failed."""

    GATHERING = "gathering"
    WAITING = "waiting"
    """For its job."""
    ANSWERED = "answered"
    FAILED = "failed"
    """Refused, empty or broken; whoever asked was told why."""

    @property
    def ended(self) -> bool:
        return self in (AskState.ANSWERED, AskState.FAILED)


class Place(Frozen):
    """Where a conversation was held."""

    server: Identifier | None = None
    """A Discord guild, a Slack workspace; None in direct messages."""
    place: Identifier
    """The channel or thread."""
    parent: Identifier | None = None
    """The channel that a thread is in."""


class Wanted(Frozen):
    """What is to be summarised, and how."""

    window: Window = Window()
    after: Identifier | None = None
    """A message's id: it and all that follows."""
    since_own: bool = False
    """All that follows the latest message of whoever asks."""
    style: Style | None = None
    """None: as the server has it."""
    made_private: bool = False
    """Asked for in public, where not everybody may read the source."""
    thorough: bool = Field(default=False, exclude_if=lambda thorough: not thorough)
    """Also replies in threads that began long before the window, which may be slow to find."""


class AskRequest(Frozen):
    """An ask as it comes in."""

    platform: Identifier
    server: Identifier | None = None
    """A Discord guild, a Slack workspace; None in direct messages."""
    source: Identifier
    """The channel or thread to read."""
    place: Identifier
    """The channel or thread where the answer goes."""
    person: Identifier
    private: bool = True
    """Whether only who asked sees the answer."""
    wanted: Wanted = Wanted()
    reply: dict[str, str] = Field(default_factory=dict, repr=False)
    """What the platform needs to answer, such as an interaction's token: a secret."""
    reply_until: UtcTime | None = None
    """When `reply` runs out."""
    key: Identifier | None = None
    """What the platform calls this request: told of again, it is the same ask."""


class Ask(Frozen):
    """An ask as the store knows it."""

    id: Identifier
    request: AskRequest
    state: AskState
    job_id: str | None = None
    created_at: datetime
    tries: int = 0
    """How often it was taken up."""
    partial: bool = False
    """Whether the window held more messages than may be read at once."""
    posted: tuple[str, ...] = ()
    """Ids of the messages that hold the answer, or parts of it, those that it was shared in too."""
    shared: bool = False
    """Whether who asked alone has shown it to the others."""


class ServerSettings(Frozen):
    """What a server's managers decide."""

    roles: tuple[Identifier, ...] = ()
    """Who may ask: people with any of these roles; everybody where there are none."""
    never_read: tuple[Identifier, ...] = ()
    """Channels that are never read, with their threads."""
    follows: tuple[Identifier, ...] = ()
    """Channels whose messages are kept as they are written, where the platform needs that."""
    largest_window: int = Field(default=MOST_MESSAGES, ge=10, le=MOST_MESSAGES)
    """Messages; of a longer window the latest are read."""
    style: Style = Style.BRIEF
    moderators_channel: Identifier | None = None
    """Where cards are shown."""
    moderators: tuple[Identifier, ...] = ()
    """People who may decide beside those whom the platform itself makes moderators."""
    watched: tuple[Identifier, ...] = ()
    """Channels, with their threads, whose messages are scored as they are written."""
    thresholds: dict[Annotated[str, Field(max_length=50)], Score] = Field(default_factory=dict)
    """Of the gate, by label, over the operator's."""
    channel_thresholds: dict[Identifier, dict[Annotated[str, Field(max_length=50)], Score]] = Field(
        default_factory=dict
    )
    """Of single channels, by their ids, over the server's."""
    trains: bool = False
    """Whether what moderators and readers decide here may train the models, with the texts."""
    language: Language = "en"

    def forbids(self, within: Iterable[str]) -> bool:
        """Whether a channel isn't to be read; `within` are ids of it and of what it is in."""
        return not set(self.never_read).isdisjoint(within)

    def watches(self, within: Iterable[str]) -> bool:
        """Whether messages are scored as they come; `within` as for `forbids`."""
        ids = set(within)
        return not set(self.watched).isdisjoint(ids) and not self.forbids(ids)

    def thresholds_in(self, within: Sequence[str]) -> dict[str, float]:
        """The gate's thresholds in a channel or thread; `within` are ids, its own first."""
        found = dict(self.thresholds)
        for each in reversed(within):
            found |= self.channel_thresholds.get(each, {})
        return found

    @field_validator("channel_thresholds")
    @classmethod
    def _few_channels(
        cls, channels: Mapping[str, Mapping[str, float]]
    ) -> dict[str, dict[str, float]]:
        if len(channels) > 100 or any(len(each) > 20 for each in channels.values()):
            raise ValueError("too many thresholds")
        return {channel: dict(each) for channel, each in channels.items()}

    @field_validator("thresholds")
    @classmethod
    def _few(cls, thresholds: Mapping[str, float]) -> dict[str, float]:
        if len(thresholds) > 20:
            raise ValueError("too many thresholds")
        return dict(thresholds)


class Limits(Frozen):
    """How many asks are taken in `seconds`, of a person and of a server."""

    person: int = Field(ge=1)
    server: int = Field(ge=1)
    seconds: float = Field(gt=0)


class Stored(Frozen):
    """How much is stored of a person."""

    messages: int
    asks: int
    feedback: int
    opted_out: bool
