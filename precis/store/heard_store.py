"""The part of `ChatStore` that keeps pages of channels, where reading them anew is slow.

What must not be kept isn't, however late a page comes: whoever opts out, or tells of a deleted
message, waits for those who are just keeping something, and is known to those who do so later.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, insert, select, update

from precis.store import heard, people
from precis.store.heard import KeptMessage, Span, Spot
from precis.store.part import Part
from precis.store.parts import parts
from precis.store.tables import deleted, listening
from precis.store.tables import heard as kept


class HeardStore(Part):
    """Cached pages."""

    def keep_heard(
        self,
        platform: str,
        server: str,
        place: str,
        messages: Sequence[KeptMessage],
        covers: tuple[float, float] | None,
        *,
        within: str | None = None,
        read_at: datetime | None = None,
    ) -> None:
        """Keep messages of a channel or thread; those kept before are replaced.

        `covers`: the span from … to (seconds since 1970, both included) of which these are all
        there are. `within`: the channel that a thread is in. `read_at`: when the platform was asked
        for them (now, if they came by themselves); what was kept later than that stays as it is.
        What people who opted out wrote isn't kept, nor what was deleted of late.
        """
        spot = Spot(platform, server, place, within)
        with self._database.writing() as connection:
            self._database.lock(connection, _keeping(platform), shared=True)
            self._database.lock(connection, spot.lock)
            authors = {message.author_id for message in messages if message.author_id}
            out = people.opted_out(connection, platform, list(authors))
            gone = _deleted(connection, platform, [message.id for message in messages])
            allowed = [m for m in messages if m.author_id not in out and m.id not in gone]
            when = read_at or self._now()
            heard.keep(connection, spot, allowed, when)
            refused = {heard.digest(platform, person) for person in out}
            if covers is not None:
                heard.cover(connection, spot, covers, when, refused)
            elif refused:
                heard.note_refused(connection, spot, refused)

    def heard_spans(
        self, platform: str, server: str, place: str, *, also_since: datetime | None = None
    ) -> list[Span]:
        """The spans of a place of which all is kept, in order.

        Without those read before there was a gap in the listening; but with those read from
        `also_since` on, for whoever goes on with what was cut short by the gap.
        """
        with self._database.reading() as connection:
            return heard.spans(connection, Spot(platform, server, place), also_since)

    def heard_between(
        self, platform: str, server: str, place: str, start: float, end: float
    ) -> list[KeptMessage]:
        """What is kept of a place from `start` to `end`, both included, in the order of time."""
        with self._database.reading() as connection:
            return heard.between(connection, Spot(platform, server, place), start, end)

    def forget_heard(self, platform: str, server: str, ids: Iterable[str]) -> int:
        """Messages were deleted: keep none of them, now or later; returns how many there were."""
        gone = list(ids)
        self.note_deleted(platform, gone)
        return self._forget_kept(platform, gone, server)

    def listening(self, platform: str, server: str, since: datetime) -> None:
        """Since `since` nothing is missed of a server; it never goes back to an earlier time."""
        theirs = and_(listening.c.platform == platform, listening.c.server == server)
        with self._database.writing() as connection:
            self._database.lock(connection, f"{platform} listening {server}")
            before = heard.listening_since(connection, platform, server)
            if before is None:
                connection.execute(
                    insert(listening).values(platform=platform, server=server, since=since)
                )
            elif before < since:
                connection.execute(update(listening).where(theirs).values(since=since))

    def listening_since(self, platform: str, server: str) -> datetime | None:
        """Since when nothing is missed of a server; None where nobody listens."""
        with self._database.reading() as connection:
            return heard.listening_since(connection, platform, server)

    def note_deleted(self, platform: str, ids: Sequence[str]) -> None:
        """Keep in mind for a day that messages are deleted, on a platform where pages are kept."""
        with self._database.writing() as connection:
            if not _listens(connection, platform):
                return
            self._wait_for_keeping(connection, platform)
            known = _deleted(connection, platform, ids)
            rows = [
                {"platform": platform, "message_id": each, "at": self._now()}
                for each in set(ids) - known
            ]
            if rows:
                connection.execute(insert(deleted), rows)

    def deleted(self, platform: str, ids: Sequence[str]) -> set[str]:
        """Which of these messages were noted as deleted, by whatever process."""
        with self._database.reading() as connection:
            return _deleted(connection, platform, ids) if _listens(connection, platform) else set()

    def _wait_for_keeping(self, connection: Connection, platform: str) -> None:
        """Until the end of the transaction nobody keeps anything; before it, nobody else did."""
        self._database.lock(connection, _keeping(platform))

    def _forget_kept(self, platform: str, ids: Sequence[str], server: str | None = None) -> int:
        gone = 0
        for some in parts(ids):
            which = and_(kept.c.platform == platform, kept.c.message_id.in_(some))
            if server is not None:
                which = and_(which, kept.c.server == server)
            gone += heard.forget(self._database, which)
        return gone


def _keeping(platform: str) -> str:
    return f"{platform} keeping"


def _listens(connection: Connection, platform: str) -> bool:
    query = select(listening.c.server).where(listening.c.platform == platform).limit(1)
    return connection.scalar(query) is not None


def _deleted(connection: Connection, platform: str, ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for some in parts(ids):
        query = select(deleted.c.message_id).where(
            deleted.c.platform == platform, deleted.c.message_id.in_(some)
        )
        found |= set(connection.scalars(query))
    return found
