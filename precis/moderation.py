"""What moderators look at and decide: the contract of workers, store, bots and training.

A flag (`precis.job`) is what the gate says of a text. A case is one thing that moderators are asked
about, a message or what a summary was not to say, however often and by whomever it was flagged. A
card shows the open cases of one author, or one summary's, together. Knows nothing of any platform.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from precis.conversation import Identifier, Permalink
from precis.frozen import Frozen
from precis.job import FlagAction, Score, SummarySentence

Label = Annotated[str, Field(max_length=50)]

MOST_ON_CARD = 20
"""Cases; more of the same author go on another card."""
MOST_NOTE = 500
MOST_EDITED = 3_000
"""Characters."""


class Kind(StrEnum):
    """What a case is about."""

    MESSAGE = "message"
    SUMMARY = "summary"


class Source(StrEnum):
    """How a case came up; there may be several ways."""

    WATCHED = "watched"
    """As it was written, in a watched channel."""
    MET = "met"
    """While its conversation was summarised."""
    GATE = "gate"
    """The gate changed or withheld a summary."""
    REPORTED = "reported"
    """By readers."""


class Verdict(StrEnum):
    """How a case ended. The first one stands."""

    RELEASED = "released"
    """A summary: what was refused may be said after all, and is."""
    KEPT = "kept"
    """It is toxic: a summary's stays unsaid, a message is never quoted."""
    EDITED = "edited"
    """A summary: it is said in a moderator's words."""
    DISMISSED = "dismissed"
    """It is not toxic. A message may be quoted again; of a summary nothing is shown anew."""
    REMOVED = "removed"
    """It is toxic, and the message is deleted."""
    TIMED_OUT = "timed_out"
    """It is toxic, and its author may not write for a while."""
    GONE = "gone"
    """Nobody decided: what it is about was deleted, or its author opted out."""

    @property
    def toxic(self) -> bool | None:
        """What it says of the gate's judgement; None: nothing."""
        return _TOXIC.get(self)


_TOXIC = {
    Verdict.KEPT: True,
    Verdict.REMOVED: True,
    Verdict.TIMED_OUT: True,
    Verdict.RELEASED: False,
    Verdict.DISMISSED: False,
}

OF_MESSAGES = (Verdict.KEPT, Verdict.DISMISSED, Verdict.REMOVED, Verdict.TIMED_OUT)
OF_SUMMARIES = (Verdict.RELEASED, Verdict.KEPT, Verdict.EDITED, Verdict.DISMISSED)
"""What can be decided of either kind."""


class Effect(StrEnum):
    """What a verdict asks of the platform."""

    REMOVE = "remove"
    TIME_OUT_HOUR = "time_out_hour"
    TIME_OUT_DAY = "time_out_day"
    TIME_OUT_WEEK = "time_out_week"

    @property
    def time_out(self) -> timedelta | None:
        """For how long an author may not write; None for what is no time-out."""
        return _TIME_OUTS.get(self)


_TIME_OUTS = {
    Effect.TIME_OUT_HOUR: timedelta(hours=1),
    Effect.TIME_OUT_DAY: timedelta(days=1),
    Effect.TIME_OUT_WEEK: timedelta(weeks=1),
}


class EffectState(StrEnum):
    DUE = "due"
    DONE = "done"
    REFUSED = "refused"
    """The bot may not."""


class Decision(Frozen):
    """What somebody decides of cases."""

    person: Identifier
    verdict: Verdict
    note: Annotated[str, Field(max_length=MOST_NOTE)] | None = None
    edited: Annotated[str, Field(min_length=1, max_length=MOST_EDITED)] | None = None
    """With EDITED, and it alone: what is said in the place of what was refused."""
    effect: Effect | None = None


class Said(Frozen):
    """The text of a case: chat text, which goes as all chat text does."""

    text: str
    """The message; or what the summary was not to say, as its readers would have read it."""
    author_name: str = ""
    sentences: tuple[SummarySentence, ...] = ()
    """Of a summary: what was refused, with its citations."""
    instead: tuple[int, ...] = ()
    """Of a summary: which of its sentences, as they were, took the place of what was refused."""
    edited: str | None = None
    """What a moderator wrote in its place."""


class Case(Frozen):
    """One thing that moderators are asked about."""

    id: Identifier
    platform: Identifier
    server: Identifier
    kind: Kind
    subject: Identifier
    """A message's id; of a summary `JOB:NUMBER`."""
    edition: int = 0
    """Counts up when a message that was decided is edited and flagged again."""
    job_id: Identifier | None = None
    """Of a summary: its job. Of a message: the job in which it was met or scored."""
    place: Identifier
    """The channel or thread."""
    parent: Identifier | None = None
    """The channel that a thread is in."""
    author: Identifier | None = None
    """None for summaries."""
    said_at: datetime | None = None
    permalink: Permalink | None = None
    said: Said | None = None
    """None once it is forgotten, and where its author opted out."""
    label: Label
    """The label that crossed its threshold; of several, the one furthest over."""
    scores: dict[Label, Score]
    thresholds: dict[Label, Score]
    """As they were in force, by label."""
    gate: str
    """Which gate scored it."""
    action: FlagAction
    """What the gate did."""
    sources: tuple[Source, ...]
    reports: int = 0
    """How many people reported it."""
    created_at: datetime
    verdict: Verdict | None = None
    decided_by: Identifier | None = None
    """`operator` for the command line."""
    decided_at: datetime | None = None
    note: str | None = None
    effect: Effect | None = None
    effect_state: EffectState | None = None
    card_id: Identifier
    position: int
    """On its card, from 1, in the order they came: what a click has seen is all up to one.

    One whose text changes while it is open comes anew.
    """

    @property
    def open(self) -> bool:
        return self.verdict is None

    @property
    def severity(self) -> float:
        """How far its label is over its threshold."""
        return self.scores.get(self.label, 0.0) - self.thresholds.get(self.label, 0.0)


class Card(Frozen):
    """What the moderators' channel shows in one message."""

    id: Identifier
    platform: Identifier
    server: Identifier
    cases: tuple[Case, ...]
    """By position; decided ones too."""
    version: int
    """Counts up with each change: what is shown may be older."""
    shown: int = 0
    """The version that is shown; 0: none yet."""
    channel: Identifier | None = None
    """The moderators' channel in which it is shown."""
    message: Identifier | None = None

    @property
    def open_cases(self) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if case.open)

    @property
    def seen(self) -> int:
        """Up to which position a click on it, as it is now, has seen."""
        return max((case.position for case in self.cases), default=0)


class Decided(Frozen):
    """What became of a decision."""

    cases: tuple[Case, ...]
    """Those that it decided."""
    before: tuple[Case, ...]
    """Those that were decided before, as they are."""


class AuditEntry(Frozen):
    """A line of the audit log: who did what, when, and the scores then in force."""

    id: int
    platform: Identifier
    server: Identifier
    case_id: Identifier | None
    """None for changes of settings."""
    kind: Kind | None
    subject: Identifier | None
    place: Identifier | None
    person: Identifier
    action: str
    """A verdict, or `note`, `effect_done`, `effect_refused`, `thresholds`."""
    at: datetime
    label: Label | None
    scores: dict[Label, Score]
    thresholds: dict[Label, Score]
    """For `thresholds`: those that hold from then on."""
    gate: str | None
    note: str | None = None


class Preview(Frozen):
    """What thresholds would have flagged of late."""

    messages: int
    """That were scored in that time."""
    now: int
    """Of them flagged, by the thresholds in force."""
    then: int
    """Of them flagged, by those that are thought of."""
    by_label: dict[Label, int]
    """Over the threshold that is thought of; a message may count for several."""


class LabelDecisions(Frozen):
    """What moderators decided of the messages and sentences that one label flagged."""

    label: Label
    toxic: tuple[Score, ...]
    """The label's scores of what was toxic."""
    harmless: tuple[Score, ...]
    """Of what was not."""
    threshold: Score
    """The one in force of late."""

    @property
    def precision(self) -> float | None:
        """Share of what was flagged that is toxic; None without decisions."""
        decided = len(self.toxic) + len(self.harmless)
        return len(self.toxic) / decided if decided else None


class Day(Frozen):
    """What the daily line tells."""

    opened: int
    closed: int
    waiting: int
    labels: tuple[LabelDecisions, ...]
    """Of the last 30 days."""


def over(scores: Mapping[str, float], thresholds: Mapping[str, float]) -> str | None:
    """The label at or over its threshold, of several the one furthest over; None if clean.

    Labels that weren't scored don't count: thresholds may have been set for another gate.
    """
    found = {
        label: scores[label] - threshold
        for label, threshold in thresholds.items()
        if label in scores and scores[label] >= threshold
    }
    return max(found, key=found.__getitem__, default=None)
