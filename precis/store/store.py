"""The store as frontends and workers use it: one object, a transaction a call.

Thread-safe. Every method raises StoreError, in one line, when the database can't be used. Knows
nothing of queues or models.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Self

from sqlalchemy import Connection, func, select, text, update

from precis.ask import Place
from precis.conversation import Conversation, Message
from precis.errors import PurgedError, StoreError
from precis.job import (
    Flag,
    Job,
    JobRequest,
    JobState,
    ModelUsed,
    QueueName,
    Result,
    Scored,
    Summary,
)
from precis.store import claims, raising, recent_work, retention, submissions
from precis.store.claims import Claim
from precis.store.database import Database
from precis.store.migrating import check_schema, migrate
from precis.store.recent_work import RecentWork
from precis.store.retention import Purged
from precis.store.tables import conversations, deliveries, flags, jobs, messages, summaries
from precis.store.workload import Workload, workload

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Store:
    """Jobs and all that belongs to them."""

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now

    @classmethod
    def open(cls, url: str, now: Clock = utc_now) -> Self:
        """Open the database at `url` and bring it up to date."""
        database = Database(url)
        migrate(database)
        return cls(database, now)

    @classmethod
    def open_as_is(cls, url: str, now: Clock = utc_now) -> Self:
        """Open the database at `url`. Raises StoreError if its schema isn't this code's."""
        database = Database(url)
        try:
            check_schema(database)
        except StoreError:
            database.engine.dispose()
            raise
        return cls(database, now)

    def close(self) -> None:
        self._database.engine.dispose()

    def ping(self) -> str:
        """The database's address without password, if it answers."""
        with self._database.reading() as connection:
            connection.execute(text("SELECT 1"))
        return self._database.shown

    @property
    def database(self) -> Database:
        """For the other objects that use the same store."""
        return self._database

    @property
    def now(self) -> Clock:
        return self._now

    def submit(
        self,
        request: JobRequest,
        conversation: Conversation,
        requeue_after: timedelta = timedelta(minutes=2),
    ) -> str:
        """Store a request with its conversation, queued; returns the job's id.

        Whoever calls publishes the job; if it isn't claimed `requeue_after`, `recover` names it.
        """
        with self._database.writing() as connection:
            now = self._now()
            return submissions.insert_job(
                connection, request, conversation, now, now + requeue_after
            )

    def submit_or_join(
        self,
        request: JobRequest,
        conversation: Conversation,
        requeue_after: timedelta = timedelta(minutes=2),
        place: Place | None = None,
    ) -> tuple[str, bool]:
        """As `submit`, unless the same is asked of the same messages already: then that job.

        Returns the job's id and whether it is new, and so to be published. A job that failed isn't
        joined, nor one whose text is purged. Of several callers at once, one makes the job.

        `place` is where the conversation was held, so that it goes when the place does.
        """
        key = submissions.content_key(request, conversation)
        with self._database.writing() as connection:
            self._database.lock(connection, key)
            now = self._now()
            return submissions.join_or_insert(
                connection, request, conversation, key, now, now + requeue_after, place
            )

    def claim(self, job_id: str, worker: str, lease: timedelta, tries: int) -> Claim | None:
        """Take a job to work on it; None if it is another's, ended, unknown, or out of tries."""
        with self._database.writing() as connection:
            return claims.claim(connection, job_id, worker, self._now(), lease, tries)

    def extend(self, held: Claim, lease: timedelta) -> bool:
        """Give a sign of life; False if the claim was lost, and the work is to stop."""
        with self._database.writing() as connection:
            return claims.extend(connection, held, self._now() + lease)

    def finish(self, held: Claim, result: Result) -> bool:
        """End a job as done, or withheld where there is no summary; False if the claim was lost."""
        with self._database.writing() as connection:
            now = self._now()
            if not claims.finish(connection, held, result, now):
                return False
            raising.raise_met(self._database, connection, held.job_id, result, now)
            return True

    def finish_scored(self, held: Claim, found: Scored) -> bool:
        """End a job that only scores: what is toxic becomes a case; False if the claim was lost."""
        with self._database.writing() as connection:
            now = self._now()
            if not claims.finish_scored(connection, held, now):
                return False
            raising.raise_scored(self._database, connection, held, found, now)
            return True

    def fail(self, held: Claim, reason: str) -> bool:
        """End a job with a reason for whoever asked; False if the claim was lost."""
        with self._database.writing() as connection:
            return claims.fail(connection, held, reason, self._now())

    def retry(self, held: Claim, delay: timedelta) -> bool:
        """Queue a job again, to be claimed after `delay`; False if the claim was lost."""
        with self._database.writing() as connection:
            return claims.retry(connection, held, self._now() + delay)

    def give_back(self, held: Claim) -> bool:
        """Queue a job again without counting the try; False if the claim was lost."""
        with self._database.writing() as connection:
            return claims.give_back(connection, held, self._now())

    def cancel(self, job_id: str, reason: str) -> bool:
        """End a job as failed, whoever holds it, without a delivery; False if it has ended."""
        with self._database.writing() as connection:
            return claims.cancel(connection, job_id, reason, self._now())

    def recover(self, requeue_after: timedelta, tries: int) -> list[tuple[str, QueueName]]:
        """Jobs to publish again (id, queue): their worker was lost, or the broker forgot them."""
        with self._database.writing() as connection:
            return claims.recover(connection, self._now(), requeue_after, tries)

    def unsent(self, job_ids: Sequence[str]) -> None:
        """Say that jobs could not be published; the next `recover` names them again."""
        with self._database.writing() as connection:
            claims.unsent(connection, job_ids, self._now())

    def conversation(self, job_id: str) -> Conversation:
        """The messages of a job that are still stored, in order. Raises StoreError if unknown."""
        with self._database.reading() as connection:
            head = connection.execute(
                select(conversations)
                .join(jobs, jobs.c.conversation_id == conversations.c.id)
                .where(jobs.c.id == job_id)
            ).one_or_none()
            if head is None:
                raise StoreError(f"no job {job_id[:64]!r} in the store; check its id")
            rows = connection.execute(
                select(messages.c.payload)
                .where(messages.c.conversation_id == head.id)
                .order_by(messages.c.position)
            )
            said = tuple(Message.model_validate(row.payload) for row in rows)
        return Conversation(source=head.source, channel=head.channel, messages=said)

    def job(self, job_id: str) -> Job:
        """A job's state. Raises StoreError if there is no such job."""
        with self._database.reading() as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
        if row is None:
            raise StoreError(f"no job {job_id[:64]!r} in the store; check its id")
        return Job(
            id=row.id,
            request=JobRequest.model_validate(row.request),
            state=row.state,
            attempts=row.attempts,
            reason=row.reason,
            created_at=row.created_at,
            started_at=row.started_at,
            ended_at=row.ended_at,
        )

    def result(self, job_id: str) -> Result | None:
        """What became of a job that is done or withheld, else None.

        Raises PurgedError if its summary has been purged.
        """
        with self._database.reading() as connection:
            row = connection.execute(
                select(summaries).where(summaries.c.job_id == job_id)
            ).one_or_none()
            made = _flags(connection, job_id)
        if row is None:
            return None
        if row.purged_at is not None:
            raise PurgedError(
                f"the summary of job {row.job_id} was purged with its messages; ask for it again"
            )
        summary = {"style": row.style, "sentences": row.sentences}
        return Result(
            summary=Summary.model_validate(summary) if row.sentences is not None else None,
            flags=made,
            model=ModelUsed.model_validate(row.model),
            timings=row.timings,
        )

    def flags(self, job_id: str) -> tuple[Flag, ...]:
        """A job's flags, in the order they were raised; they hold no text and outlive a purge."""
        with self._database.reading() as connection:
            return _flags(connection, job_id)

    def pending_deliveries(self, frontend: str, limit: int = 100) -> list[str]:
        """Ids of ended jobs that a frontend has yet to tell of, oldest first."""
        query = (
            select(deliveries.c.job_id)
            .where(deliveries.c.frontend == frontend, deliveries.c.delivered_at.is_(None))
            .order_by(deliveries.c.created_at)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def mark_delivered(self, job_id: str) -> bool:
        """Note that the answer was given; True for the first caller alone."""
        with self._database.writing() as connection:
            marked = connection.execute(
                update(deliveries)
                .where(deliveries.c.job_id == job_id, deliveries.c.delivered_at.is_(None))
                .values(delivered_at=self._now())
            )
        return marked.rowcount == 1

    def purge(self, before: datetime) -> Purged:
        """Remove the chat text of conversations stored before `before`."""
        return retention.purge(self._database, before, self._now())

    def purge_older_than(self, age: timedelta) -> Purged:
        """Remove the chat text of conversations stored longer than `age` ago."""
        return self.purge(self._now() - age)

    def count_jobs(self) -> dict[JobState, int]:
        """How many jobs there are in each state."""
        query = select(jobs.c.state, func.count()).group_by(jobs.c.state)
        with self._database.reading() as connection:
            counted = {JobState(state): count for state, count in connection.execute(query)}
        return {state: counted.get(state, 0) for state in JobState}

    def workload(self) -> Workload:
        """What waits now, and for how long."""
        with self._database.reading() as connection:
            return workload(connection, self._now())

    def recent_work(self, age: timedelta) -> RecentWork:
        """What ended in the last `age`."""
        with self._database.reading() as connection:
            return recent_work.recent_work(connection, self._now() - age)


def _flags(connection: Connection, job_id: str) -> tuple[Flag, ...]:
    columns = (flags.c.target, flags.c.label, flags.c.threshold, flags.c.scores, flags.c.action)
    rows = connection.execute(select(*columns).where(flags.c.job_id == job_id).order_by(flags.c.id))
    return tuple(Flag.model_validate(dict(row)) for row in rows.mappings())
