"""Digests in the database: due once a day, held by one bot at a time, ended once.

As with asks, each step is one conditional UPDATE that needs the claim. What keeps a digest from
being made twice is the unique key of subscription and day. Knows nothing of platforms.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from precis.digest import MOST_LATE, Digest, DigestState, SkipReason, Subscription
from precis.job import JobState
from precis.monitoring.metrics import DIGESTS
from precis.store import subscription_rows
from precis.store.digest_part_rows import parts_of
from precis.store.digest_tables import digest_parts, digests, subscriptions
from precis.store.tables import jobs

OPEN = (DigestState.DUE, DigestState.WORKING)
FARTHEST = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class HeldDigest:
    """A digest, and the right to see to it until the lease ends."""

    digest: Digest
    subscription: Subscription
    """As it was when the digest was claimed."""
    token: str

    @property
    def id(self) -> str:
        return self.digest.id


def make_due(connection: Connection, platform: str, now: datetime, limit: int) -> int:
    """Make the digests that are due, each once; how many subscriptions were looked at.

    Of several days that were missed the last is made, or skipped where that is too late as well.
    """
    # No schedule has its next day so far away: a clock was ahead once, and was set right.
    ahead = subscriptions.c.next_at > now + FARTHEST
    rows = connection.execute(
        select(subscriptions)
        .where(
            subscriptions.c.platform == platform,
            subscriptions.c.paused.is_(None),
            or_(subscriptions.c.next_at <= now, ahead),
        )
        .order_by(subscriptions.c.next_at, subscriptions.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not rows:
        return 0
    found = {row.id: subscription_rows.readable(row) for row in rows}
    whole = [each for each in found.values() if each is not None]
    is_due = [each for each in whole if each.next_at is not None and each.next_at <= now]
    last = {each.id: each.schedule.last(now) for each in is_due}
    # Of those whose rows are locked here nobody else makes any meanwhile.
    made = connection.execute(
        select(digests.c.subscription_id, digests.c.day).where(
            digests.c.subscription_id.in_(list(last)),
            digests.c.day.in_({day.isoformat() for day, _ in last.values()}),
        )
    )
    there = {(row.subscription_id, row.day) for row in made}
    new = [
        _due(each, day.isoformat(), due_at, now)
        for each, (day, due_at) in zip(is_due, last.values(), strict=True)
        if (each.id, day.isoformat()) not in there
    ]
    if new:
        connection.execute(insert(digests), new)
    for each in new:
        if each["skipped"]:
            DIGESTS.inc(platform=platform, outcome=each["skipped"])
    following = [
        (of, *each.schedule.after(now)) if each is not None else (of, None, None)
        for of, each in found.items()
    ]
    connection.execute(
        update(subscriptions)
        .where(subscriptions.c.id == bindparam("of"))
        .values(next_day=bindparam("day"), next_at=bindparam("at")),
        [{"of": of, "day": day, "at": at} for of, day, at in following],
    )
    return len(rows)


def _due(subscription: Subscription, day: str, due_at: datetime, now: datetime) -> dict[str, Any]:
    late = now - due_at > MOST_LATE
    return _new(
        subscription,
        day,
        now,
        due_at=due_at,
        state=DigestState.SKIPPED if late else DigestState.DUE,
        skipped=SkipReason.LATE if late else None,
        ended_at=now if late else None,
    )


def make_preview(
    connection: Connection, subscription: Subscription, person: str, now: datetime
) -> str:
    """A digest of what there is now, for one person; its id, or that of one still open."""
    there = connection.scalar(
        select(digests.c.id).where(
            digests.c.subscription_id == subscription.id,
            digests.c.preview_for == person,
            digests.c.state.in_(OPEN),
        )
    )
    if there is not None:
        return str(there)
    day = f"preview-{uuid.uuid4().hex}"
    made = _new(subscription, day, now, due_at=now, state=DigestState.DUE, preview_for=person)
    connection.execute(insert(digests).values(made))
    return str(made["id"])


def _new(subscription: Subscription, day: str, now: datetime, **values: Any) -> dict[str, Any]:
    """A row."""
    return {
        "id": uuid.uuid4().hex,
        "subscription_id": subscription.id,
        "day": day,
        "again_at": now,
        "tries": 0,
        "posted": [],
        "created_at": now,
        **values,
    }


def open_ones(
    connection: Connection,
    platform: str,
    state: DigestState,
    now: datetime,
    limit: int,
    busy: Sequence[str] = (),
) -> list[tuple[str, str]]:
    """Digests (id, server) that something is to be done for and nobody holds.

    None of `busy` servers. Previews come first, then those due first.

    One whose jobs go on isn't among them, nor one of a subscription with an earlier one open.
    """
    # In one pass: looked for row by row, a thousand that are open are looked at a million times.
    due_at = case((digests.c.preview_for.is_(None), digests.c.due_at))
    first = func.min(due_at).over(partition_by=digests.c.subscription_id).label("first")
    found = select(digests, first).where(digests.c.state.in_(OPEN)).subquery()
    query = (
        select(found.c.id, subscriptions.c.server)
        .join(subscriptions, subscriptions.c.id == found.c.subscription_id)
        .where(
            subscriptions.c.platform == platform,
            subscriptions.c.server.not_in(busy),
            found.c.again_at <= now,
            _free(found, now),
            _jobs_ended(found) if state is DigestState.WORKING else found.c.state == state,
            or_(found.c.preview_for.is_not(None), found.c.due_at == found.c.first),
        )
        .order_by(found.c.preview_for.is_(None), found.c.due_at, found.c.id)
        .limit(limit)
    )
    return [(row.id, row.server) for row in connection.execute(query)]


def _free(table: FromClause, now: datetime) -> ColumnElement[bool]:
    return and_(table.c.state.in_(OPEN), or_(table.c.claim.is_(None), table.c.lease_until < now))


def _jobs_ended(table: FromClause) -> ColumnElement[bool]:
    going_on = exists().where(
        digest_parts.c.digest_id == table.c.id,
        jobs.c.id == digest_parts.c.job_id,
        jobs.c.state.in_([JobState.QUEUED, JobState.RUNNING]),
    )
    return and_(table.c.state == DigestState.WORKING, ~going_on)


def claim(
    connection: Connection, digest_id: str, now: datetime, lease: timedelta
) -> HeldDigest | None:
    """Take up an open digest that nobody holds; None if it isn't to be had."""
    token = uuid.uuid4().hex
    taken = connection.execute(
        update(digests)
        .where(
            digests.c.id == digest_id,
            _free(digests, now),
            digests.c.again_at <= now,
            or_(digests.c.state == DigestState.DUE, _jobs_ended(digests)),
        )
        .values(claim=token, lease_until=now + lease, tries=digests.c.tries + 1)
    )
    if taken.rowcount != 1:
        return None
    digest = get(connection, digest_id)
    if digest is None:
        return None
    found = subscription_rows.get(connection, digest.subscription_id)
    if found is None:
        return None
    return HeldDigest(digest, found, token)


def change(connection: Connection, held: HeldDigest, **values: Any) -> bool:
    """Write to a digest that is held; False if the claim was lost."""
    changed = connection.execute(
        update(digests)
        .where(digests.c.id == held.id, digests.c.claim == held.token, digests.c.state.in_(OPEN))
        .values(**values)
    )
    return changed.rowcount == 1


def end(connection: Connection, held: HeldDigest, now: datetime, **values: Any) -> bool:
    return change(connection, held, claim=None, lease_until=None, ended_at=now, **values)


def get(connection: Connection, digest_id: str) -> Digest | None:
    row = connection.execute(select(digests).where(digests.c.id == digest_id)).one_or_none()
    return None if row is None else _digest(connection, row)


def latest(connection: Connection, subscription_ids: Sequence[str]) -> dict[str, Digest]:
    """The last digest of each subscription, by its id; previews aside."""
    found: dict[str, Digest] = {}
    for each in subscription_ids:
        row = connection.execute(
            select(digests)
            .where(digests.c.subscription_id == each, digests.c.preview_for.is_(None))
            .order_by(digests.c.due_at.desc())
            .limit(1)
        ).one_or_none()
        if row is not None:
            found[each] = _digest(connection, row)
    return found


def ended(connection: Connection, platform: str, since: datetime) -> list[Digest]:
    query = (
        select(digests)
        .join(subscriptions, subscriptions.c.id == digests.c.subscription_id)
        .where(
            subscriptions.c.platform == platform,
            digests.c.preview_for.is_(None),
            digests.c.ended_at >= since,
        )
        .order_by(digests.c.ended_at, digests.c.id)
    )
    return [_digest(connection, row) for row in connection.execute(query).all()]


def is_shown(connection: Connection, digest_id: str) -> bool:
    """Whether some of it is."""
    return bool(connection.scalar(select(digests.c.posted).where(digests.c.id == digest_id)))


def of_job(connection: Connection, job_id: str) -> list[str]:
    """Ids of digests that wait for a job."""
    query = (
        select(digests.c.id)
        .join(digest_parts, digest_parts.c.digest_id == digests.c.id)
        .where(digest_parts.c.job_id == job_id, digests.c.state == DigestState.WORKING)
    )
    return list(connection.scalars(query))


def count_open(connection: Connection, platform: str) -> int:
    query = (
        select(func.count())
        .select_from(digests)
        .join(subscriptions, subscriptions.c.id == digests.c.subscription_id)
        .where(subscriptions.c.platform == platform, digests.c.state.in_(OPEN))
    )
    return int(connection.scalar(query) or 0)


def _digest(connection: Connection, row: Row[Any]) -> Digest:
    return Digest(
        id=row.id,
        subscription_id=row.subscription_id,
        day=row.day,
        due_at=row.due_at,
        state=row.state,
        skipped=row.skipped,
        tries=row.tries,
        parts=parts_of(connection, row.id),
        posted=tuple(row.posted),
        begun_at=row.begun_at,
        preview_for=row.preview_for,
    )
