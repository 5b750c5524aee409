"""When models are to be refreshed, and who is at it: schedules, and the runs that they make.

As with jobs, a run is claimed with a lease, so that one worker is at it; a run whose worker is lost
is begun once more. Knows nothing of what a run does.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, delete, insert, or_, select, update

from precis.frozen import Frozen
from precis.store.part import Part
from precis.store.tables import schedules, training_runs

TRIES = 2
SEND_AGAIN = timedelta(minutes=10)
"""After which a run that nobody took is sent to the queue again."""
LOST = "its workers were lost, each in turn"
MOST_OUTCOME = 2_000


class RunState(StrEnum):
    """queued → running → done | failed."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Schedule(Frozen):
    """Something that is done now and then."""

    name: str
    every: timedelta
    options: dict[str, Any]
    next_at: datetime


class TrainingRun(Frozen):
    """One time that it is done."""

    id: str
    schedule: str | None
    options: dict[str, Any]
    state: RunState
    attempts: int
    outcome: str | None
    """What came of it, in a line."""
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldRun:
    """A run, and the right to end it until the lease ends."""

    id: str
    token: str
    options: dict[str, Any]


class ScheduleStore(Part):
    """Schedules and runs; a transaction a call. Raises StoreError."""

    def set_schedule(self, name: str, every: timedelta, options: Mapping[str, Any]) -> None:
        """Do it every so often, for the first time when that has passed."""
        with self._database.writing() as connection:
            self._database.lock(connection, f"schedule {name}")
            values = {
                "every": int(every.total_seconds()),
                "options": dict(options),
                "next_at": self._now() + every,
            }
            changed = connection.execute(
                update(schedules).where(schedules.c.name == name).values(**values)
            )
            if changed.rowcount == 0:
                connection.execute(insert(schedules).values(name=name, **values))

    def drop_schedule(self, name: str) -> bool:
        """Do it no more; False if there was no such schedule."""
        with self._database.writing() as connection:
            gone = connection.execute(delete(schedules).where(schedules.c.name == name))
        return gone.rowcount == 1

    def schedules(self) -> list[Schedule]:
        """By name."""
        with self._database.reading() as connection:
            rows = connection.execute(select(schedules).order_by(schedules.c.name))
            return [
                Schedule(
                    name=row.name,
                    every=timedelta(seconds=row.every),
                    options=row.options,
                    next_at=row.next_at,
                )
                for row in rows
            ]

    def due_runs(self) -> list[str]:
        """Make the runs that are due, and give the ids of those to send to the queue.

        Of several who look at once, one makes a run. However long nobody looked, it is one.
        """
        if not self._any():
            return []
        with self._database.writing() as connection:
            self._database.lock(connection, "schedules")
            now = self._now()
            for row in connection.execute(
                select(schedules).where(schedules.c.next_at <= now)
            ).all():
                self._make(connection, row.name, row.options, now)
                late = (now - row.next_at) // timedelta(seconds=row.every)
                next_at = row.next_at + (late + 1) * timedelta(seconds=row.every)
                connection.execute(
                    update(schedules).where(schedules.c.name == row.name).values(next_at=next_at)
                )
            self._recover(connection, now)
            due = connection.scalars(
                select(training_runs.c.id).where(
                    training_runs.c.state == RunState.QUEUED, training_runs.c.publish_at <= now
                )
            ).all()
            for run_id in due:
                connection.execute(
                    update(training_runs)
                    .where(training_runs.c.id == run_id)
                    .values(publish_at=now + SEND_AGAIN)
                )
            return list(due)

    def _any(self) -> bool:
        """Whether there is anything to see to: most workers never have, and are to lock nothing."""
        going = training_runs.c.state.in_([RunState.QUEUED, RunState.RUNNING])
        with self._database.reading() as connection:
            scheduled = connection.execute(select(schedules.c.name).limit(1)).first()
            begun = connection.execute(select(training_runs.c.id).where(going).limit(1)).first()
        return scheduled is not None or begun is not None

    def claim_run(self, run_id: str) -> HeldRun | None:
        """Take a run that waits; None if it is another's, has ended, or another one is at work."""
        token = uuid.uuid4().hex
        with self._database.writing() as connection:
            self._database.lock(connection, "training runs")
            now = self._now()
            busy = connection.execute(
                select(training_runs.c.id).where(
                    training_runs.c.state == RunState.RUNNING, training_runs.c.lease_until >= now
                )
            ).first()
            if busy is not None:
                return None
            taken = connection.execute(
                update(training_runs)
                .where(training_runs.c.id == run_id, training_runs.c.state == RunState.QUEUED)
                .values(
                    state=RunState.RUNNING,
                    claim=token,
                    lease_until=now + self._lease,
                    attempts=training_runs.c.attempts + 1,
                    started_at=now,
                )
            )
            if taken.rowcount != 1:
                return None
            options = connection.scalar(
                select(training_runs.c.options).where(training_runs.c.id == run_id)
            )
        return HeldRun(run_id, token, dict(options or {}))

    def extend_run(self, held: HeldRun) -> bool:
        """Give a sign of life; False if the run was lost."""
        return self._change(held, lease_until=self._now() + self._lease)

    def end_run(self, held: HeldRun, state: RunState, outcome: str) -> bool:
        """End a run; False if it was lost."""
        return self._change(
            held,
            state=state,
            outcome=outcome[:MOST_OUTCOME],
            claim=None,
            lease_until=None,
            ended_at=self._now(),
        )

    def give_back(self, held: HeldRun) -> bool:
        """Let the run wait again, as if this try had not been; False if it was lost."""
        return self._change(
            held,
            state=RunState.QUEUED,
            attempts=training_runs.c.attempts - 1,
            claim=None,
            lease_until=None,
            publish_at=self._now(),
        )

    def runs(self, limit: int = 20) -> list[TrainingRun]:
        """The latest first."""
        query = select(training_runs).order_by(training_runs.c.created_at.desc()).limit(limit)
        with self._database.reading() as connection:
            return [
                TrainingRun(
                    id=row.id,
                    schedule=row.schedule,
                    options=row.options,
                    state=row.state,
                    attempts=row.attempts,
                    outcome=row.outcome,
                    created_at=row.created_at,
                    started_at=row.started_at,
                    ended_at=row.ended_at,
                )
                for row in connection.execute(query)
            ]

    def _make(
        self, connection: Any, schedule: str, options: Mapping[str, Any], now: datetime
    ) -> None:
        """A run, unless the one before still waits or goes on."""
        going = select(training_runs.c.id).where(
            training_runs.c.schedule == schedule,
            training_runs.c.state.in_([RunState.QUEUED, RunState.RUNNING]),
        )
        if connection.execute(going).first() is not None:
            return
        connection.execute(
            insert(training_runs).values(
                id=uuid.uuid4().hex,
                schedule=schedule,
                options=dict(options),
                state=RunState.QUEUED,
                attempts=0,
                publish_at=now,
                created_at=now,
            )
        )

    def _recover(self, connection: Any, now: datetime) -> None:
        """Runs whose worker was lost are begun once more, and then no more."""
        lost = and_(
            training_runs.c.state == RunState.RUNNING,
            or_(training_runs.c.lease_until.is_(None), training_runs.c.lease_until < now),
        )
        connection.execute(
            update(training_runs)
            .where(lost, training_runs.c.attempts >= TRIES)
            .values(state=RunState.FAILED, outcome=LOST, claim=None, ended_at=now)
        )
        connection.execute(
            update(training_runs)
            .where(lost)
            .values(state=RunState.QUEUED, claim=None, lease_until=None, publish_at=now)
        )

    def _change(self, held: HeldRun, **values: Any) -> bool:
        with self._database.writing() as connection:
            changed = connection.execute(
                update(training_runs)
                .where(
                    training_runs.c.id == held.id,
                    training_runs.c.claim == held.token,
                    training_runs.c.state == RunState.RUNNING,
                )
                .values(**values)
            )
        return changed.rowcount == 1
