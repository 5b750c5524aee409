"""The part of the store that moderation rests on: watched places, cards, decisions, their log."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from precis.ask import AskRequest, Limits, Place, ServerSettings
from precis.conversation import Conversation
from precis.errors import InputError
from precis.job import JobRequest
from precis.moderation import (
    OF_MESSAGES,
    OF_SUMMARIES,
    AuditEntry,
    Card,
    Case,
    Day,
    Decided,
    Decision,
    Effect,
    EffectState,
    Kind,
    LabelDecisions,
    Preview,
    Verdict,
)
from precis.store import card_rows, cases, figures, limiting, logging_rows, releasing, submissions
from precis.store.card_rows import HeldCard
from precis.store.cases import as_case
from precis.store.limiting import TooMany
from precis.store.part import Part
from precis.store.parts import parts
from precis.store.tables import cases as case_rows
from precis.store.tables import days, reports, watched

Order = Literal["oldest", "severity", "channel"]
EFFECT_LEASE = timedelta(seconds=60)
"""For which whoever carries a verdict out has it to themselves."""


class ModerationStore(Part):
    """What bots and operators do with cases; a transaction a call. Raises StoreError."""

    # Watching

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

    # Deciding

    def case(self, case_id: str) -> Case | None:
        with self._database.reading() as connection:
            return cases.get(connection, case_id)

    def decide(
        self,
        platform: str,
        server: str,
        case_ids: Sequence[str],
        decision: Decision,
    ) -> Decided:
        """Decide the open ones of these cases; the first decision of each stands.

        Those of other servers are passed over. Raises InputError for a verdict that a case's kind
        doesn't know, and where there is nothing to release or to write anew.
        """
        done, before = [], []
        with self._database.writing() as connection:
            self._database.lock(connection, f"{platform} cases {server}")
            now = self._now()
            for case in cases.some(connection, case_ids):
                if (case.platform, case.server) != (platform, server):
                    continue
                _check(case, decision)
                said = None
                if decision.edited is not None and case.said is not None:
                    said = case.said.model_copy(update={"edited": decision.edited})
                if not cases.decide(connection, case, decision, now, said):
                    before.append(case.id)
                    continue
                done.append(case.id)
                if decision.verdict in releasing.RELEASING:
                    releasing.say(connection, case, decision.edited, now)
            found = cases.some(connection, [*done, *before])
            cases.touch(connection, [case.card_id for case in found])
        return Decided(
            cases=tuple(case for case in found if case.id in done),
            before=tuple(case for case in found if case.id in before),
        )

    def add_note(
        self, platform: str, server: str, case_ids: Sequence[str], person: str, note: str
    ) -> None:
        """Write a note on cases, decided or not; the latest is shown, the log has all."""
        with self._database.writing() as connection:
            now = self._now()
            mine = [
                case
                for case in cases.some(connection, case_ids)
                if (case.platform, case.server) == (platform, server)
            ]
            for case in mine:
                connection.execute(
                    update(case_rows).where(case_rows.c.id == case.id).values(note=note)
                )
                cases.write(connection, case, person, "note", now, note=note)
            cases.touch(connection, [case.card_id for case in mine])

    def add_effect(
        self, platform: str, server: str, case_ids: Sequence[str], person: str, effect: Effect
    ) -> tuple[Case, ...]:
        """Ask more of the platform after a decision; those cases that nothing is due for."""
        with self._database.writing() as connection:
            now = self._now()
            added = []
            for case in cases.some(connection, case_ids):
                if (case.platform, case.server) != (platform, server) or case.open:
                    continue
                taken = connection.execute(
                    update(case_rows)
                    .where(
                        case_rows.c.id == case.id,
                        or_(
                            case_rows.c.effect_state.is_(None),
                            case_rows.c.effect_state != EffectState.DUE,
                        ),
                    )
                    .values(effect=effect, effect_state=EffectState.DUE, effect_lease=None)
                )
                if taken.rowcount == 1:
                    added.append(case.id)
                    cases.write(connection, case, person, f"effect_{effect.value}", now)
            found = cases.some(connection, added)
            cases.touch(connection, [case.card_id for case in found])
        return tuple(found)

    def effects_due(self, platform: str, limit: int = 100) -> list[str]:
        """Ids of cases of which a verdict is to be carried out, and nobody is at it."""
        query = (
            select(case_rows.c.id)
            .where(case_rows.c.platform == platform, self._is_due())
            .order_by(case_rows.c.decided_at)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def take_effect(self, case_id: str) -> Case | None:
        """Take it upon oneself to carry a verdict out; None if another does, or did."""
        with self._database.writing() as connection:
            taken = connection.execute(
                update(case_rows)
                .where(case_rows.c.id == case_id, self._is_due())
                .values(effect_lease=self._now() + EFFECT_LEASE)
            )
            return cases.get(connection, case_id) if taken.rowcount == 1 else None

    def end_effect(self, case_id: str, person: str, *, done: bool) -> None:
        """Note that a verdict was carried out, or can't be."""
        with self._database.writing() as connection:
            state = EffectState.DONE if done else EffectState.REFUSED
            ended = connection.execute(
                update(case_rows)
                .where(case_rows.c.id == case_id, case_rows.c.effect_state == EffectState.DUE)
                .values(effect_state=state, effect_lease=None)
            )
            case = cases.get(connection, case_id)
            if ended.rowcount == 1 and case is not None:
                cases.write(connection, case, person, f"effect_{state.value}", self._now())
                cases.touch(connection, [case.card_id])

    def judged(self, platform: str, ids: Sequence[str]) -> dict[str, bool]:
        """Whether messages are toxic, by the latest word of moderators, where there is one."""
        found: dict[str, bool] = {}
        with self._database.reading() as connection:
            for some in parts(ids):
                rows = connection.execute(
                    select(case_rows.c.subject, case_rows.c.verdict)
                    .where(
                        case_rows.c.platform == platform,
                        case_rows.c.kind == Kind.MESSAGE,
                        case_rows.c.subject.in_(some),
                        case_rows.c.verdict.is_not(None),
                    )
                    .order_by(case_rows.c.edition)
                )
                for row in rows:
                    toxic = Verdict(row.verdict).toxic
                    if toxic is not None:
                        found[row.subject] = toxic
        return found

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

    def _is_due(self) -> ColumnElement[bool]:
        return and_(
            case_rows.c.effect_state == EffectState.DUE,
            or_(case_rows.c.effect_lease.is_(None), case_rows.c.effect_lease < self._now()),
        )


def _check(case: Case, decision: Decision) -> None:
    verdict = decision.verdict
    allowed = OF_MESSAGES if case.kind is Kind.MESSAGE else OF_SUMMARIES
    if verdict not in allowed:
        known = ", ".join(each.value for each in allowed)
        raise InputError(f"a {case.kind.value} can't be {verdict.value}; use one of: {known}")
    if verdict in releasing.RELEASING and not releasing.can_say(case):
        raise InputError("there is no text to release: what was refused is no longer stored")
    if (verdict is Verdict.EDITED) != (decision.edited is not None):
        raise InputError("a verdict of edited needs a text, and no other takes one")


def _by(order: Order) -> list[ColumnElement[object]]:
    oldest: list[ColumnElement[object]] = [
        case_rows.c.created_at,
        case_rows.c.position,
        case_rows.c.id,
    ]
    if order == "severity":
        return [case_rows.c.severity.desc(), *oldest]
    if order == "channel":
        return [func.coalesce(case_rows.c.parent, case_rows.c.place), *oldest]
    return oldest


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
