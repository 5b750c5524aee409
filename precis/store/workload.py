"""What waits, and for how long, as numbers: for metrics and for `precis status`.

Only what is open is counted here, which indexes find quickly however much has ended. Knows nothing
of how the numbers are shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, union_all

from precis.digest import DigestState
from precis.job import JobState
from precis.store.asks import OPEN
from precis.store.digest_tables import digests, subscriptions
from precis.store.tables import asks, cases, deliveries, jobs

LATE = timedelta(minutes=15)
"""After which a digest that is due is late."""
OPEN_DIGESTS = (DigestState.DUE, DigestState.WORKING)

Counts = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Workload:
    """Counts by two words each, and ages in seconds by one."""

    jobs: Counts
    """By queue and state, of those queued or running."""
    oldest_job: Mapping[str, float]
    """By queue: since when the oldest one that is due waits."""
    expired: int
    """Running jobs whose lease has ended."""
    requests: Counts
    """By platform and state, of those that somebody waits for."""
    oldest_request: Mapping[str, float]
    undelivered: Mapping[str, int]
    """By frontend."""
    cases: Counts
    """By platform and kind, of those nobody has decided."""
    oldest_case: Mapping[str, float]
    subscriptions: Counts
    """By platform, and `active` or `paused`."""
    digests_due: Mapping[str, int] = field(default_factory=dict)
    digests_late: Mapping[str, int] = field(default_factory=dict)


def workload(connection: Connection, now: datetime) -> Workload:
    """What there is to do at the moment."""
    job_rows = connection.execute(
        select(jobs.c.queue, jobs.c.state, func.count(), func.min(jobs.c.available_at))
        .where(jobs.c.state.in_([JobState.QUEUED, JobState.RUNNING]))
        .group_by(jobs.c.queue, jobs.c.state)
    ).all()
    request_rows = connection.execute(
        select(asks.c.platform, asks.c.state, func.count(), func.min(asks.c.created_at))
        .where(asks.c.state.in_(OPEN))
        .group_by(asks.c.platform, asks.c.state)
    ).all()
    case_rows = connection.execute(
        select(cases.c.platform, cases.c.kind, func.count(), func.min(cases.c.created_at))
        .where(cases.c.verdict.is_(None))
        .group_by(cases.c.platform, cases.c.kind)
    ).all()
    expired = connection.scalar(
        select(func.count())
        .select_from(jobs)
        .where(jobs.c.state == JobState.RUNNING, jobs.c.lease_until < now)
    )
    undelivered = connection.execute(
        select(deliveries.c.frontend, func.count())
        .where(deliveries.c.delivered_at.is_(None))
        .group_by(deliveries.c.frontend)
    )
    is_paused = subscriptions.c.paused.is_not(None)
    subscribed = connection.execute(
        select(subscriptions.c.platform, is_paused, func.count()).group_by(
            subscriptions.c.platform, is_paused
        )
    )
    waiting = [row for row in job_rows if row[1] == JobState.QUEUED]
    return Workload(
        jobs={(row[0], row[1]): row[2] for row in job_rows},
        oldest_job=_ages([(row[0], row[3]) for row in waiting], now),
        expired=int(expired or 0),
        requests={(row[0], row[1]): row[2] for row in request_rows},
        oldest_request=_ages([(row[0], row[3]) for row in request_rows], now),
        undelivered={row[0]: row[1] for row in undelivered},
        cases={(row[0], row[1]): row[2] for row in case_rows},
        oldest_case=_ages([(row[0], row[3]) for row in case_rows], now),
        subscriptions={(row[0], "paused" if row[1] else "active"): row[2] for row in subscribed},
        digests_due=_digests_before(connection, now),
        digests_late=_digests_before(connection, now - LATE),
    )


def _digests_before(connection: Connection, moment: datetime) -> dict[str, int]:
    """Digests by platform that were due by a moment and are still open.

    Also those that no bot has begun: of their subscriptions the next time has passed.
    """
    begun = (
        select(subscriptions.c.platform)
        .join(digests, digests.c.subscription_id == subscriptions.c.id)
        .where(
            digests.c.state.in_(OPEN_DIGESTS),
            digests.c.preview_for.is_(None),
            digests.c.due_at <= moment,
        )
    )
    unseen = select(subscriptions.c.platform).where(
        subscriptions.c.paused.is_(None), subscriptions.c.next_at <= moment
    )
    both = union_all(begun, unseen).subquery()
    query = select(both.c.platform, func.count()).group_by(both.c.platform)
    return {row[0]: row[1] for row in connection.execute(query)}


def _ages(since: list[tuple[str, datetime]], now: datetime) -> dict[str, float]:
    """The greatest age for each word, in seconds; 0 for what lies ahead."""
    ages: dict[str, float] = {}
    for word, moment in since:
        age = max(0.0, (now - moment).total_seconds())
        ages[word] = max(age, ages.get(word, 0.0))
    return ages
