"""What somebody asked of late and can still be shown. Knows nothing of platforms."""

from datetime import datetime

from sqlalchemy import Connection, select

from precis.ask import AskState
from precis.frozen import Frozen
from precis.store.tables import asks, summaries


class Recent(Frozen):
    """An ask that was answered, and whose summary is stored."""

    ask_id: str
    source: str
    """The channel or thread that it is of."""
    asked_at: datetime


def recent(
    connection: Connection, platform: str, server: str, person: str, most: int
) -> list[Recent]:
    """Somebody's latest, on one server; the latest first."""
    query = (
        select(asks.c.id, asks.c.source, asks.c.created_at)
        .join(summaries, summaries.c.job_id == asks.c.job_id)
        .where(
            asks.c.platform == platform,
            asks.c.server == server,
            asks.c.person == person,
            asks.c.state == AskState.ANSWERED,
            summaries.c.sentences.is_not(None),
        )
        .order_by(asks.c.created_at.desc())
        .limit(most)
    )
    return [
        Recent(ask_id=row.id, source=row.source, asked_at=row.created_at)
        for row in connection.execute(query)
    ]
