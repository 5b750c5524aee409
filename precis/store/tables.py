"""The store's tables. Change them only together with a migration.

Chat text is in four columns alone, `messages.payload`, `summaries.sentences`, `heard.payload` and
`cases.said`, so that a purge knows where to look. Knows nothing of queries.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite would drop the offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _partial_index(name: str, *columns: str, where: str) -> Index:
    """Of these rows alone: what is open is found quickly, however much has ended."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


conversations = Table(
    "conversations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("source", String(200), nullable=False),
    Column("channel", String(200), nullable=False),
    Column("digest", String(64), nullable=False, index=True),
    Column("message_count", Integer, nullable=False),
    Column("first_time", UtcDateTime),
    Column("last_time", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("purged_at", UtcDateTime),
    Column("server", String(200)),
    Column("place", String(200)),  # the channel or thread on the platform
    Column("parent", String(200)),  # the channel that a thread is in
    Index(None, "source", "server"),
)

messages = Table(
    "messages",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("message_id", String(200), nullable=False, index=True),
    Column("author_id", String(200), nullable=False, index=True),
    Column("payload", JSON, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("request", JSON, nullable=False),
    Column("queue", String(50), nullable=False),
    Column("frontend", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("claim", String(32)),
    Column("worker", String(200)),
    Column("lease_until", UtcDateTime),
    Column("available_at", UtcDateTime, nullable=False),
    Column("publish_at", UtcDateTime),
    Column("publishes", Integer, nullable=False, default=0),
    Column("reason", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("content_key", String(64), index=True),
    Index(None, "state", "publish_at"),
    Index(None, "state", "lease_until"),
)

summaries = Table(
    "summaries",
    metadata,
    Column("job_id", ForeignKey("jobs.id"), primary_key=True),
    Column("style", String(20), nullable=False),
    Column("sentences", JSON(none_as_null=True)),
    Column("model", JSON, nullable=False),
    Column("timings", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("purged_at", UtcDateTime),
)

flags = Table(
    "flags",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("job_id", ForeignKey("jobs.id"), nullable=False, index=True),
    Column("target", String(200), nullable=False),
    Column("label", String(50), nullable=False),
    Column("threshold", Float, nullable=False),
    Column("scores", JSON, nullable=False),
    Column("action", String(20), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("job_id", ForeignKey("jobs.id"), primary_key=True),
    Column("frontend", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("delivered_at", UtcDateTime),
    Index(None, "frontend", "delivered_at"),
    _partial_index("ix_deliveries_pending", "frontend", where="delivered_at IS NULL"),
)

asks = Table(
    "asks",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("platform", String(50), nullable=False),
    Column("server", String(200)),
    Column("source", String(200), nullable=False),
    Column("place", String(200), nullable=False),
    Column("person", String(200), nullable=False),
    Column("private", Boolean, nullable=False),
    Column("wanted", JSON, nullable=False),
    Column("reply", JSON, nullable=False),  # emptied when the ask ends: it holds a token
    Column("reply_until", UtcDateTime),
    Column("state", String(20), nullable=False),
    Column("job_id", ForeignKey("jobs.id"), index=True),
    Column("claim", String(32)),
    Column("lease_until", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("partial", Boolean, nullable=False),
    Column("posted", JSON, nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("key", String(200)),
    Index(None, "platform", "key", unique=True),
    Index(None, "platform", "person", "created_at"),
    Index(None, "platform", "server", "created_at"),
    Index(None, "state", "lease_until"),
)

servers = Table(
    "servers",
    metadata,
    Column("platform", String(50), primary_key=True),
    Column("server", String(200), primary_key=True),
    Column("settings", JSON, nullable=False),
    Column("changed_by", String(200), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

opt_outs = Table(
    "opt_outs",
    metadata,
    Column("platform", String(50), primary_key=True),
    Column("person", String(200), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("job_id", ForeignKey("jobs.id"), primary_key=True),
    Column("platform", String(50), primary_key=True),
    Column("person", String(200), primary_key=True),
    Column("good", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

taken = Table(  # what the limits count
    "taken",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("platform", String(50), nullable=False),
    Column("owner", String(64), nullable=False),  # a digest
    Column("at", UtcDateTime, nullable=False),
    Index(None, "platform", "owner", "at"),
    Index(None, "platform", "at"),
)

heard = Table(  # cached pages of channels
    "heard",
    metadata,
    Column("platform", String(50), primary_key=True),
    Column("server", String(200), primary_key=True),
    Column("place", String(200), primary_key=True),
    Column("message_id", String(200), primary_key=True),
    Column("within", String(200)),  # the channel that a thread is in
    Column("author_id", String(200)),
    Column("parent", String(200)),
    Column("time", UtcDateTime, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("kept_at", UtcDateTime, nullable=False),
    Index(None, "platform", "server", "place", "time"),
    Index(None, "platform", "message_id"),
    Index(None, "platform", "author_id"),
    Index(None, "kept_at"),
)

heard_spans = Table(  # of which all is in `heard`
    "heard_spans",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("platform", String(50), nullable=False),
    Column("server", String(200), nullable=False),
    Column("place", String(200), nullable=False),
    Column("within", String(200)),
    Column("begins", Float, nullable=False),  # seconds since 1970
    Column("ends", Float, nullable=False),
    Column("kept_at", UtcDateTime, nullable=False),
    Column("refused", Text, nullable=False),  # digests of authors who had opted out
    Index(None, "platform", "server", "place"),
)

listening = Table(
    "listening",
    metadata,
    Column("platform", String(50), primary_key=True),
    Column("server", String(200), primary_key=True),
    Column("since", UtcDateTime, nullable=False),
)

deleted = Table(  # messages deleted of late, so that no page on its way brings them back
    "deleted",
    metadata,
    Column("platform", String(50), primary_key=True),
    Column("message_id", String(200), primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
)

cards = Table(  # messages in moderators' channels
    "cards",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("platform", String(50), nullable=False),
    Column("server", String(200), nullable=False),
    Column("key", String(64), nullable=False),  # a digest of what its cases have in common
    Column("open", Boolean, nullable=False),  # whether cases may be added
    Column("positions", Integer, nullable=False),  # the last one given
    Column("version", Integer, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("channel", String(200)),
    Column("message", String(200)),
    Column("claim", String(32)),
    Column("lease_until", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "platform", "server", "key", "open"),
    Index(None, "platform", "message"),
)

cases = Table(  # what moderators are asked about
    "cases",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("platform", String(50), nullable=False),
    Column("server", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("edition", Integer, nullable=False),
    Column("job_id", ForeignKey("jobs.id"), index=True),
    Column("place", String(200), nullable=False),
    Column("parent", String(200)),
    Column("author_id", String(200)),
    Column("said_at", UtcDateTime),
    Column("permalink", String(2_000)),
    Column("said", JSON(none_as_null=True)),
    Column("label", String(50), nullable=False),
    Column("scores", JSON, nullable=False),
    Column("thresholds", JSON, nullable=False),
    Column("severity", Float, nullable=False),
    Column("gate", String(200), nullable=False),
    Column("action", String(20), nullable=False),
    Column("sources", JSON, nullable=False),
    Column("reports", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("verdict", String(20)),
    Column("decided_by", String(200)),
    Column("decided_at", UtcDateTime),
    Column("note", Text),
    Column("effect", String(20)),
    Column("effect_state", String(20)),
    Column("effect_lease", UtcDateTime),  # until then somebody is at it
    Column("card_id", ForeignKey("cards.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Index(None, "platform", "subject", "edition", unique=True),
    Index(None, "platform", "server", "verdict", "created_at"),
    Index(None, "platform", "author_id"),
    Index(None, "effect_state"),
    _partial_index("ix_cases_open", "platform", "kind", "created_at", where="verdict IS NULL"),
)

reports = Table(  # who reported what, so that each counts once
    "reports",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("person", String(200), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
)

audit = Table(  # append-only: triggers refuse to change a row
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("platform", String(50), nullable=False),
    Column("server", String(200), nullable=False),
    Column("case_id", String(32)),
    Column("kind", String(20)),
    Column("subject", String(200)),
    Column("place", String(200)),
    Column("person", String(200), nullable=False),
    Column("action", String(30), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("label", String(50)),
    Column("scores", JSON, nullable=False),
    Column("thresholds", JSON, nullable=False),
    Column("gate", String(200)),
    Column("note", Text),
    Index(None, "platform", "server", "at"),
)

scored = Table(  # scores without texts, for previews of other thresholds
    "scored",
    metadata,
    Column("platform", String(50), primary_key=True),
    Column("message_id", String(200), primary_key=True),
    Column("server", String(200), nullable=False),
    Column("place", String(200), nullable=False),
    Column("parent", String(200)),
    Column("at", UtcDateTime, nullable=False),
    Column("gate", String(200), nullable=False),
    Column("scores", JSON, nullable=False),
    Index(None, "platform", "server", "at"),
    Index(None, "at"),
)

gates = Table(  # what holds where a server sets no thresholds
    "gates",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("thresholds", JSON, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

watched = Table(  # up to where messages of watched places were taken
    "watched",
    metadata,
    Column("platform", String(50), primary_key=True),
    Column("server", String(200), primary_key=True),
    Column("place", String(200), primary_key=True),
    Column("parent", String(200)),
    Column("until", UtcDateTime, nullable=False),
)

days = Table(  # on which moderators were told how things stand
    "days",
    metadata,
    Column("platform", String(50), primary_key=True),
    Column("server", String(200), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("told_at", UtcDateTime, nullable=False),
)

schedules = Table(  # of refreshing the models
    "schedules",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("every", Integer, nullable=False),  # seconds
    Column("options", JSON, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
)

training_runs = Table(
    "training_runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("schedule", String(50)),
    Column("options", JSON, nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("claim", String(32)),
    Column("lease_until", UtcDateTime),
    Column("publish_at", UtcDateTime),
    Column("outcome", Text),  # a line; never chat text
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Index(None, "state"),
)
