"""The tables of digests. Change them only together with a migration. They hold no chat text."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
)

from precis.store.tables import UtcDateTime, metadata

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("platform", String(50), nullable=False),
    Column("server", String(200), nullable=False),
    Column("target_kind", String(20), nullable=False),
    Column("target", String(200), nullable=False),
    Column("every", String(10), nullable=False),
    Column("sources", JSON, nullable=False),
    Column("schedule", JSON, nullable=False),
    Column("least", Integer, nullable=False),
    Column("style", String(20)),
    Column("created_by", String(200)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("paused", String(20)),
    Column("paused_for", String(200)),
    Column("told", Boolean, nullable=False),  # whether its maker knows that it is paused
    Column("next_day", Date),
    Column("next_at", UtcDateTime),  # None while it is paused
    Index(None, "platform", "server", "target_kind", "target", "every", unique=True),
    Index(None, "platform", "next_at"),
)

digests = Table(
    "digests",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("subscription_id", ForeignKey("subscriptions.id"), nullable=False),
    Column("day", String(50), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("state", String(20), nullable=False),
    Column("skipped", String(20)),
    Column("preview_for", String(200)),
    Column("claim", String(32)),
    Column("lease_until", UtcDateTime),
    Column("again_at", UtcDateTime, nullable=False),  # not before then
    Column("tries", Integer, nullable=False),
    Column("posted", JSON, nullable=False),
    Column("begun_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index(None, "subscription_id", "day", unique=True),
    Index(None, "state", "again_at"),
)

digest_parts = Table(
    "digest_parts",
    metadata,
    Column("digest_id", ForeignKey("digests.id"), primary_key=True),
    Column("place", String(200), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("source", String(200), nullable=False),
    Column("job_id", ForeignKey("jobs.id"), index=True),
    Column("messages", Integer, nullable=False),
    Column("mark_at", UtcDateTime),
    Column("mark_message", String(200)),
    Column("partial", Boolean, nullable=False),
)

digest_marks = Table(  # up to where each place has been told of
    "digest_marks",
    metadata,
    Column("subscription_id", ForeignKey("subscriptions.id"), primary_key=True),
    Column("place", String(200), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("message", String(200), nullable=False),
)
