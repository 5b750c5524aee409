"""Digests: who subscribed to what, when one is due, and what becomes of it. The contract of bot and
store.

A subscription has one digest a local day, or a week; each channel and thread that it is of is a
part, with a job (`precis.job`, task `digest`) of its own. Knows nothing of any platform.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from precis.conversation import Identifier
from precis.frozen import Frozen
from precis.job import Style
from precis.schedule import Schedule

MOST_SOURCES = 25
LEAST = 5
MOST_LATE = timedelta(hours=6)
"""Over which a digest is skipped: by then the next one is nearer."""
LONGEST_SPAN = timedelta(days=14)
"""What a digest looks back at most, also after a long pause."""


class Target(Frozen):
    """Where digests go: a channel, or a person's direct messages."""

    kind: Literal["channel", "person"]
    id: Identifier


class PauseReason(StrEnum):
    ASKED = "asked"
    """Somebody paused it."""
    UNREADABLE = "unreadable"
    """The bot can't read one of its channels any more, or must not."""
    AUDIENCE = "audience"
    """Not everybody who reads its target can read one of its channels any more."""
    UNWRITABLE = "unwritable"
    """The bot can't write to its target any more."""


class Subscription(Frozen):
    """Digests of some channels, for one target. A target has one for each `every`."""

    id: Identifier
    platform: Identifier
    server: Identifier
    target: Target
    sources: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=MOST_SOURCES)]
    """Channels, each with its threads."""
    schedule: Schedule
    least: int = Field(default=LEAST, ge=1, le=10_000)
    """Messages worth a digest; of fewer there is none, and they are told of in the next."""
    style: Style | None = None
    """None: as the server has it."""
    created_by: Identifier | None
    """None once that is forgotten."""
    created_at: datetime
    paused: PauseReason | None = None
    paused_for: Identifier | None = None
    """The channel that is the reason."""
    next_day: date | None = None
    """The local day of the next digest; None while it is paused."""
    next_at: datetime | None = None

    @property
    def can_do_without(self) -> bool:
        """Whether it could go on without the channel that it was paused for."""
        about_one = self.paused in (PauseReason.UNREADABLE, PauseReason.AUDIENCE)
        return about_one and self.paused_for in self.sources and len(self.sources) > 1


class DigestState(StrEnum):
    """due → working → posted | skipped | failed."""

    DUE = "due"
    """Its messages are to be gathered."""
    WORKING = "working"
    """For its jobs, then for its post."""
    POSTED = "posted"
    SKIPPED = "skipped"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        return self not in (DigestState.DUE, DigestState.WORKING)


class SkipReason(StrEnum):
    LATE = "late"
    QUIET = "quiet"
    """Fewer messages than are worth a digest."""
    PAUSED = "paused"
    """Its subscription was paused, or stopped, meanwhile."""


class Mark(Frozen):
    """The last message of a place that was read; the next digest goes on after it."""

    at: datetime
    message: Identifier


class Part(Frozen):
    """What a digest has of one channel or thread."""

    source: Identifier
    """The channel that it is of."""
    place: Identifier
    """The channel itself, or a thread in it."""
    job_id: Identifier | None = None
    """None: there was nothing new."""
    messages: int = 0
    mark: Mark | None = None
    """Its last message; None where there was none."""
    partial: bool = False
    """Whether there was more than may be read at once; then the latest were."""


class Digest(Frozen):
    """A digest as the store knows it."""

    id: Identifier
    subscription_id: Identifier
    day: Identifier
    """The local day (2026-03-29); of a preview, something else."""
    due_at: datetime
    state: DigestState
    skipped: SkipReason | None = None
    tries: int = 0
    parts: tuple[Part, ...] = ()
    posted: tuple[Identifier, ...] = ()
    """Ids of its messages, in order."""
    begun_at: datetime | None = None
    """When its messages began to be gathered."""
    preview_for: Identifier | None = None
    """A preview: for this person alone, and no mark moves."""
