"""Asks in the database: taken within limits, held by one bot process at a time, ended once.

As with jobs (`precis.store.claims`), each step is one conditional UPDATE that needs the claim, so
that of two processes one answers. Knows nothing of platforms.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from precis.ask import Ask, AskRequest, AskState, Limits, Wanted
from precis.job import JobState
from precis.store import limiting
from precis.store.limiting import TooMany
from precis.store.tables import asks, jobs

OPEN = (AskState.GATHERING, AskState.WAITING)
MOST_TRIES = 5


@dataclass(frozen=True, slots=True)
class Known:
    """An ask that was begun before, by its `AskRequest.key`; somebody sees to it, or has."""

    ask_id: str


@dataclass(frozen=True, slots=True)
class HeldAsk:
    """An ask, and the right to answer it until the lease ends."""

    ask: Ask
    token: str

    @property
    def id(self) -> str:
        return self.ask.id


def begin(
    connection: Connection, request: AskRequest, limits: Limits, now: datetime, lease: timedelta
) -> HeldAsk | TooMany | Known:
    """Take an ask unless there were too many of late, or this one is taken already."""
    if request.key is not None:
        same = and_(asks.c.platform == request.platform, asks.c.key == request.key)
        if begun := connection.scalar(select(asks.c.id).where(same)):
            return Known(begun)
    if refused := limiting.too_many(connection, request, limits, now):
        return refused
    limiting.count(connection, request, now)
    ask_id, token = uuid.uuid4().hex, uuid.uuid4().hex
    connection.execute(
        insert(asks).values(
            id=ask_id,
            **request.model_dump(exclude={"wanted", "reply"}),
            wanted=request.wanted.model_dump(mode="json", exclude_defaults=True),
            reply=request.reply,
            state=AskState.GATHERING,
            claim=token,
            lease_until=now + lease,
            tries=1,
            partial=False,
            posted=[],
            shared=False,
            created_at=now,
        )
    )
    return HeldAsk(
        Ask(id=ask_id, request=request, state=AskState.GATHERING, created_at=now, tries=1), token
    )


def claim(
    connection: Connection, ask_id: str, now: datetime, lease: timedelta, *, counts: bool = True
) -> HeldAsk | None:
    """Take up an open ask that nobody holds; None if it isn't to be had.

    `counts`: as a try, of which there are `MOST_TRIES`.
    """
    token = uuid.uuid4().hex
    taken = connection.execute(
        update(asks)
        .where(
            asks.c.id == ask_id,
            asks.c.state.in_(OPEN),
            or_(asks.c.claim.is_(None), asks.c.lease_until < now),
        )
        .values(claim=token, lease_until=now + lease, tries=asks.c.tries + int(counts))
    )
    if taken.rowcount != 1:
        return None
    return HeldAsk(_ask(connection.execute(select(asks).where(asks.c.id == ask_id)).one()), token)


def change(connection: Connection, held: HeldAsk, **values: Any) -> bool:
    """Write to an ask that is held; False if the claim was lost."""
    changed = connection.execute(
        update(asks)
        .where(asks.c.id == held.id, asks.c.claim == held.token, asks.c.state.in_(OPEN))
        .values(**values)
    )
    return changed.rowcount == 1


def end(connection: Connection, held: HeldAsk, state: AskState, now: datetime) -> bool:
    """End an ask, and forget the secret it was to be answered with; False if the claim was lost."""
    return change(
        connection, held, state=state, ended_at=now, claim=None, reply={}, reply_until=None
    )


def share(connection: Connection, ask_id: str, *, shared: bool) -> bool:
    """Note that an answer was shared, or after all was not; False if that was so before."""
    changed = connection.execute(
        update(asks).where(asks.c.id == ask_id, asks.c.shared.is_not(shared)).values(shared=shared)
    )
    return changed.rowcount == 1


def add_posted(connection: Connection, ask_id: str, posted: Sequence[str]) -> None:
    """Note messages that hold an answer too, whoever holds its ask."""
    query = select(asks.c.posted).where(asks.c.id == ask_id).with_for_update()
    before = connection.scalar(query)
    if before is not None:
        connection.execute(
            update(asks).where(asks.c.id == ask_id).values(posted=[*before, *posted])
        )


def get(connection: Connection, ask_id: str) -> Ask | None:
    row = connection.execute(select(asks).where(asks.c.id == ask_id)).one_or_none()
    return None if row is None else _ask(row)


def waiting_for(connection: Connection, job_id: str) -> list[str]:
    """Ids of the asks that wait for a job."""
    query = select(asks.c.id).where(asks.c.job_id == job_id, asks.c.state == AskState.WAITING)
    return list(connection.scalars(query.order_by(asks.c.created_at)))


def due(connection: Connection, platform: str, now: datetime, limit: int) -> list[str]:
    """Asks that somebody should take up: left while gathering, or whose job has ended."""
    ended = [state for state in JobState if state.ended]
    query = (
        select(asks.c.id)
        .outerjoin(jobs, jobs.c.id == asks.c.job_id)
        .where(
            asks.c.platform == platform,
            or_(asks.c.claim.is_(None), asks.c.lease_until < now),
            or_(
                asks.c.state == AskState.GATHERING,
                and_(asks.c.state == AskState.WAITING, jobs.c.state.in_(ended)),
            ),
        )
        .order_by(asks.c.created_at)
        .limit(limit)
    )
    return list(connection.scalars(query))


def ahead_of(connection: Connection, job_id: str) -> int | None:
    """How many jobs of the same queue are before this one; None once it isn't queued."""
    job = connection.execute(
        select(jobs.c.state, jobs.c.queue, jobs.c.created_at).where(jobs.c.id == job_id)
    ).one_or_none()
    if job is None or job.state != JobState.QUEUED:
        return None
    waiting = [JobState.QUEUED, JobState.RUNNING]
    count = connection.scalar(
        select(func.count())
        .select_from(jobs)
        .where(
            jobs.c.queue == job.queue,
            jobs.c.state.in_(waiting),
            jobs.c.created_at < job.created_at,
        )
    )
    return int(count or 0)


def _ask(row: Row[Any]) -> Ask:
    request = AskRequest(
        platform=row.platform,
        server=row.server,
        source=row.source,
        place=row.place,
        person=row.person,
        private=row.private,
        wanted=Wanted.model_validate(row.wanted),
        reply=row.reply,
        reply_until=row.reply_until,
        key=row.key,
    )
    return Ask(
        id=row.id,
        request=request,
        state=row.state,
        job_id=row.job_id,
        created_at=row.created_at,
        tries=row.tries,
        partial=row.partial,
        posted=tuple(row.posted),
        shared=row.shared,
    )
