"""Purges chat text: what people wrote, and what summaries quote of it.

Ids, times, counts and scores stay, for the books. Knows nothing of why a time was chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, exists, or_, select, update

from precis.job import WATCH_QUEUE, JobState
from precis.store import case_texts, claims, heard, subscription_rows
from precis.store.database import Database
from precis.store.digest_tables import digests
from precis.store.tables import (
    asks,
    cases,
    conversations,
    days,
    deleted,
    deliveries,
    jobs,
    messages,
    scored,
    summaries,
    taken,
    watched,
)

TOO_OLD = "It waited too long for a worker, and what it was about is purged; ask again."
REMEMBERED = timedelta(days=1)
"""For which deleted messages and limits' counts are kept at most."""
SCORES_KEPT = timedelta(days=8)
"""Of messages; previews of thresholds look back a week."""
DAYS_KEPT = timedelta(days=30)
JOBS_AT_ONCE = 200
AT_ONCE = 20  # conversations a transaction, so that nobody waits long for the store


@dataclass(frozen=True, slots=True)
class Purged:
    """How much a purge removed."""

    conversations: int
    messages: int
    heard: int = 0
    """Messages of cached pages."""
    cases: int = 0
    """Texts that moderators were asked about."""


def purge(database: Database, before: datetime, now: datetime) -> Purged:
    """Purge conversations stored before `before`, but none that a worker is at work on.

    A job that has waited for so long ends as failed, else its text would be kept for ever.
    """
    with database.writing() as connection:
        _end_waiting(connection, before, now)
    total, lines = 0, 0
    while True:
        with database.writing() as connection:
            ids = _old(connection, before)
            lines += purge_these(connection, ids, now)
        total += len(ids)
        if len(ids) < AT_ONCE:
            break
    with database.writing() as connection:
        _tidy(connection, before, now)
    while _tidy_scoring(database, now):
        pass
    pages = heard.purge(database, before, now)
    texts = case_texts.purge(database, before)
    if total or pages or texts:
        database.forget_deleted()
    return Purged(total, lines, pages, texts)


def _end_waiting(connection: Connection, before: datetime, now: datetime) -> None:
    theirs = select(conversations.c.id).where(conversations.c.created_at < before)
    waiting = select(jobs.c.id).where(
        jobs.c.state == JobState.QUEUED, jobs.c.conversation_id.in_(theirs)
    )
    for job_id in connection.scalars(waiting).all():
        claims.give_up(connection, job_id, TOO_OLD, now)


def _tidy(connection: Connection, before: datetime, now: datetime) -> None:
    """Drop what nothing needs any more: it is of use for some minutes alone."""
    connection.execute(
        update(asks).where(asks.c.created_at < before, asks.c.key.is_not(None)).values(key=None)
    )
    connection.execute(delete(deleted).where(deleted.c.at < now - REMEMBERED))
    connection.execute(delete(taken).where(taken.c.at < now - REMEMBERED))
    connection.execute(delete(scored).where(scored.c.at < now - SCORES_KEPT))
    connection.execute(delete(days).where(days.c.told_at < now - DAYS_KEPT))
    # A day that is past has no other digest; what they told of is in `digest_marks`.
    old = and_(digests.c.ended_at < before, digests.c.ended_at < now - DAYS_KEPT)
    subscription_rows.drop_digests(
        connection, list(connection.scalars(select(digests.c.id).where(old)))
    )
    # Of a thread that nobody has written in for so long, its channel's watermark is enough.
    connection.execute(
        delete(watched).where(watched.c.parent.is_not(None), watched.c.until < now - REMEMBERED)
    )


def _tidy_scoring(database: Database, now: datetime) -> bool:
    """Drop some jobs that only scored, and led to no case; whether there may be more.

    There is one for every second in which somebody wrote.
    """
    done = and_(
        jobs.c.queue == WATCH_QUEUE,
        jobs.c.ended_at < now - REMEMBERED,
        ~exists().where(cases.c.job_id == jobs.c.id),
    )
    with database.writing() as connection:
        rows = connection.execute(
            select(jobs.c.id, jobs.c.conversation_id).where(done).limit(JOBS_AT_ONCE)
        ).all()
        ids = [row.id for row in rows]
        talks = [row.conversation_id for row in rows]
        connection.execute(delete(deliveries).where(deliveries.c.job_id.in_(ids)))
        connection.execute(delete(jobs).where(jobs.c.id.in_(ids)))
        connection.execute(delete(messages).where(messages.c.conversation_id.in_(talks)))
        connection.execute(delete(conversations).where(conversations.c.id.in_(talks)))
    return len(rows) == JOBS_AT_ONCE


def _old(connection: Connection, before: datetime) -> list[str]:
    unfinished = select(jobs.c.conversation_id).where(
        jobs.c.state.in_([JobState.QUEUED, JobState.RUNNING])
    )
    # Of a job that only scores nothing is kept once it has ended, also where it failed.
    failed = select(jobs.c.conversation_id).where(
        jobs.c.queue == WATCH_QUEUE, jobs.c.state == JobState.FAILED
    )
    query = select(conversations.c.id).where(
        or_(conversations.c.created_at < before, conversations.c.id.in_(failed)),
        conversations.c.purged_at.is_(None),
        conversations.c.id.not_in(unfinished),
    )
    return list(connection.scalars(query.limit(AT_ONCE)))


def purge_these(connection: Connection, ids: Sequence[str], now: datetime) -> int:
    """Remove the chat text of conversations; returns how many messages that were."""
    gone = connection.execute(delete(messages).where(messages.c.conversation_id.in_(ids)))
    theirs = select(jobs.c.id).where(jobs.c.conversation_id.in_(ids))
    connection.execute(
        update(summaries)
        .where(summaries.c.job_id.in_(theirs))
        .values(sentences=None, purged_at=now)
    )
    case_texts.drop(connection, cases.c.job_id.in_(theirs))
    connection.execute(
        update(conversations).where(conversations.c.id.in_(ids)).values(purged_at=now)
    )
    return gone.rowcount
