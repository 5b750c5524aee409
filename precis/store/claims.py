"""Who works on a job: claiming, renewing, ending, and finding what was lost.

A claim is a token in the job's row with a lease. Every step is one conditional UPDATE, so that of
two workers one wins, and a worker that lost its lease writes nothing. Knows nothing of queues.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, select, update

from precis.job import Flag, JobRequest, JobState, QueueName, Result
from precis.monitoring.metrics import LEASES_LOST
from precis.store.digest_tables import digest_parts
from precis.store.people import lock_messages_of, without_forgotten
from precis.store.tables import asks, deliveries, flags, jobs, summaries

LONGEST_REPUBLISH = timedelta(hours=1)
RECOVERED_AT_ONCE = 500
LOST = "The workers that tried to summarise this were lost, each in turn; try a smaller window."


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to end a job, until its lease ends."""

    job_id: str
    token: str
    attempt: int
    """1 for the first try."""
    request: dict[str, Any]
    """The stored request, not yet validated: it may be of a version we don't know."""
    asked_by: str | None = None
    """The id of the first request, or of the digest, that waits for the job."""
    due_at: datetime | None = None
    """Since when it could be worked on."""
    waited: timedelta = timedelta(0)
    """How long after that it was claimed."""


def claim(
    connection: Connection, job_id: str, worker: str, now: datetime, lease: timedelta, tries: int
) -> Claim | None:
    """Take a job that is due, or whose worker is lost; None if it isn't to be had."""
    token = uuid.uuid4().hex
    free = and_(jobs.c.state == JobState.QUEUED, jobs.c.available_at <= now)
    lost = and_(jobs.c.state == JobState.RUNNING, jobs.c.lease_until < now, jobs.c.attempts < tries)
    take = update(jobs).values(
        state=JobState.RUNNING,
        attempts=jobs.c.attempts + 1,
        claim=token,
        worker=worker[:200],
        lease_until=now + lease,
        started_at=now,
    )
    was_lost = False
    if connection.execute(take.where(jobs.c.id == job_id, free)).rowcount != 1:
        was_lost = connection.execute(take.where(jobs.c.id == job_id, lost)).rowcount == 1
        if not was_lost:
            return None
    row = connection.execute(
        select(
            jobs.c.attempts,
            jobs.c.request,
            jobs.c.queue,
            jobs.c.available_at,
            _first_request(job_id).label("asked_by"),
        ).where(jobs.c.id == job_id)
    ).one()
    if was_lost:
        LEASES_LOST.inc(queue=row.queue)
    waited = max(timedelta(0), now - row.available_at)
    return Claim(job_id, token, row.attempts, row.request, row.asked_by, row.available_at, waited)


def _first_request(job_id: str) -> ColumnElement[str | None]:
    """The id of the request, or else of the digest, that a job is for; logs follow it."""
    request = select(asks.c.id).where(asks.c.job_id == job_id).order_by(asks.c.created_at).limit(1)
    digest = select(digest_parts.c.digest_id).where(digest_parts.c.job_id == job_id).limit(1)
    return func.coalesce(request.scalar_subquery(), digest.scalar_subquery())


def extend(connection: Connection, held: Claim, until: datetime) -> bool:
    """Renew the lease; False if the claim is no longer ours."""
    return _update_held(connection, held, lease_until=until)


def finish(connection: Connection, held: Claim, result: Result, now: datetime) -> bool:
    """Store the result, its flags and a delivery; False, and nothing, if the claim was lost.

    What rests on messages that were forgotten while it was made isn't stored.
    """
    lock_messages_of(connection, held.job_id)
    state = JobState.DONE if result.summary else JobState.WITHHELD
    if not _end(connection, held, now, state=state):
        return False
    style = JobRequest.model_validate(held.request).style
    dumped = result.model_dump(mode="json")
    sentences = None
    if result.summary:
        sentences = without_forgotten(connection, held.job_id, dumped["summary"]["sentences"])
    connection.execute(
        insert(summaries).values(
            job_id=held.job_id,
            style=style,
            sentences=sentences,
            model=dumped["model"],
            timings=dumped["timings"],
            created_at=now,
        )
    )
    if result.flags:
        rows = [_flag_row(held.job_id, flag, now) for flag in result.flags]
        connection.execute(insert(flags), rows)
    return True


def finish_scored(connection: Connection, held: Claim, now: datetime) -> bool:
    """End a job that has nothing to say; False if the claim was lost."""
    lock_messages_of(connection, held.job_id)
    return _end(connection, held, now, state=JobState.DONE)


def fail(connection: Connection, held: Claim, reason: str, now: datetime) -> bool:
    """End the job with a reason for whoever asked; False if the claim was lost."""
    return _end(connection, held, now, state=JobState.FAILED, reason=reason)


def retry(connection: Connection, held: Claim, due: datetime) -> bool:
    """Queue the job again for `due`; False if the claim was lost."""
    return _update_held(
        connection,
        held,
        state=JobState.QUEUED,
        claim=None,
        lease_until=None,
        available_at=due,
        publish_at=due,
    )


def give_back(connection: Connection, held: Claim, now: datetime) -> bool:
    """Queue the job again, as if this try had not been; False if the claim was lost."""
    return _update_held(
        connection,
        held,
        state=JobState.QUEUED,
        claim=None,
        lease_until=None,
        attempts=jobs.c.attempts - 1,
        available_at=now,
        publish_at=now,
    )


def cancel(connection: Connection, job_id: str, reason: str, now: datetime) -> bool:
    """End a job from outside, with nobody to be told; False if it has ended."""
    ended = connection.execute(
        update(jobs)
        .where(jobs.c.id == job_id, jobs.c.state.in_([JobState.QUEUED, JobState.RUNNING]))
        .values(
            state=JobState.FAILED,
            reason=reason,
            claim=None,
            lease_until=None,
            publish_at=None,
            ended_at=now,
        )
    )
    return ended.rowcount == 1


def give_up(connection: Connection, job_id: str, reason: str, now: datetime) -> bool:
    """Fail a job that waits, with a reason for whoever asked; False if it waits no more."""
    taken = connection.execute(
        update(jobs)
        .where(jobs.c.id == job_id, jobs.c.state == JobState.QUEUED)
        .values(state=JobState.RUNNING, claim=job_id)
    )
    return taken.rowcount == 1 and fail(connection, Claim(job_id, job_id, 0, {}), reason, now)


def unsent(connection: Connection, job_ids: Sequence[str], now: datetime) -> None:
    """Note that jobs taken for published were not, so that `recover` names them next time."""
    connection.execute(
        update(jobs)
        .where(jobs.c.id.in_(job_ids), jobs.c.state == JobState.QUEUED)
        .values(publish_at=now)
    )


def recover(
    connection: Connection, now: datetime, requeue_after: timedelta, tries: int
) -> list[tuple[str, QueueName]]:
    """The jobs to publish (id, queue): those whose worker was lost, and those long unheard of.

    Jobs lost at their last try fail. Several reconcilers at once share the jobs among them.
    """
    _recover_lost(connection, now, tries)
    due = connection.execute(
        select(jobs.c.id, jobs.c.queue, jobs.c.publishes)
        .where(jobs.c.state == JobState.QUEUED, jobs.c.publish_at <= now)
        .order_by(jobs.c.created_at)
        .limit(RECOVERED_AT_ONCE)
        .with_for_update(skip_locked=True)  # else several reconcilers could lock each other out
    ).all()
    return [
        (row.id, row.queue)
        for row in due
        if _mark_published(connection, row.id, row.publishes, now, requeue_after)
    ]


def _recover_lost(connection: Connection, now: datetime, tries: int) -> None:
    lost = connection.execute(
        select(jobs.c.id, jobs.c.claim, jobs.c.attempts, jobs.c.request, jobs.c.queue)
        .where(jobs.c.state == JobState.RUNNING, jobs.c.lease_until < now)
        .order_by(jobs.c.lease_until)
        .limit(RECOVERED_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for row in lost:
        held = Claim(row.id, row.claim, row.attempts, row.request)
        LEASES_LOST.inc(queue=row.queue)
        if row.attempts >= tries:
            fail(connection, held, LOST, now)
        else:
            retry(connection, held, now)


def _mark_published(
    connection: Connection, job_id: str, publishes: int, now: datetime, requeue_after: timedelta
) -> bool:
    # Twice as long each time: a long queue isn't filled with copies of itself.
    wait = min(LONGEST_REPUBLISH, requeue_after * 2 ** min(publishes, 20))
    marked = connection.execute(
        update(jobs)
        .where(
            jobs.c.id == job_id,
            jobs.c.state == JobState.QUEUED,
            jobs.c.publishes == publishes,
            jobs.c.publish_at <= now,
        )
        .values(publishes=jobs.c.publishes + 1, publish_at=now + wait)
    )
    return marked.rowcount == 1


def _end(connection: Connection, held: Claim, now: datetime, **values: Any) -> bool:
    """End the job and note a delivery, in the same transaction."""
    if not _update_held(
        connection, held, claim=None, lease_until=None, publish_at=None, ended_at=now, **values
    ):
        return False
    frontend = select(jobs.c.frontend).where(jobs.c.id == held.job_id).scalar_subquery()
    connection.execute(
        insert(deliveries).values(job_id=held.job_id, frontend=frontend, created_at=now)
    )
    return True


def _update_held(connection: Connection, held: Claim, **values: Any) -> bool:
    updated = connection.execute(
        update(jobs)
        .where(
            jobs.c.id == held.job_id,
            jobs.c.claim == held.token,
            jobs.c.state == JobState.RUNNING,
        )
        .values(**values)
    )
    return updated.rowcount == 1


def _flag_row(job_id: str, flag: Flag, now: datetime) -> dict[str, Any]:
    return {"job_id": job_id, "created_at": now, **flag.model_dump(mode="json")}
