"""Digests: subscriptions, one digest a day of each, its parts, and what has been told of."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _subscriptions()
    _digests()
    _parts()
    _marks()


def _subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("platform", sa.String(length=50), nullable=False),
        sa.Column("server", sa.String(length=200), nullable=False),
        sa.Column("target_kind", sa.String(length=20), nullable=False),
        sa.Column("target", sa.String(length=200), nullable=False),
        sa.Column("every", sa.String(length=10), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("schedule", sa.JSON(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("style", sa.String(length=20), nullable=True),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused", sa.String(length=20), nullable=True),
        sa.Column("paused_for", sa.String(length=200), nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("next_day", sa.Date(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_index(
        op.f("ix_subscriptions_platform_server_target_kind_target_every"),
        "subscriptions",
        ["platform", "server", "target_kind", "target", "every"],
        unique=True,
    )
    op.create_index(
        op.f("ix_subscriptions_platform_next_at"),
        "subscriptions",
        ["platform", "next_at"],
        unique=False,
    )


def _digests() -> None:
    op.create_table(
        "digests",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("subscription_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.String(length=50), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("skipped", sa.String(length=20), nullable=True),
        sa.Column("preview_for", sa.String(length=200), nullable=True),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("again_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("posted", sa.JSON(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_digests_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
    )
    op.create_index(
        op.f("ix_digests_subscription_id_day"), "digests", ["subscription_id", "day"], unique=True
    )
    op.create_index(
        op.f("ix_digests_state_again_at"), "digests", ["state", "again_at"], unique=False
    )


def _parts() -> None:
    op.create_table(
        "digest_parts",
        sa.Column("digest_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("job_id", sa.String(length=32), nullable=True),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("mark_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mark_message", sa.String(length=200), nullable=True),
        sa.Column("partial", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["digest_id"], ["digests.id"], name=op.f("fk_digest_parts_digest_id")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_digest_parts_job_id")),
        sa.PrimaryKeyConstraint("digest_id", "place", name=op.f("pk_digest_parts")),
    )
    op.create_index(op.f("ix_digest_parts_job_id"), "digest_parts", ["job_id"], unique=False)


def _marks() -> None:
    op.create_table(
        "digest_marks",
        sa.Column("subscription_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_digest_marks_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("subscription_id", "place", name=op.f("pk_digest_marks")),
    )


def downgrade() -> None:
    for table in ("digest_marks", "digest_parts", "digests", "subscriptions"):
        op.drop_table(table)
