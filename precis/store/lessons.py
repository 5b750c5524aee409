"""What models may learn from: decided cases, readers' opinions, and who is known where.

Reads only. Who consents, and what becomes of it, is whoever exports it to say.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import and_, or_, select

from precis.ask import ServerSettings
from precis.job import SummarySentence
from precis.moderation import Case
from precis.store import people
from precis.store.cases import as_case
from precis.store.part import Part
from precis.store.tables import (
    cases,
    conversations,
    feedback,
    jobs,
    messages,
    servers,
    summaries,
)

_PAGE = 200


@dataclass(frozen=True, slots=True)
class Judged:
    """A summary that readers judged."""

    job_id: str
    platform: str
    server: str | None
    """None where it isn't known: direct messages, files."""
    within: tuple[str, ...]
    """Ids of the channel or thread, and of what it is in."""
    digest: str
    """Of the conversation: summaries with the same are of the same messages."""
    opinions: tuple[tuple[str, bool], ...]
    """Who judged it, and whether they found it good."""


class LessonStore(Part):
    """Reads the store for `precis train export`; a transaction a call. Raises StoreError."""

    def settings(self) -> dict[tuple[str, str], ServerSettings]:
        """Those of every server (platform, id) that has some; damaged ones are left out."""
        found = {}
        with self._database.reading() as connection:
            for row in connection.execute(select(servers)):
                try:
                    settings = ServerSettings.model_validate(row.settings)
                except ValidationError:
                    continue
                found[row.platform, row.server] = settings
        return found

    def cases(self, since: datetime | None = None) -> Iterator[Case]:
        """Cases that were decided, or came up, since then; read page by page."""
        last = ""
        while True:
            query = select(cases).where(cases.c.id > last).order_by(cases.c.id).limit(_PAGE)
            if since is not None:
                query = query.where(
                    or_(
                        cases.c.decided_at >= since,
                        and_(cases.c.decided_at.is_(None), cases.c.created_at >= since),
                    )
                )
            with self._database.reading() as connection:
                page = [as_case(row) for row in connection.execute(query)]
            yield from page
            if not page:
                return
            last = page[-1].id

    def judged(self, since: datetime | None = None) -> list[Judged]:
        """Summaries of which somebody said since then whether they are good; without texts."""
        query = (
            select(
                feedback.c.job_id,
                feedback.c.platform,
                feedback.c.person,
                feedback.c.good,
                conversations.c.server,
                conversations.c.place,
                conversations.c.parent,
                conversations.c.digest,
            )
            .join(jobs, jobs.c.id == feedback.c.job_id)
            .join(conversations, conversations.c.id == jobs.c.conversation_id)
            .order_by(feedback.c.created_at, feedback.c.job_id, feedback.c.person)
        )
        if since is not None:
            query = query.where(feedback.c.created_at >= since)
        found: dict[str, Judged] = {}
        with self._database.reading() as connection:
            for row in connection.execute(query):
                before = found.get(row.job_id)
                found[row.job_id] = Judged(
                    job_id=row.job_id,
                    platform=row.platform,
                    server=row.server,
                    within=tuple(each for each in (row.place, row.parent) if each),
                    digest=row.digest,
                    opinions=(*(before.opinions if before else ()), (row.person, bool(row.good))),
                )
        return list(found.values())

    def sentences(self, job_id: str) -> tuple[SummarySentence, ...]:
        """A summary's sentences as they are stored now; none where it was withheld or purged."""
        query = select(summaries.c.sentences).where(summaries.c.job_id == job_id)
        with self._database.reading() as connection:
            stored = connection.scalar(query)
        return tuple(SummarySentence.model_validate(each) for each in stored or ())

    def opted_out(self, platform: str, persons: Sequence[str]) -> set[str]:
        """Who of them is not to be read."""
        with self._database.reading() as connection:
            return people.opted_out(connection, platform, sorted(set(persons)))

    def names(self, platform: str, server: str) -> list[tuple[str, str]]:
        """Everybody who is known to have written on a server: (id, a name they went by)."""
        name = messages.c.payload["author_name"].as_string()
        flagged_name = cases.c.said["author_name"].as_string()
        queries = (
            select(messages.c.author_id, name.label("name"))
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(conversations.c.source == platform, conversations.c.server == server),
            select(cases.c.author_id, flagged_name.label("name")).where(
                cases.c.platform == platform, cases.c.server == server, cases.c.said.is_not(None)
            ),
        )
        found: set[tuple[str, str]] = set()
        with self._database.reading() as connection:
            for query in queries:
                rows = connection.execute(query.distinct())
                found |= {(row.author_id, row.name) for row in rows if row.author_id and row.name}
        return sorted(found)
