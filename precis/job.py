"""The job contract between a frontend that asks and a worker that answers.

Requests, results and their parts, as they are stored and as `--json` prints them. Versioned:
a worker refuses a request of a version that it doesn't know. Knows nothing of how jobs travel.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from precis.conversation import Identifier, Name, Permalink
from precis.frozen import Frozen

CONTRACT_VERSION = 4
KNOWN_VERSIONS = (1, 2, 3, 4)
"""What a worker understands: 2 brought `thresholds`, 3 `task`, `judged` and reports, 4 digests."""

QueueName = Literal["interactive", "digest", "watch"]
INTERACTIVE_QUEUE: QueueName = "interactive"
DIGEST_QUEUE: QueueName = "digest"
WATCH_QUEUE: QueueName = "watch"
"""Messages to be scored as they are written: never behind a summary."""
SUMMARISE_TASK = "precis.summarise"
DELIVERIES = "deliveries"
"""Queue `deliveries.FRONTEND` tells a frontend of jobs that have ended."""

SUMMARY_TARGET = "summary"
"""What a flag's `target` says when it concerns the summary, not a message."""

Score = Annotated[float, Field(ge=0.0, le=1.0)]


class JobState(StrEnum):
    """queued → running → done | withheld | failed."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    WITHHELD = "withheld"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        return self in (JobState.DONE, JobState.WITHHELD, JobState.FAILED)


class Style(StrEnum):
    BRIEF = "brief"
    """A few sentences, in the order of the topics."""
    BULLETS = "bullets"
    """One point a line, a topic each."""
    PEOPLE = "people"
    """Grouped by who said it."""


class JobRequest(Frozen):
    """What is asked of a worker; the conversation is stored beside it."""

    version: int = CONTRACT_VERSION
    style: Style = Style.BRIEF
    shots: Literal[0, 1, 3] = 0
    """Worked examples in the prompt: zero-, one- or few-shot."""
    profile: str | None = Field(default=None, max_length=100)
    """The model to use; None for the worker's own default."""
    queue: QueueName = INTERACTIVE_QUEUE
    frontend: Identifier = "cli"
    """Who delivers the answer: `cli`, `discord`, `slack`."""
    thresholds: dict[Annotated[str, Field(max_length=50)], Score] = Field(default_factory=dict)
    """Of the gate, by label, over the worker's own."""
    task: Literal["summarise", "score", "digest"] = "summarise"
    """`score`: nothing is said; what is toxic becomes a case (`precis.moderation`).

    `digest`: a summary by topics, with questions, decisions, promises and links (`SentenceKind`).
    """
    carried: tuple[Identifier, ...] = ()
    """With `digest`: messages at the conversation's beginning that an earlier digest left open.

    They are no part of what is summarised; those still open are told of as such.
    """
    judged: dict[Identifier, bool] = Field(default_factory=dict)
    """What moderators decided of messages, by id: whether they are toxic."""
    reported_by: Identifier | None = None
    """With `score`: somebody reported the messages, so they become cases whatever their scores."""
    about: Identifier | None = None
    """With `score`: the job whose summary was reported; its text is the one message."""
    requested_by: Identifier | None = None
    """The platform's id of the person who asked."""


class Citation(Frozen):
    """A message that a sentence rests on."""

    id: Identifier
    permalink: Permalink | None = None


class SentenceKind(StrEnum):
    """What a digest's sentence is; a summary's are all `said`."""

    SAID = "said"
    """Of what was said, in short."""
    TOPIC = "topic"
    """Opens a topic: `speakers` are all who took part, the first citation is where it began."""
    QUESTION = "question"
    """Asked, and not answered by the end."""
    DECISION = "decision"
    PROMISE = "promise"
    LINK = "link"
    """`text` begins with the host, or the file's name; the message cited has the link."""
    OPEN = "open"
    """Of an earlier digest, and still open: a question, or a promise."""


class SummarySentence(Frozen):
    text: str
    citations: tuple[Citation, ...]
    speakers: tuple[Name, ...]
    """Unique names (see `Conversation.participants`) of the cited messages' authors.

    Those that the sentence names come first, in its order.
    """
    origin: Literal["generated", "extracted", "edited"]
    """Written by the model, taken from a message, or written by a moderator."""
    kind: SentenceKind = Field(default=SentenceKind.SAID, exclude_if=lambda kind: kind == "said")
    topic: int | None = Field(default=None, exclude_if=lambda topic: topic is None)
    """In a digest: the topic's number, by weight. None: of none of them."""


class Summary(Frozen):
    style: Style
    sentences: tuple[SummarySentence, ...]


class FlagAction(StrEnum):
    """What the gate did about a toxic text."""

    NOTED = "noted"
    """A message: kept out of extracted sentences, reported to moderators."""
    CHANGED = "changed"
    """A sentence: a clean candidate of the same beam was taken instead."""
    REGENERATED = "regenerated"
    """A sentence: a new generation gave a clean one."""
    EXTRACTED = "extracted"
    """A sentence: a clean message was quoted instead."""
    WITHHELD = "withheld"
    """The summary: nothing clean was left to say."""


class Flag(Frozen):
    """A text that scored at or over a threshold; holds no text itself."""

    target: Identifier
    """A message's id, or `summary`."""
    label: str = Field(max_length=50)
    """The label that crossed its threshold; of several, the one furthest over."""
    threshold: Score
    """That label's threshold, as it was in force."""
    scores: dict[str, Score]
    """Every label's score."""
    action: FlagAction


class ModelUsed(Frozen):
    """Which models wrote and judged a summary."""

    profile: str
    generator: str
    adapter: str | None
    gate: str


class Refused(Frozen):
    """What the gate kept a summary from saying."""

    flag: Flag
    """Its target is `summary`."""
    sentences: tuple[SummarySentence, ...]
    """As they would have been said; none where nothing was ever written."""
    instead: tuple[int, ...] = ()
    """Which of the summary's sentences took their place, by index."""


class Result(Frozen):
    """What a worker made of a job. `summary` is None exactly when it was withheld."""

    summary: Summary | None
    flags: tuple[Flag, ...] = ()
    model: ModelUsed
    refused: tuple[Refused, ...] = Field(default=(), exclude=True, repr=False)
    """For moderators alone: never printed, never stored with the summary."""
    scores: dict[Identifier, dict[str, Score]] = Field(
        default_factory=dict, exclude=True, repr=False
    )
    """Every message's, by id and label."""
    thresholds: dict[str, Score] = Field(default_factory=dict, exclude=True, repr=False)
    """That were in force."""
    own_thresholds: dict[str, Score] = Field(default_factory=dict, exclude=True, repr=False)
    """The gate's own, with the operator's: what holds where a server sets none."""
    timings: dict[str, float] = Field(default_factory=dict)
    """Seconds by stage: `segment`, `gate`, `generate`, `cite`, `total`, …"""


class Scored(Frozen):
    """What a worker made of a `score` job."""

    gate: str
    scores: dict[Identifier, dict[str, Score]]
    """Every message's, by id and label."""
    thresholds: dict[str, Score]
    """That were in force."""
    own_thresholds: dict[str, Score]
    """The gate's own, with the operator's: what holds where a server sets none."""


class Job(Frozen):
    """A job as the store knows it."""

    id: Identifier
    request: JobRequest
    state: JobState
    attempts: int
    reason: str | None
    """Why it failed, in words for the person who asked."""
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
