"""What was done lately, as numbers, for `precis status`: how many, how fast, and how it ended.

Reads what the store keeps of requests, jobs and digests; never their text. Knows nothing of how
the numbers are shown.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from precis.ask import AskState
from precis.job import SUMMARY_TARGET, JobState
from precis.store.asks import OPEN
from precis.store.digest_tables import digests, subscriptions
from precis.store.tables import asks, flags, jobs, summaries
from precis.store.workload import Counts

MOST = 10_000
"""Requests, jobs and summaries that are looked at; the latest."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Of seconds: the middle, and what 95 of 100 stay under."""

    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class RecentWork:
    """What ended since some moment; counts are by two words each."""

    requests: Counts
    """By platform and state."""
    answer: Mapping[str, Spread]
    """From request to answer, by platform."""
    jobs: Counts
    """By task and state."""
    waits: Mapping[str, Spread]
    """From the job's making to its last try, by task."""
    retries: int
    stages: Mapping[str, Spread]
    """By stage of the pipeline."""
    gate: Counts
    """By action and label, of summaries: what was said in place of something toxic."""
    digests: Counts
    """By platform, and `posted`, `failed` or why it was skipped."""
    workers: Mapping[str, datetime]
    """Names of workers that had jobs, each with when it last began one."""


def recent_work(connection: Connection, since: datetime) -> RecentWork:
    """What ended at `since` or later."""
    asked = connection.execute(
        select(asks.c.platform, asks.c.state, asks.c.created_at, asks.c.ended_at)
        .where(asks.c.state.not_in(OPEN), asks.c.ended_at >= since)
        .order_by(asks.c.ended_at.desc())
        .limit(MOST)
    ).all()
    answered = [row for row in asked if row.state == AskState.ANSWERED]
    ended = connection.execute(
        select(
            jobs.c.request["task"].as_string().label("task"),
            jobs.c.state,
            jobs.c.attempts,
            jobs.c.created_at,
            jobs.c.started_at,
        )
        .where(jobs.c.state.in_([s for s in JobState if s.ended]), jobs.c.ended_at >= since)
        .order_by(jobs.c.ended_at.desc())
        .limit(MOST)
    ).all()
    timings = connection.scalars(
        select(summaries.c.timings)
        .where(summaries.c.created_at >= since)
        .order_by(summaries.c.created_at.desc())
        .limit(MOST)
    ).all()
    gate = connection.execute(
        select(flags.c.action, flags.c.label, func.count())
        .where(flags.c.created_at >= since, flags.c.target == SUMMARY_TARGET)
        .group_by(flags.c.action, flags.c.label)
    )
    made = connection.execute(
        select(subscriptions.c.platform, digests.c.state, digests.c.skipped, func.count())
        .join(subscriptions, subscriptions.c.id == digests.c.subscription_id)
        .where(digests.c.ended_at >= since, digests.c.preview_for.is_(None))
        .group_by(subscriptions.c.platform, digests.c.state, digests.c.skipped)
    )
    workers = connection.execute(
        select(jobs.c.worker, func.max(jobs.c.started_at))
        .where(jobs.c.started_at >= since, jobs.c.worker.is_not(None))
        .group_by(jobs.c.worker)
    )
    return RecentWork(
        requests=Counter((row.platform, row.state) for row in asked),
        answer=_spreads([(row.platform, row.created_at, row.ended_at) for row in answered]),
        jobs=Counter((row.task or "summarise", row.state) for row in ended),
        waits=_spreads(
            [
                (row.task or "summarise", row.created_at, row.started_at)
                for row in ended
                if row.started_at is not None
            ]
        ),
        retries=sum(max(0, row.attempts - 1) for row in ended),
        stages=_by_word([pair for each in timings for pair in each.items()]),
        gate={(row[0], row[1]): row[2] for row in gate},
        digests={(row[0], row[2] or row[1]): row[3] for row in made},
        workers={row[0]: row[1] for row in workers},
    )


def _spreads(rows: Sequence[tuple[str, datetime, datetime]]) -> dict[str, Spread]:
    return _by_word([(word, (end - begin).total_seconds()) for word, begin, end in rows])


def _by_word(pairs: Sequence[tuple[str, float]]) -> dict[str, Spread]:
    values: dict[str, list[float]] = {}
    for word, seconds in pairs:
        values.setdefault(word, []).append(seconds)
    return {word: _spread(sorted(seconds)) for word, seconds in values.items()}


def _spread(ordered: Sequence[float]) -> Spread:
    """The nearest-rank percentiles of values in order."""

    def at(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return Spread(round(at(0.5), 3), round(at(0.95), 3))
