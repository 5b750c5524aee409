"""What is stored of channels, threads and servers, and how it goes when they do.

They go a few a call, so that nobody waits long for the store. Knows nothing of cached pages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
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
from precis.store import case_texts, claims, people, retention, subscription_rows
from precis.store.database import Database
from precis.store.digest_tables import subscriptions
from precis.store.tables import (
    asks,
    audit,
    cases,
    conversations,
    days,
    feedback,
    heard,
    jobs,
    listening,
    messages,
    scored,
    servers,
    watched,
)

AT_ONCE = 20
ASKS_AT_ONCE = 200
GONE = "Précis is no longer on that server."


@dataclass(frozen=True, slots=True)
class Forgot:
    """How far one call came that forgets a few conversations or places."""

    messages: int
    after: str | None
    """What to go on after; None: nothing is left."""


def forget_some_of_place(
    database: Database, platform: str, server: str | None, place: str, after: str, now: datetime
) -> Forgot:
    """Remove the messages of the next few conversations held there, and what was said of them."""
    there = and_(
        conversations.c.source == platform,
        conversations.c.server == server,
        or_(conversations.c.place == place, conversations.c.parent == place),
        conversations.c.purged_at.is_(None),
    )
    with database.writing() as connection:
        some = _next_few(connection, there, after)
        gone = sum(people.forget_conversation(connection, each, now) for each in some)
    return Forgot(gone, some[-1] if some else None)


def forget_some_of_server(
    database: Database, platform: str, server: str, after: str, now: datetime
) -> Forgot:
    """Remove a server's next few conversations, and end their jobs."""
    there = and_(conversations.c.source == platform, conversations.c.server == server)
    with database.writing() as connection:
        some = _next_few(connection, and_(there, conversations.c.purged_at.is_(None)), after)
        gone = _forget_conversations(connection, some, now) if some else 0
    return Forgot(gone, some[-1] if some else None)


def forget_some_asks(database: Database, platform: str, server: str) -> bool:
    """Remove a few of a server's asks; whether there may be more."""
    with database.writing() as connection:
        asked = connection.execute(
            select(asks.c.id, asks.c.person, asks.c.job_id)
            .where(asks.c.platform == platform, asks.c.server == server)
            .order_by(asks.c.id)
            .limit(ASKS_AT_ONCE)
        ).all()
        for person in {row.person for row in asked}:
            job_ids = [row.job_id for row in asked if row.person == person]
            people.forget_who_asked(connection, person, job_ids)
        connection.execute(delete(asks).where(asks.c.id.in_([row.id for row in asked])))
    return len(asked) == ASKS_AT_ONCE


def forget_rest_of_server(database: Database, platform: str, server: str) -> None:
    """Remove opinions, digests, settings and what its channels were called."""
    there = and_(conversations.c.source == platform, conversations.c.server == server)
    with database.writing() as connection:
        connection.execute(update(conversations).where(there).values(channel=""))
        theirs = select(jobs.c.id).join(conversations).where(there)
        connection.execute(delete(feedback).where(feedback.c.job_id.in_(theirs)))
        subscription_rows.stop(
            connection,
            and_(subscriptions.c.platform == platform, subscriptions.c.server == server),
        )
        for table in (servers, listening):
            connection.execute(
                delete(table).where(table.c.platform == platform, table.c.server == server)
            )


def known_servers(connection: Connection, platform: str) -> list[str]:
    """The servers of which something is stored."""
    held = select(conversations.c.server).where(
        conversations.c.source == platform,
        conversations.c.server.is_not(None),
        conversations.c.purged_at.is_(None),
    )
    tables = (asks, servers, heard, listening, cases, scored, watched, days, audit, subscriptions)
    others = [
        select(table.c.server).where(table.c.platform == platform, table.c.server.is_not(None))
        for table in tables
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
    asked_about = select(cases.c.place).where(
        cases.c.platform == platform, cases.c.server == server, case_texts.forgettable()
    )
    return sorted(connection.scalars(union(held, kept, asked_about)))


def _forget_conversations(connection: Connection, ids: Sequence[str], now: datetime) -> int:
    people.lock(connection, conversations.c.id.in_(ids))
    open_jobs = select(jobs.c.id).where(
        jobs.c.conversation_id.in_(ids),
        jobs.c.state.in_([JobState.QUEUED, JobState.RUNNING]),
    )
    for job_id in connection.scalars(open_jobs).all():
        claims.cancel(connection, job_id, GONE, now)
    return retention.purge_these(connection, ids, now)


def _next_few(connection: Connection, which: ColumnElement[bool], after: str) -> Sequence[str]:
    query = select(conversations.c.id).where(which, conversations.c.id > after)
    return connection.scalars(query.order_by(conversations.c.id).limit(AT_ONCE)).all()
