"""How the texts of cases go: with their message, author, place or server, and with age.

What nobody has decided ends with its text, unless it went by age alone. A message that moderators
removed is deleted because of them: its text stays, for whoever asks why, until it is old or its
author wants it gone. Knows nothing of who may ask for any of it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    func,
    or_,
    select,
    tuple_,
    update,
)

from precis.moderation import Kind, Verdict
from precis.store.cases import touch
from precis.store.database import Database
from precis.store.parts import parts
from precis.store.tables import audit, cards, cases, days, reports, scored, watched

AT_ONCE = 200
"""Cases a transaction, so that nobody waits long for the store."""
NOT_REMOVED = or_(cases.c.verdict.is_(None), cases.c.verdict != Verdict.REMOVED)


def count_of(connection: Connection, platform: str, person: str) -> int:
    """How many messages of somebody cases hold the text of."""
    query = (
        select(func.count())
        .select_from(cases)
        .where(cases.c.platform == platform, cases.c.author_id == person, cases.c.said.is_not(None))
    )
    return int(connection.scalar(query) or 0)


def forget_messages(
    database: Database, connection: Connection, platform: str, ids: Iterable[str], now: datetime
) -> int:
    """Messages were deleted on the platform; returns how many texts went."""
    gone = 0
    for some in parts(list(ids)):
        connection.execute(
            delete(scored).where(scored.c.platform == platform, scored.c.message_id.in_(some))
        )
        theirs = and_(
            cases.c.platform == platform,
            cases.c.kind == Kind.MESSAGE,
            cases.c.subject.in_(some),
            NOT_REMOVED,
        )
        gone += _forget(database, connection, theirs, now)
    return gone


def forget_written(
    database: Database, connection: Connection, platform: str, person: str, now: datetime
) -> int:
    """Somebody's messages are to be forgotten; returns how many texts went."""
    theirs = and_(cases.c.platform == platform, cases.c.author_id == person)
    return _forget(database, connection, theirs, now)


def forget_reports(connection: Connection, platform: str, person: str) -> None:
    """Forget that somebody reported anything; that it was reported stays."""
    of_platform = select(cases.c.id).where(cases.c.platform == platform)
    connection.execute(
        delete(reports).where(reports.c.person == person, reports.c.case_id.in_(of_platform))
    )


def forget_some_of_place(
    database: Database, platform: str, server: str, place: str, now: datetime
) -> bool:
    """A channel or thread is gone: forget the texts of a few cases; whether there may be more."""
    there = _held_at(cases, platform, server, place)
    with database.writing() as connection:
        for table in (scored, watched):
            connection.execute(delete(table).where(_held_at(table, platform, server, place)))
        few = select(cases.c.id).where(there, forgettable()).limit(AT_ONCE)
        ids = connection.scalars(few).all()
        _forget(database, connection, cases.c.id.in_(ids), now)
    return len(ids) == AT_ONCE


def forget_some_of_server(database: Database, platform: str, server: str) -> bool:
    """Remove a few of a server's cases, then all else of it; whether there may be more."""
    with database.writing() as connection:
        database.lock(connection, f"{platform} cases {server}")
        few = select(cases.c.id).where(cases.c.platform == platform, cases.c.server == server)
        ids = connection.scalars(few.limit(AT_ONCE)).all()
        connection.execute(delete(reports).where(reports.c.case_id.in_(ids)))
        connection.execute(delete(cases).where(cases.c.id.in_(ids)))
        if ids:
            return True
        for table in (cards, scored, watched, days, audit):
            connection.execute(
                delete(table).where(table.c.platform == platform, table.c.server == server)
            )
    return False


def purge(database: Database, before: datetime) -> int:
    """Remove the texts of cases made before then, which stay as they are; how many there were."""
    gone = 0
    while True:
        with database.writing() as connection:
            few = select(cases.c.id).where(cases.c.created_at < before, cases.c.said.is_not(None))
            ids = connection.scalars(few.order_by(cases.c.id).limit(AT_ONCE)).all()
            drop(connection, cases.c.id.in_(ids))
        gone += len(ids)
        if len(ids) < AT_ONCE:
            return gone


def drop(connection: Connection, which: ColumnElement[bool]) -> None:
    """Remove texts; the cards of what is still open are to be shown anew, without them."""
    held = and_(which, cases.c.said.is_not(None))
    open_cards = select(cases.c.card_id).where(held, cases.c.verdict.is_(None)).distinct()
    shown = connection.scalars(open_cards).all()
    connection.execute(update(cases).where(held).values(said=None))
    touch(connection, shown)


def _forget(
    database: Database, connection: Connection, which: ColumnElement[bool], now: datetime
) -> int:
    """End what is open and remove its texts; returns how many texts went.

    Under the lock of those who make cases: none may be put on a card that closes here.
    """
    which = and_(which, holds_something())
    servers = connection.execute(
        select(cases.c.platform, cases.c.server).where(which).distinct()
    ).all()
    if not servers:
        return 0
    for platform, server in sorted((row.platform, row.server) for row in servers):
        database.lock(connection, f"{platform} cases {server}")
    rows = connection.execute(
        select(cases.c.id, cases.c.card_id).where(
            which, tuple_(cases.c.platform, cases.c.server).in_([tuple(each) for each in servers])
        )
    ).all()
    gone = 0
    for some in parts([row.id for row in rows]):
        gone += end(connection, some, now)
    touch(connection, [row.card_id for row in rows])
    return gone


def end(connection: Connection, ids: Sequence[str], now: datetime) -> int:
    """Take the texts of cases, and end those that are open; returns how many texts went."""
    connection.execute(
        update(cases)
        .where(cases.c.id.in_(ids), cases.c.verdict.is_(None))
        .values(verdict=Verdict.GONE, decided_at=now)
    )
    held = and_(cases.c.id.in_(ids), cases.c.said.is_not(None))
    return connection.execute(update(cases).where(held).values(said=None)).rowcount


def forgettable() -> ColumnElement[bool]:
    """Whether a case changes as its message is deleted, or its place."""
    return and_(NOT_REMOVED, holds_something())


def holds_something() -> ColumnElement[bool]:
    """Whether forgetting a case changes anything."""
    return or_(cases.c.said.is_not(None), cases.c.verdict.is_(None))


def _held_at(table: Table, platform: str, server: str, place: str) -> ColumnElement[bool]:
    return and_(
        table.c.platform == platform,
        table.c.server == server,
        or_(table.c.place == place, table.c.parent == place),
    )
