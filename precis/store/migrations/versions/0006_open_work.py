"""Indexes of what is open: metrics count it every few seconds."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create("ix_deliveries_pending", "deliveries", ["frontend"], "delivered_at IS NULL")
    _create("ix_cases_open", "cases", ["platform", "kind", "created_at"], "verdict IS NULL")


def _create(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_index("ix_cases_open", "cases")
    op.drop_index("ix_deliveries_pending", "deliveries")
