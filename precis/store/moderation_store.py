"""The part of the store that moderation rests on: cards, lists, figures and the log here."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select

from precis.ask import ServerSettings
from precis.moderation import (
    AuditEntry,
    Card,
    Case,
    Day,
    LabelDecisions,
    Preview,
)
from precis.store import card_rows, figures, logging_rows
from precis.store.card_rows import HeldCard
from precis.store.cases import as_case
from precis.store.deciding_store import DecidingStore
from precis.store.tables import cases as case_rows
from precis.store.tables import days
from precis.store.watch_store import WatchStore

Order = Literal["oldest", "severity", "channel"]


class ModerationStore(WatchStore, DecidingStore):
    """What bots and operators do with cases; a transaction a call. Raises StoreError."""

    # Cards

    def due(self, platform: str, limit: int = 100) -> list[str]:
        """Ids of cards that are to be shown, or shown anew, and nobody is at; oldest first."""
        with self._database.reading() as connection:
            return card_rows.due(connection, platform, self._now(), limit)

    def hold(self, card_id: str) -> HeldCard | None:
        """Take a card to show it; None if it is another's, or is shown as it is."""
        with self._database.writing() as connection:
            return card_rows.hold(connection, card_id, self._now(), self._lease)

    def note_posted(self, held: HeldCard, channel: str, message: str) -> bool:
        """Keep in which message a card is shown; False if it was lost."""
        with self._database.writing() as connection:
            return card_rows.change(connection, held, channel=channel, message=message)

    def let_go(self, held: HeldCard, shown: int | None = None) -> bool:
        """Leave a card to others, with the version that is shown now, where that is so."""
        values = {"claim": None, "lease_until": None, **({"shown": shown} if shown else {})}
        with self._database.writing() as connection:
            return card_rows.change(connection, held, **values)

    def card(self, card_id: str) -> Card | None:
        """A card with all that is on it; None if there is none."""
        with self._database.reading() as connection:
            return card_rows.get(connection, card_id)

    def repost(self, platform: str, server: str) -> list[tuple[str, str]]:
        """Open cards are to be shown anew, elsewhere; where they were: (channel, message)."""
        with self._database.writing() as connection:
            return list(card_rows.repost(connection, platform, server))

    # Listing and figures

    def open_cases(
        self,
        platform: str,
        server: str,
        order: Order = "oldest",
        *,
        place: str | None = None,
        offset: int = 0,
        limit: int = 10,
    ) -> tuple[list[Case], int]:
        """A page of what waits on a server, and how much that is in all.

        `place`: of this channel or thread alone, with a channel's threads.
        """
        which = and_(
            case_rows.c.platform == platform,
            case_rows.c.server == server,
            case_rows.c.verdict.is_(None),
        )
        if place is not None:
            which = and_(which, or_(case_rows.c.place == place, case_rows.c.parent == place))
        with self._database.reading() as connection:
            total = connection.scalar(select(func.count()).select_from(case_rows).where(which))
            rows = connection.execute(
                select(case_rows).where(which).order_by(*_by(order)).offset(offset).limit(limit)
            )
            return [as_case(row) for row in rows], int(total or 0)

    def list_cases(
        self,
        *,
        platform: str | None = None,
        server: str | None = None,
        open_only: bool = True,
        order: Order = "oldest",
        offset: int = 0,
        limit: int = 100,
    ) -> list[Case]:
        """For operators: of all servers, or of some."""
        query = select(case_rows).order_by(*_by(order)).offset(offset).limit(limit)
        if platform is not None:
            query = query.where(case_rows.c.platform == platform)
        if server is not None:
            query = query.where(case_rows.c.server == server)
        if open_only:
            query = query.where(case_rows.c.verdict.is_(None))
        with self._database.reading() as connection:
            return [as_case(row) for row in connection.execute(query)]

    def known_servers(self, platform: str) -> list[str]:
        """Servers that have cases."""
        query = select(case_rows.c.server).where(case_rows.c.platform == platform).distinct()
        with self._database.reading() as connection:
            return sorted(connection.scalars(query))

    def preview(
        self,
        platform: str,
        server: str,
        now: ServerSettings,
        then: ServerSettings,
        since: datetime,
    ) -> Preview:
        """What would have been flagged since then by other settings."""
        with self._database.reading() as connection:
            return figures.preview(connection, platform, server, now, then, since)

    def decisions(self, platform: str, server: str, since: datetime) -> tuple[LabelDecisions, ...]:
        """What moderators decided since then, by the labels that had flagged it."""
        with self._database.reading() as connection:
            return figures.decisions(connection, platform, server, since)

    def day(self, platform: str, server: str, since: datetime, until: datetime) -> Day:
        """What the daily line tells of a time."""
        with self._database.reading() as connection:
            return figures.day(connection, platform, server, since, until)

    def claim_day(self, platform: str, server: str, day: str) -> bool:
        """Take it upon oneself to tell a server's moderators of a day; False if another does."""
        with self._database.writing() as connection:
            self._database.lock(connection, f"{platform} day {server}")
            key = {"platform": platform, "server": server, "day": day}
            told = select(days.c.day).where(*(days.c[name] == value for name, value in key.items()))
            if connection.execute(told).first() is not None:
                return False
            connection.execute(insert(days).values(**key, told_at=self._now()))
        return True

    def unclaim_day(self, platform: str, server: str, day: str) -> None:
        """It couldn't be told; somebody may try again."""
        with self._database.writing() as connection:
            connection.execute(
                delete(days).where(
                    days.c.platform == platform, days.c.server == server, days.c.day == day
                )
            )

    # The log

    def log(
        self,
        *,
        platform: str | None = None,
        server: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[AuditEntry]:
        """The audit log, oldest first; read page by page."""
        after = 0
        while True:
            with self._database.reading() as connection:
                page = logging_rows.page(
                    connection, platform=platform, server=server, since=since, until=until,
                    after=after,
                )  # fmt: skip
            yield from page
            if not page:
                return
            after = page[-1].id

    def log_thresholds(
        self,
        platform: str,
        server: str,
        person: str,
        thresholds: Mapping[str, float],
        place: str | None,
    ) -> None:
        """Note that somebody changed what counts as toxic, on a server or in a channel."""
        with self._database.writing() as connection:
            logging_rows.thresholds(
                connection, (platform, server, place), person, thresholds, self._now()
            )


def _by(order: Order) -> list[ColumnElement[object]]:
    oldest: list[ColumnElement[object]] = [
        case_rows.c.created_at,
        func.coalesce(case_rows.c.said_at, case_rows.c.created_at),  # of those that came together
        case_rows.c.position,
        case_rows.c.id,
    ]
    if order == "severity":
        return [case_rows.c.severity.desc(), *oldest]
    if order == "channel":
        return [func.coalesce(case_rows.c.parent, case_rows.c.place), *oldest]
    return oldest
