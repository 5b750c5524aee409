"""Cases in the database: made when a job ends, each thing once; decided once; their log.

Knows nothing of who may decide, nor of how cards are shown.
"""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from precis.conversation import Message
from precis.job import FlagAction, Refused
from precis.moderation import (
    MOST_ON_CARD,
    Case,
    Decision,
    EffectState,
    Kind,
    Said,
    Source,
    Verdict,
)
from precis.store.parts import parts
from precis.store.tables import audit, cards, cases, reports


@dataclass(frozen=True, slots=True)
class Where:
    """Where what is flagged was written."""

    platform: str
    server: str
    place: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a gate said of a text."""

    label: str
    scores: dict[str, float]
    thresholds: dict[str, float]
    gate: str

    @property
    def severity(self) -> float:
        return self.scores.get(self.label, 0.0) - self.thresholds.get(self.label, 0.0)

    @property
    def columns(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "scores": self.scores,
            "thresholds": self.thresholds,
            "severity": self.severity,
            "gate": self.gate[:200],
        }


@dataclass(frozen=True, slots=True)
class Raising:
    """Makes cases of what was flagged in one place, in one transaction.

    The caller sees to it that one at a time does so of a server.
    """

    connection: Connection
    where: Where
    now: datetime

    def message(
        self,
        message: Message,
        judged: Judged,
        source: Source,
        job_id: str,
        reporter: str | None = None,
    ) -> None:
        """Make a message a case, or add to the case that it is."""
        known = self._latest(message.id)
        said = _said(message)
        if known is not None and not _is_news(known, said, judged):
            self._add(known, judged, source, said, reporter)
            return
        channel = self.where.parent or self.where.place
        self._insert(
            judged,
            key=(channel, message.author_id),
            reporter=reporter,
            kind=Kind.MESSAGE,
            subject=message.id,
            edition=0 if known is None else known.edition + 1,
            job_id=job_id,
            author_id=message.author_id,
            said_at=message.time,
            permalink=message.permalink,
            said=said,
            action=FlagAction.NOTED,
            sources=[source],
        )

    def refused(self, each: Refused, number: int, judged: Judged, job_id: str) -> None:
        """Make what a summary was not to say a case."""
        text = " ".join(sentence.text for sentence in each.sentences)
        said = Said(text=text, sentences=each.sentences, instead=each.instead) if text else None
        subject = f"{job_id}:{number}"
        self._insert(
            judged,
            key=(subject,),
            kind=Kind.SUMMARY,
            subject=subject,
            edition=0,
            job_id=job_id,
            said=said.model_dump(mode="json") if said else None,
            action=each.flag.action,
            sources=[Source.GATE],
        )

    def summary(
        self, message: Message, judged: Judged, about: str, reporter: str | None = None
    ) -> None:
        """Make a summary that a reader reported a case, or add to the case that it is."""
        subject = f"{about}:reported"
        known = self._latest(subject)
        if known is not None:
            self._add(known, judged, Source.REPORTED, _said(message), reporter)
            return
        self._insert(
            judged,
            key=(subject,),
            reporter=reporter,
            kind=Kind.SUMMARY,
            subject=subject,
            edition=0,
            job_id=about,
            said=_said(message),
            action=FlagAction.NOTED,
            sources=[Source.REPORTED],
        )

    def _latest(self, subject: str) -> Case | None:
        row = self.connection.execute(
            select(cases)
            .where(cases.c.platform == self.where.platform, cases.c.subject == subject)
            .order_by(cases.c.edition.desc())
            .limit(1)
            .with_for_update()
        ).one_or_none()
        return None if row is None else as_case(row)

    def _add(
        self,
        known: Case,
        judged: Judged,
        source: Source,
        said: dict[str, Any] | None,
        reporter: str | None,
    ) -> None:
        """What came up again: its sources and reports; while it is open, as it reads now."""
        values: dict[str, Any] = {}
        if source not in known.sources:
            values["sources"] = [*known.sources, source]
        changed = said is not None and (known.said is None or known.said.text != said["text"])
        if known.open and changed:  # who saw its card before hasn't seen this, nor may decide it
            values |= {"said": said, "position": self._next(known.card_id), **judged.columns}
        if reporter is not None and self._report(known.id, reporter):
            values["reports"] = cases.c.reports + 1
        if values:
            self.connection.execute(update(cases).where(cases.c.id == known.id).values(**values))
            touch(self.connection, [known.card_id])

    def _next(self, card_id: str) -> int:
        """A position on a card, after all others."""
        this = cards.c.id == card_id
        self.connection.execute(update(cards).where(this).values(positions=cards.c.positions + 1))
        return int(self.connection.execute(select(cards.c.positions).where(this)).scalar_one())

    def _report(self, case_id: str, person: str) -> bool:
        """Note who reported it; False if they did before."""
        there = select(reports.c.person).where(
            reports.c.case_id == case_id, reports.c.person == person
        )
        if self.connection.execute(there).first() is not None:
            return False
        self.connection.execute(
            insert(reports).values(case_id=case_id, person=person, created_at=self.now)
        )
        return True

    def _insert(
        self, judged: Judged, *, key: Sequence[str], reporter: str | None = None, **values: Any
    ) -> None:
        """Put a new case on a card of those with the same `key`."""
        where = self.where
        card_id, position = self._card(_digest(where.platform, where.server, *key))
        case_id = uuid.uuid4().hex
        self.connection.execute(
            insert(cases).values(
                id=case_id,
                platform=where.platform,
                server=where.server,
                place=where.place,
                parent=where.parent,
                card_id=card_id,
                position=position,
                reports=int(reporter is not None),
                created_at=self.now,
                **judged.columns,
                **values,
            )
        )
        if reporter is not None:
            self._report(case_id, reporter)

    def _card(self, key: str) -> tuple[str, int]:
        """The card that takes a new case, and the case's position on it."""
        where = self.where
        row = self.connection.execute(
            select(cards.c.id, cards.c.positions)
            .where(
                cards.c.platform == where.platform,
                cards.c.server == where.server,
                cards.c.key == key,
                cards.c.open.is_(True),
                cards.c.positions < MOST_ON_CARD,
            )
            .order_by(cards.c.created_at.desc())
            .limit(1)
            .with_for_update()
        ).one_or_none()
        if row is not None:
            self.connection.execute(
                update(cards)
                .where(cards.c.id == row.id)
                .values(positions=row.positions + 1, version=cards.c.version + 1)
            )
            return row.id, row.positions + 1
        card_id = uuid.uuid4().hex
        self.connection.execute(
            insert(cards).values(
                id=card_id,
                platform=where.platform,
                server=where.server,
                key=key,
                open=True,
                positions=1,
                version=1,
                shown=0,
                created_at=self.now,
            )
        )
        return card_id, 1


def get(connection: Connection, case_id: str) -> Case | None:
    row = connection.execute(select(cases).where(cases.c.id == case_id)).one_or_none()
    return None if row is None else as_case(row)


def some(connection: Connection, ids: Sequence[str]) -> list[Case]:
    """Cases by their ids, in the order of their cards' positions."""
    found: list[Case] = []
    for part in parts(list(ids)):
        found += [
            as_case(row) for row in connection.execute(select(cases).where(cases.c.id.in_(part)))
        ]
    return sorted(found, key=lambda case: (case.card_id, case.position))


def decide(
    connection: Connection, case: Case, decision: Decision, now: datetime, said: Said | None = None
) -> bool:
    """End a case; False if somebody was quicker. `said`: its text from now on, if it changes."""
    values: dict[str, Any] = {
        "verdict": decision.verdict,
        "decided_by": decision.person,
        "decided_at": now,
        "effect": decision.effect,
        "effect_state": EffectState.DUE if decision.effect else None,
    }
    if decision.note is not None:
        values["note"] = decision.note
    if said is not None:
        values["said"] = said.model_dump(mode="json")
    taken = connection.execute(
        update(cases).where(cases.c.id == case.id, cases.c.verdict.is_(None)).values(**values)
    )
    if taken.rowcount != 1:
        return False
    write(connection, case, decision.person, decision.verdict, now, note=decision.note)
    return True


def write(
    connection: Connection,
    case: Case,
    person: str,
    action: str,
    now: datetime,
    *,
    note: str | None = None,
) -> None:
    """Add a line to the log: the scores and thresholds are the case's."""
    connection.execute(
        insert(audit).values(
            platform=case.platform,
            server=case.server,
            case_id=case.id,
            kind=case.kind,
            subject=case.subject,
            place=case.place,
            person=person,
            action=action,
            at=now,
            label=case.label,
            scores=dict(case.scores),
            thresholds=dict(case.thresholds),
            gate=case.gate,
            note=note,
        )
    )


def touch(connection: Connection, card_ids: Iterable[str]) -> None:
    """Cards are to be shown anew; one without an open case takes no more."""
    for card_id in sorted(set(card_ids)):
        waiting = select(cases.c.id).where(cases.c.card_id == card_id, cases.c.verdict.is_(None))
        is_open = connection.execute(waiting.limit(1)).first() is not None
        values: dict[str, Any] = {"version": cards.c.version + 1}
        if not is_open:
            values["open"] = False
        connection.execute(update(cards).where(cards.c.id == card_id).values(**values))


def as_case(row: Row[Any]) -> Case:
    return Case(
        id=row.id,
        platform=row.platform,
        server=row.server,
        kind=row.kind,
        subject=row.subject,
        edition=row.edition,
        job_id=row.job_id,
        place=row.place,
        parent=row.parent,
        author=row.author_id,
        said_at=row.said_at,
        permalink=row.permalink,
        said=Said.model_validate(row.said) if row.said is not None else None,
        label=row.label,
        scores=row.scores,
        thresholds=row.thresholds,
        gate=row.gate,
        action=row.action,
        sources=tuple(row.sources),
        reports=row.reports,
        created_at=row.created_at,
        verdict=row.verdict,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        note=row.note,
        effect=row.effect,
        effect_state=row.effect_state,
        card_id=row.card_id,
        position=row.position,
    )


def _is_news(known: Case, said: dict[str, Any] | None, judged: Judged) -> bool:
    """Whether a message that was decided says something else now, and that is toxic."""
    if known.open or said is None or judged.severity < 0:
        return False
    if known.verdict is Verdict.GONE:  # and there again: nobody has decided anything
        return True
    return known.said is not None and known.said.text != said["text"]


def _said(message: Message) -> dict[str, Any] | None:
    """As it is stored; None where nothing is to be kept of what its author wrote."""
    if not message.text:
        return None
    return Said(text=message.text, author_name=message.author_name).model_dump(mode="json")


def _digest(*named: str) -> str:
    return hashlib.sha256("\n".join(named).encode()).hexdigest()
