"""What is stored of channels, threads and servers, and how it goes when they do.

Conversations go a few a transaction, so that nobody waits long for the store. Knows nothing of
cached pages.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    exists,
    or_,
    select,
    union,
    update,
)

from precis.job import JobState
from precis.store import claims, people, retention
from precis.store.database import Database
from precis.store.tables import (
    asks,
    conversations,
    feedback,
    heard,
    jobs,
    listening,
    messages,
    servers,
)

AT_ONCE = 20
GONE = "Précis is no longer on that server."


def forget_place(database: Database, platform: str, server: str | None, place: str) -> int:
    """Remove the messages of conversations held there, and what was said of them."""
    there = and_(
        conversations.c.source == platform,
        conversations.c.server == server,
        or_(conversations.c.place == place, conversations.c.parent == place),
        conversations.c.purged_at.is_(None),
    )
    gone = 0
    for some in _batches(database, there):
        with database.writing() as connection:
            for conversation_id in some:
                gone += people.forget_conversation(connection, conversation_id)
    return gone


def forget_server(database: Database, platform: str, server: str, now: datetime) -> int:
    """Remove a server's conversations, asks, opinions and settings; end its jobs."""
    there = and_(conversations.c.source == platform, conversations.c.server == server)
    gone = 0
    for some in _batches(database, and_(there, conversations.c.purged_at.is_(None))):
        with database.writing() as connection:
            gone += _forget_conversations(connection, some, now)
    with database.writing() as connection:
        connection.execute(update(conversations).where(there).values(channel=""))
        theirs = select(jobs.c.id).join(conversations).where(there)
        connection.execute(delete(feedback).where(feedback.c.job_id.in_(theirs)))
        asked = connection.execute(
            select(asks.c.person, asks.c.job_id).where(
                asks.c.platform == platform, asks.c.server == server
            )
        ).all()
        for person in {row.person for row in asked}:
            job_ids = [row.job_id for row in asked if row.person == person]
            people.forget_who_asked(connection, person, job_ids)
        for table in (asks, servers, listening):
            connection.execute(
                delete(table).where(table.c.platform == platform, table.c.server == server)
            )
    return gone


def known_servers(connection: Connection, platform: str) -> list[str]:
    """The servers of which something is stored."""
    held = select(conversations.c.server).where(
        conversations.c.source == platform,
        conversations.c.server.is_not(None),
        conversations.c.purged_at.is_(None),
    )
    others = [
        select(table.c.server).where(table.c.platform == platform, table.c.server.is_not(None))
        for table in (asks, servers, heard, listening)
    ]
    return sorted(connection.scalars(union(held, *others)))


def known_places(connection: Connection, platform: str, server: str) -> list[str]:
    """The channels and threads of which messages are stored."""
    held = select(conversations.c.place).where(
        conversations.c.source == platform,
        conversations.c.server == server,
        conversations.c.place.is_not(None),
        conversations.c.purged_at.is_(None),
        exists().where(messages.c.conversation_id == conversations.c.id),
    )
    kept = select(heard.c.place).where(heard.c.platform == platform, heard.c.server == server)
    return sorted(connection.scalars(union(held, kept)))


def _forget_conversations(connection: Connection, ids: Sequence[str], now: datetime) -> int:
    people.lock(connection, conversations.c.id.in_(ids))
    open_jobs = select(jobs.c.id).where(
        jobs.c.conversation_id.in_(ids),
        jobs.c.state.in_([JobState.QUEUED, JobState.RUNNING]),
    )
    for job_id in connection.scalars(open_jobs).all():
        claims.cancel(connection, job_id, GONE, now)
    return retention.purge_these(connection, ids, now)


def _batches(database: Database, which: ColumnElement[bool]) -> Iterator[Sequence[str]]:
    with database.reading() as connection:
        ids = sorted(connection.scalars(select(conversations.c.id).where(which)))
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
