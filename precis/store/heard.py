"""Cached pages of channels in the database: what was heard there, and of which spans that is all.

The store doesn't know what is in a message. Whatever is written about a place is written under its
lock, one place a transaction, so that many bots may keep and forget at once.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import Field
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from precis.conversation import Identifier, UtcTime
from precis.frozen import Frozen
from precis.store.database import Database
from precis.store.parts import parts
from precis.store.tables import heard, heard_spans, listening

LONGEST = timedelta(days=7)
"""That a page is kept, however long conversations are."""
STILL_READ = timedelta(hours=1)
"""For which what a span covered stays after the span: somebody may be reading it."""
AT_ONCE = 20  # places
LAST_MOMENT = datetime(9999, 12, 31, tzinfo=UTC).timestamp()


class KeptMessage(Frozen):
    """A message of a cached page."""

    id: Identifier
    author_id: Identifier | None = None
    """None for the platform's own lines."""
    time: UtcTime
    parent: Identifier | None = None
    """The id of the message whose thread it is in."""
    payload: dict[str, Any] = Field(repr=False)
    """The message as the bot has it."""


class Span(Frozen):
    """A stretch of a place of which all is kept."""

    start: float
    """Seconds since 1970, as `end`; both are in it."""
    end: float
    kept_at: datetime
    """When the oldest of it was read: what was deleted or edited since then is known only to who
    has been listening since then."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A channel or thread; `within` is the channel that a thread is in."""

    platform: str
    server: str
    place: str
    within: str | None = None

    @property
    def lock(self) -> str:
        return f"{self.platform} heard {self.server} {self.place}"

    @property
    def rows(self) -> ColumnElement[bool]:
        return and_(
            heard.c.platform == self.platform,
            heard.c.server == self.server,
            heard.c.place == self.place,
        )

    @property
    def spans(self) -> ColumnElement[bool]:
        return and_(
            heard_spans.c.platform == self.platform,
            heard_spans.c.server == self.server,
            heard_spans.c.place == self.place,
        )


def keep(
    connection: Connection, spot: Spot, messages: Sequence[KeptMessage], read_at: datetime
) -> None:
    """Write messages over what is there of them, unless that was read later than they were."""
    if not messages:
        return
    by_id = {message.id: message for message in messages}
    for some in parts(list(by_id)):
        theirs = and_(spot.rows, heard.c.message_id.in_(some))
        later = connection.scalars(
            select(heard.c.message_id).where(theirs, heard.c.kept_at > read_at)
        )
        for message_id in later.all():
            del by_id[message_id]
        connection.execute(delete(heard).where(theirs, heard.c.kept_at <= read_at))
    rows = [
        {
            "platform": spot.platform,
            "server": spot.server,
            "place": spot.place,
            "within": spot.within,
            "message_id": message.id,
            "author_id": message.author_id,
            "parent": message.parent,
            "time": message.time,
            "payload": message.payload,
            "kept_at": read_at,
        }
        for message in by_id.values()
    ]
    if rows:
        connection.execute(insert(heard), rows)


def cover(
    connection: Connection,
    spot: Spot,
    covers: tuple[float, float],
    read_at: datetime,
    refused: set[str],
) -> None:
    """Note that all of a span is kept, but for what people who are `refused` wrote.

    It is joined with the spans that it meets, if somebody has been listening since all were read.
    """
    start, end = covers
    kept_at = read_at
    since = listening_since(connection, spot.platform, spot.server)
    if since is not None:
        if read_at < since:  # out of date before it is there
            return
        connection.execute(delete(heard_spans).where(spot.spans, heard_spans.c.kept_at < since))
    met = connection.execute(
        select(heard_spans).where(
            spot.spans, heard_spans.c.begins <= end, heard_spans.c.ends >= start
        )
    ).all()
    if since is None:  # what lies within the new one is of no more use
        met = [row for row in met if row.begins >= start and row.ends <= end]
    else:
        start = min([start, *(row.begins for row in met)])
        end = max([end, *(row.ends for row in met)])
        kept_at = min([kept_at, *(row.kept_at for row in met)])
        refused = refused.union(*(row.refused.split() for row in met))
    connection.execute(delete(heard_spans).where(heard_spans.c.id.in_([row.id for row in met])))
    connection.execute(
        insert(heard_spans).values(
            platform=spot.platform,
            server=spot.server,
            place=spot.place,
            within=spot.within,
            begins=start,
            ends=end,
            kept_at=kept_at,
            refused=" ".join(sorted(refused)),
        )
    )


def note_refused(connection: Connection, spot: Spot, refused: set[str]) -> None:
    """Note in all spans of a place whose messages they may lack."""
    rows = connection.execute(select(heard_spans.c.id, heard_spans.c.refused).where(spot.spans))
    for row in rows.all():
        together = " ".join(sorted(refused.union(row.refused.split())))
        connection.execute(
            update(heard_spans).where(heard_spans.c.id == row.id).values(refused=together)
        )


def spans(connection: Connection, spot: Spot, also_since: datetime | None = None) -> list[Span]:
    """The spans that are of use, in order; those read from `also_since` on whatever was missed."""
    since = listening_since(connection, spot.platform, spot.server)
    query = select(heard_spans).where(spot.spans).order_by(heard_spans.c.begins)
    if since is not None:
        query = query.where(heard_spans.c.kept_at >= min(since, also_since or since))
    return [
        Span(start=row.begins, end=row.ends, kept_at=row.kept_at)
        for row in connection.execute(query)
    ]


def between(connection: Connection, spot: Spot, start: float, end: float) -> list[KeptMessage]:
    """What is kept of a span, both ends included, in the order it was said."""
    query = (
        select(heard)
        .where(spot.rows, heard.c.time >= _moment(start), heard.c.time <= _moment(end))
        .order_by(heard.c.time, heard.c.message_id)
    )
    return [
        KeptMessage(
            id=row.message_id,
            author_id=row.author_id,
            time=row.time,
            parent=row.parent,
            payload=row.payload,
        )
        for row in connection.execute(query)
    ]


def listening_since(connection: Connection, platform: str, server: str) -> datetime | None:
    """Since when nothing has been missed of a server; None where nobody listens."""
    return connection.scalar(
        select(listening.c.since).where(
            listening.c.platform == platform, listening.c.server == server
        )
    )


def count_of(connection: Connection, platform: str, person: str) -> int:
    """How many messages are kept of a person."""
    theirs = and_(heard.c.platform == platform, heard.c.author_id == person)
    return connection.scalar(select(func.count()).select_from(heard).where(theirs)) or 0


def digest(platform: str, person: str) -> str:
    """What stands in a span for somebody whose messages it lacks."""
    return hashlib.sha256(f"{platform} {person}".encode()).hexdigest()[:16]


def forget(database: Database, which: ColumnElement[bool], *, spans_too: bool = False) -> int:
    """Remove messages; returns how many there were.

    `spans_too`: the places are read anew, for what is removed is still there on the platform.
    """
    return sum(
        _forget_in(database, spot, which, spans_too=spans_too)
        for spot in _spots(database, _places(heard).where(which))
    )


def forget_some(
    database: Database, which: ColumnElement[bool], *, spans_too: bool = False
) -> tuple[int, bool]:
    """The same in a few places alone; how many messages there were, and whether more are left."""
    spots = _spots(database, _places(heard).where(which).limit(AT_ONCE + 1))
    gone = [_forget_in(database, spot, which, spans_too=spans_too) for spot in spots[:AT_ONCE]]
    return sum(gone), len(spots) > AT_ONCE


def forget_spans(database: Database, which: ColumnElement[bool]) -> None:
    """Let what these spans cover be read anew."""
    for spot in _spots(database, _places(heard_spans).where(which)):
        _forget_spans_in(database, spot, which)


def forget_some_spans(database: Database, which: ColumnElement[bool]) -> bool:
    """The same in a few places alone; whether more are left."""
    spots = _spots(database, _places(heard_spans).where(which).limit(AT_ONCE + 1))
    for spot in spots[:AT_ONCE]:
        _forget_spans_in(database, spot, which)
    return len(spots) > AT_ONCE


def _forget_in(
    database: Database, spot: Spot, which: ColumnElement[bool], *, spans_too: bool
) -> int:
    with database.writing() as connection:
        database.lock(connection, spot.lock)
        gone = connection.execute(delete(heard).where(spot.rows, which)).rowcount
        if spans_too:
            connection.execute(delete(heard_spans).where(spot.spans))
    return gone


def _forget_spans_in(database: Database, spot: Spot, which: ColumnElement[bool]) -> None:
    with database.writing() as connection:
        database.lock(connection, spot.lock)
        connection.execute(delete(heard_spans).where(spot.spans, which))


def purge(database: Database, before: datetime, now: datetime) -> int:
    """Remove what was kept before `before`, or is of no more use; returns how many messages.

    Spans go first: nobody is to find half of what one covers.
    """
    before = max(before, now - LONGEST)
    old_spans = heard_spans.c.kept_at < before + STILL_READ
    forget_spans(database, or_(old_spans, _stale(heard_spans, now - STILL_READ)))
    return forget(database, or_(heard.c.kept_at < before, _stale(heard, now - STILL_READ)))


def _stale(table: Table, before: datetime) -> ColumnElement[bool]:
    """What was kept before a gap in the listening that ended before `before`."""
    gaps = select(listening.c.since).where(
        listening.c.platform == table.c.platform,
        listening.c.server == table.c.server,
        listening.c.since > table.c.kept_at,
        listening.c.since < before,
    )
    return gaps.correlate(table).exists()


def _places(table: Table) -> Select[Any]:
    return select(table.c.platform, table.c.server, table.c.place).distinct()


def _spots(database: Database, query: Select[Any]) -> list[Spot]:
    with database.reading() as connection:
        return [Spot(*row) for row in connection.execute(query)]


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(min(max(seconds, 0.0), LAST_MOMENT), UTC)
