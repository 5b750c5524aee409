"""Subscriptions in the database: one a target, made, changed, paused and stopped.

Knows nothing of platforms, nor of what is in a digest.
"""

import logging
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, or_, select, update

from precis.digest import PauseReason, Subscription, Target
from precis.schedule import Every, Schedule
from precis.store.digest_tables import digest_marks, digest_parts, digests, subscriptions
from precis.store.parts import parts

logger = logging.getLogger(__name__)

Change = Callable[[Subscription | None], Subscription]
NEW = "new"
"""The id of a subscription that isn't stored yet."""
FROM_HERE = "-"
"""Of a mark that is a moment, and no message."""


def get(connection: Connection, subscription_id: str) -> Subscription | None:
    query = select(subscriptions).where(subscriptions.c.id == subscription_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else readable(row)


def of_target(
    connection: Connection, platform: str, server: str, target: Target, every: Every
) -> Subscription | None:
    row = connection.execute(
        select(subscriptions).where(
            subscriptions.c.platform == platform,
            subscriptions.c.server == server,
            subscriptions.c.target_kind == target.kind,
            subscriptions.c.target == target.id,
            subscriptions.c.every == every,
        )
    ).one_or_none()
    return None if row is None else as_subscription(row)


def listed(connection: Connection, which: ColumnElement[bool]) -> list[Subscription]:
    """In the order they were made."""
    query = select(subscriptions).where(which)
    query = query.order_by(subscriptions.c.created_at, subscriptions.c.id)
    found = [readable(row) for row in connection.execute(query)]
    return [each for each in found if each is not None]


def save(
    connection: Connection, subscription: Subscription, before: Sequence[str], now: datetime
) -> Subscription:
    """Store it, new or changed; when its next digest is due follows from its schedule.

    `before`: the sources that it had until now.
    """
    day, moment = (None, None) if subscription.paused else subscription.schedule.after(now)
    values: dict[str, Any] = {
        "sources": list(subscription.sources),
        "schedule": subscription.schedule.model_dump(mode="json"),
        "least": subscription.least,
        "style": subscription.style,
        "paused": subscription.paused,
        "paused_for": subscription.paused_for,
        "next_day": day,
        "next_at": moment,
    }
    if subscription.id != NEW:
        connection.execute(
            update(subscriptions).where(subscriptions.c.id == subscription.id).values(**values)
        )
        _begin(connection, subscription, before, now)
        return subscription.model_copy(update={"next_day": day, "next_at": moment})
    made = uuid.uuid4().hex
    connection.execute(
        insert(subscriptions).values(
            id=made,
            platform=subscription.platform,
            server=subscription.server,
            target_kind=subscription.target.kind,
            target=subscription.target.id,
            every=subscription.schedule.every,
            created_by=subscription.created_by,
            created_at=now,
            told=True,
            **values,
        )
    )
    kept = subscription.model_copy(
        update={"id": made, "created_at": now, "next_day": day, "next_at": moment}
    )
    _begin(connection, kept, before, now)
    return kept


def _begin(
    connection: Connection, subscription: Subscription, before: Sequence[str], now: datetime
) -> None:
    """A source that wasn't among those of `before` is told of from a day, or a week, ago at the
    earliest; so are the threads of one that had been taken out.
    """
    added = [source for source in subscription.sources if source not in before]
    if not added:
        return
    first, theirs = now - subscription.schedule.span, digest_marks.c.subscription_id
    threads = (
        select(digest_parts.c.place)
        .join(digests, digests.c.id == digest_parts.c.digest_id)
        .where(digests.c.subscription_id == subscription.id, digest_parts.c.source.in_(added))
    )
    back = or_(digest_marks.c.place.in_(added), digest_marks.c.place.in_(threads))
    connection.execute(
        update(digest_marks)
        .where(theirs == subscription.id, back, digest_marks.c.at < first)
        .values(at=first, message=FROM_HERE)
    )
    there = set(connection.scalars(select(digest_marks.c.place).where(theirs == subscription.id)))
    rows = [
        {"subscription_id": subscription.id, "place": source, "at": first, "message": FROM_HERE}
        for source in added
        if source not in there
    ]
    if rows:
        connection.execute(insert(digest_marks), rows)


def pause(
    connection: Connection, subscription_id: str, reason: PauseReason, source: str | None
) -> bool:
    """False if it is paused already, or gone. But for one who asked, its maker is to be told."""
    paused = connection.execute(
        update(subscriptions)
        .where(subscriptions.c.id == subscription_id, subscriptions.c.paused.is_(None))
        .values(
            paused=reason,
            paused_for=source,
            told=reason is PauseReason.ASKED,
            next_day=None,
            next_at=None,
        )
    )
    return paused.rowcount == 1


def resume(
    connection: Connection, subscription_id: str, now: datetime, without: str | None = None
) -> Subscription | None:
    """None if it is gone. Its next digest is the next that is due, as of now.

    `without`: the channel that it is paused for; where that is no more so, nothing changes.
    """
    found = get(connection, subscription_id)
    if found is None or found.paused is None:
        return found
    if without is not None and not (found.can_do_without and found.paused_for == without):
        return found
    sources = tuple(each for each in found.sources if each != without)
    running = found.model_copy(update={"paused": None, "paused_for": None, "sources": sources})
    connection.execute(
        update(subscriptions).where(subscriptions.c.id == subscription_id).values(told=True)
    )
    return save(connection, running, found.sources, now)


def stop(connection: Connection, which: ColumnElement[bool]) -> int:
    """Remove subscriptions with all that belongs to them; how many."""
    ids = list(connection.scalars(select(subscriptions.c.id).where(which)))
    for some in parts(ids):
        theirs = select(digests.c.id).where(digests.c.subscription_id.in_(some))
        connection.execute(delete(digest_parts).where(digest_parts.c.digest_id.in_(theirs)))
        connection.execute(delete(digests).where(digests.c.subscription_id.in_(some)))
        connection.execute(delete(digest_marks).where(digest_marks.c.subscription_id.in_(some)))
        connection.execute(delete(subscriptions).where(subscriptions.c.id.in_(some)))
    return len(ids)


def forget_maker(connection: Connection, platform: str, person: str) -> None:
    """Remove what somebody gets alone; what they made for others stays, made by nobody."""
    theirs = and_(
        subscriptions.c.platform == platform,
        subscriptions.c.target_kind == "person",
        subscriptions.c.target == person,
    )
    stop(connection, theirs)
    previews = and_(digests.c.preview_for == person, subscriptions.c.platform == platform)
    ids = list(
        connection.scalars(
            select(digests.c.id).join(subscriptions).where(previews).order_by(digests.c.id)
        )
    )
    drop_digests(connection, ids)
    connection.execute(
        update(subscriptions)
        .where(subscriptions.c.platform == platform, subscriptions.c.created_by == person)
        .values(created_by=None, told=True)
    )


def drop_digests(connection: Connection, ids: Sequence[str]) -> None:
    for some in parts(ids):
        connection.execute(delete(digest_parts).where(digest_parts.c.digest_id.in_(some)))
        connection.execute(delete(digests).where(digests.c.id.in_(some)))


def readable(row: Row[Any]) -> Subscription | None:
    """None, and a line in the log, for one that isn't whole: others are not to suffer."""
    try:
        return as_subscription(row)
    except ValidationError:
        logger.error("subscription %s is damaged", row.id)  # noqa: TRY400 - one line is enough
        return None


def as_subscription(row: Row[Any]) -> Subscription:
    return Subscription(
        id=row.id,
        platform=row.platform,
        server=row.server,
        target=Target(kind=row.target_kind, id=row.target),
        sources=tuple(row.sources),
        schedule=Schedule.model_validate(row.schedule),
        least=row.least,
        style=row.style,
        created_by=row.created_by,
        created_at=row.created_at,
        paused=row.paused,
        paused_for=row.paused_for,
        next_day=row.next_day,
        next_at=row.next_at,
    )
