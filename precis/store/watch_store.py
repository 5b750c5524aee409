"""The part of `ModerationStore` that things come in by: watched messages, and reports."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, update

from precis.ask import AskRequest, Limits, Place
from precis.conversation import Conversation
from precis.job import JobRequest
from precis.store import limiting, submissions
from precis.store.limiting import TooMany
from precis.store.part import Part
from precis.store.parts import parts
from precis.store.tables import cases as case_rows
from precis.store.tables import reports, watched


class WatchStore(Part):
    """Watched places and reports."""

    def take(
        self,
        request: JobRequest,
        conversation: Conversation,
        place: Place,
        requeue_after: timedelta,
    ) -> str:
        """Store messages to be scored; the job's id, to be published.

        The place's watermark moves on to the latest of them, in the same transaction; not for what
        was reported.
        """
        with self._database.writing() as connection:
            now = self._now()
            if request.reported_by is None and place.server is not None:
                self._database.lock(connection, f"{conversation.source} watched {place.server}")
                until = conversation.last_time or now
                key = (conversation.source, place.server, place.place)
                if not _move(connection, key, until):
                    connection.execute(
                        insert(watched).values(**_named(key), parent=place.parent, until=until)
                    )
            return submissions.insert_job(
                connection, request, conversation, now, now + requeue_after, None, place
            )

    def start_watching(self, platform: str, server: str, place: str, parent: str | None) -> None:
        """Watch a place from now on, unless it is watched already."""
        with self._database.writing() as connection:
            self._database.lock(connection, f"{platform} watched {server}")
            key = (platform, server, place)
            if connection.execute(select(watched).where(_is(key))).first() is None:
                connection.execute(
                    insert(watched).values(**_named(key), parent=parent, until=self._now())
                )

    def watched_until(self, platform: str, server: str) -> dict[str, tuple[datetime, str | None]]:
        """Up to when messages were taken, and in which channel a thread is, by place."""
        query = select(watched).where(watched.c.platform == platform, watched.c.server == server)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {row.place: (row.until, row.parent) for row in rows}

    def stop_watching(self, platform: str, server: str, places: Sequence[str]) -> None:
        """Forget where watching channels had come to, with their threads."""
        with self._database.writing() as connection:
            for some in parts(places):
                connection.execute(
                    delete(watched).where(
                        watched.c.platform == platform,
                        watched.c.server == server,
                        or_(watched.c.place.in_(some), watched.c.parent.in_(some)),
                    )
                )

    def has_reported(self, platform: str, subject: str, person: str) -> bool:
        """Whether somebody has reported a message or a summary that waits to be decided."""
        query = (
            select(reports.c.person)
            .join(case_rows, case_rows.c.id == reports.c.case_id)
            .where(
                case_rows.c.platform == platform,
                case_rows.c.subject == subject,
                case_rows.c.verdict.is_(None),
                reports.c.person == person,
            )
        )
        with self._database.reading() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def count_report(
        self, platform: str, server: str, person: str, limits: Limits
    ) -> TooMany | None:
        """Count a report as the limits do questions, apart from those; TooMany: it isn't taken."""
        counted = AskRequest(
            platform=platform,
            server=f"reports {server}"[:200],
            source="-",
            place="-",
            person=f"reports {person}"[:200],
        )
        with self._database.writing() as connection:
            self._database.lock(connection, f"{platform} reports {server}")
            now = self._now()
            if refused := limiting.too_many(connection, counted, limits, now):
                return refused
            limiting.count(connection, counted, now)
        return None


def _named(key: tuple[str, str, str]) -> dict[str, str]:
    return dict(zip(("platform", "server", "place"), key, strict=True))


def _is(key: tuple[str, str, str]) -> ColumnElement[bool]:
    return and_(*(watched.c[name] == value for name, value in _named(key).items()))


def _move(connection: Connection, key: tuple[str, str, str], until: datetime) -> bool:
    """Move a watermark on, never back; False if there is none."""
    there = connection.execute(select(watched.c.until).where(_is(key))).one_or_none()
    if there is None:
        return False
    if there.until < until:
        connection.execute(update(watched).where(_is(key)).values(until=until))
    return True
