"""Requests' own names, limits apart from asks, places of conversations, and cached pages."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BY_ITS_ASK = (
    "UPDATE conversations SET {column} = ("
    "SELECT MIN(asks.{asked}) FROM asks JOIN jobs ON jobs.id = asks.job_id "
    "WHERE jobs.conversation_id = conversations.id AND asks.platform = conversations.source)"
)


def upgrade() -> None:
    op.add_column("asks", sa.Column("key", sa.String(length=200), nullable=True))
    op.create_index(op.f("ix_asks_platform_key"), "asks", ["platform", "key"], unique=True)
    for column in ("server", "place", "parent"):
        op.add_column("conversations", sa.Column(column, sa.String(length=200), nullable=True))
    op.create_index(
        op.f("ix_conversations_source_server"), "conversations", ["source", "server"], unique=False
    )
    for column, asked in (("server", "server"), ("place", "source")):
        op.execute(BY_ITS_ASK.format(column=column, asked=asked))
    _taken()
    _heard()


def _taken() -> None:
    op.create_table(
        "taken",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("platform", sa.String(length=50), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taken")),
    )
    op.create_index(
        op.f("ix_taken_platform_owner_at"), "taken", ["platform", "owner", "at"], unique=False
    )
    op.create_index(op.f("ix_taken_platform_at"), "taken", ["platform", "at"], unique=False)


def _heard() -> None:
    op.create_table(
        "heard",
        sa.Column("platform", sa.String(length=50), nullable=False),
        sa.Column("server", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("within", sa.String(length=200), nullable=True),
        sa.Column("author_id", sa.String(length=200), nullable=True),
        sa.Column("parent", sa.String(length=200), nullable=True),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("platform", "server", "place", "message_id", name=op.f("pk_heard")),
    )
    for columns in (
        ["platform", "server", "place", "time"],
        ["platform", "message_id"],
        ["platform", "author_id"],
        ["kept_at"],
    ):
        op.create_index(op.f(f"ix_heard_{'_'.join(columns)}"), "heard", columns, unique=False)
    op.create_table(
        "heard_spans",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("platform", sa.String(length=50), nullable=False),
        sa.Column("server", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("within", sa.String(length=200), nullable=True),
        sa.Column("begins", sa.Float(), nullable=False),
        sa.Column("ends", sa.Float(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heard_spans")),
    )
    op.create_index(
        op.f("ix_heard_spans_platform_server_place"),
        "heard_spans",
        ["platform", "server", "place"],
        unique=False,
    )
    op.create_table(
        "listening",
        sa.Column("platform", sa.String(length=50), nullable=False),
        sa.Column("server", sa.String(length=200), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("platform", "server", name=op.f("pk_listening")),
    )
    op.create_table(
        "deleted",
        sa.Column("platform", sa.String(length=50), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("platform", "message_id", name=op.f("pk_deleted")),
    )
    op.create_index(op.f("ix_deleted_at"), "deleted", ["at"], unique=False)


def downgrade() -> None:
    for table in ("deleted", "listening", "heard_spans", "heard", "taken"):
        op.drop_table(table)
    op.drop_index(op.f("ix_conversations_source_server"), table_name="conversations")
    for column in ("parent", "place", "server"):
        op.drop_column("conversations", column)
    op.drop_index(op.f("ix_asks_platform_key"), table_name="asks")
    op.drop_column("asks", "key")
