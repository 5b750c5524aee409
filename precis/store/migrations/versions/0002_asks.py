"""What bots need: asks, servers' settings, opt-outs, feedback, and jobs found by their content."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("content_key", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_jobs_content_key"), "jobs", ["content_key"], unique=False)
    op.create_table(
        "asks",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("platform", sa.String(length=50), nullable=False),
        sa.Column("server", sa.String(length=200), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("reply", sa.JSON(), nullable=False),
        sa.Column("reply_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("job_id", sa.String(length=32), nullable=True),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("partial", sa.Boolean(), nullable=False),
        sa.Column("posted", sa.JSON(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_asks_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asks")),
    )
    op.create_index(op.f("ix_asks_job_id"), "asks", ["job_id"], unique=False)
    op.create_index(
        op.f("ix_asks_platform_person_created_at"),
        "asks",
        ["platform", "person", "created_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_asks_platform_server_created_at"),
        "asks",
        ["platform", "server", "created_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_asks_state_lease_until"), "asks", ["state", "lease_until"], unique=False
    )
    op.create_table(
        "servers",
        sa.Column("platform", sa.String(length=50), nullable=False),
        sa.Column("server", sa.String(length=200), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("platform", "server", name=op.f("pk_servers")),
    )
    op.create_table(
        "opt_outs",
        sa.Column("platform", sa.String(length=50), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("platform", "person", name=op.f("pk_opt_outs")),
    )
    op.create_table(
        "feedback",
        sa.Column("job_id", sa.String(length=32), nullable=False),
        sa.Column("platform", sa.String(length=50), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_feedback_job_id")),
        sa.PrimaryKeyConstraint("job_id", "platform", "person", name=op.f("pk_feedback")),
    )


def downgrade() -> None:
    for table in ("feedback", "opt_outs", "servers", "asks"):
        op.drop_table(table)
    op.drop_index(op.f("ix_jobs_content_key"), table_name="jobs")
    op.drop_column("jobs", "content_key")
