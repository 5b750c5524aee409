"""The audit log in the database: pages of it, and lines that are about no case."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from precis.moderation import AuditEntry
from precis.store.tables import audit

PAGE = 500


def page(
    connection: Connection,
    *,
    platform: str | None,
    server: str | None,
    since: datetime | None,
    until: datetime | None,
    after: int,
) -> Sequence[AuditEntry]:
    """The next lines after the one with that id."""
    query = select(audit).where(audit.c.id > after).order_by(audit.c.id).limit(PAGE)
    if platform is not None:
        query = query.where(audit.c.platform == platform)
    if server is not None:
        query = query.where(audit.c.server == server)
    if since is not None:
        query = query.where(audit.c.at >= since)
    if until is not None:
        query = query.where(audit.c.at < until)
    return [AuditEntry.model_validate(dict(row)) for row in connection.execute(query).mappings()]


def thresholds(
    connection: Connection,
    where: tuple[str, str, str | None],
    person: str,
    changed: Mapping[str, float],
    now: datetime,
) -> None:
    """`where` is platform, server and, for one channel's, the channel."""
    platform, server, place = where
    connection.execute(
        insert(audit).values(
            platform=platform,
            server=server,
            place=place,
            person=person,
            action="thresholds",
            at=now,
            scores={},
            thresholds=dict(changed),
        )
    )
