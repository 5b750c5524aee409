"""The part of `ModerationStore` that decides: verdicts, notes, what is asked of the platform.

Whoever changes cases waits for whoever makes some on the same server, and locks conversations,
where it needs them, before: as those do who end a job or forget messages. Else two could wait for
ever.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from precis.errors import InputError
from precis.moderation import (
    OF_MESSAGES,
    OF_SUMMARIES,
    Case,
    Decided,
    Decision,
    Effect,
    EffectState,
    Kind,
    Said,
    Verdict,
)
from precis.store import cases, people, releasing
from precis.store.part import Part
from precis.store.parts import parts
from precis.store.tables import cases as case_rows
from precis.store.tables import conversations, jobs

EFFECT_LEASE = timedelta(seconds=60)
"""For which whoever carries a verdict out has it to themselves."""


class DecidingStore(Part):
    """Decisions; of each case the first one stands."""

    def case(self, case_id: str) -> Case | None:
        with self._database.reading() as connection:
            return cases.get(connection, case_id)

    def decide(
        self,
        platform: str,
        server: str,
        case_ids: Sequence[str],
        decision: Decision,
        seen: int | None = None,
    ) -> Decided:
        """Decide the open ones of these cases; the first decision of each stands.

        Those of other servers are passed over, and those after position `seen` of their card: they
        say something else by now. Raises InputError, and decides nothing, for a
        verdict that an open case's kind doesn't know, and where there is nothing to release or to
        write anew.
        """
        done: set[str] = set()
        with self._database.writing() as connection:
            if decision.verdict in releasing.RELEASING:
                _lock_conversations(connection, case_ids)
            self._lock(connection, platform, server)
            now = self._now()
            found = _of(cases.some(connection, case_ids), platform, server)
            known = [case for case in found if seen is None or case.position <= seen]
            waiting = [case for case in known if case.open]
            for case in waiting:
                _check(case, decision)
            for case in waiting:
                if _decide(connection, case, decision, now):
                    done.add(case.id)
            ended = cases.some(connection, [case.id for case in found])
            # A card that somebody saw as open, and isn't, is to be shown anew too.
            cases.touch(connection, [case.card_id for case in ended])
        return Decided(
            cases=tuple(case for case in ended if case.id in done),
            before=tuple(case for case in ended if case.id not in done),
        )

    def add_note(
        self, platform: str, server: str, case_ids: Sequence[str], person: str, note: str
    ) -> None:
        """Write a note on cases, decided or not; the latest is shown, the log has all."""
        with self._database.writing() as connection:
            self._lock(connection, platform, server)
            now = self._now()
            found = _of(cases.some(connection, case_ids), platform, server)
            for case in found:
                connection.execute(
                    update(case_rows).where(case_rows.c.id == case.id).values(note=note)
                )
                cases.write(connection, case, person, "note", now, note=note)
            cases.touch(connection, [case.card_id for case in found])

    def add_effect(
        self, platform: str, server: str, case_ids: Sequence[str], person: str, effect: Effect
    ) -> tuple[Case, ...]:
        """Ask more of the platform after a decision; those cases that nothing is due for."""
        added = []
        with self._database.writing() as connection:
            self._lock(connection, platform, server)
            now = self._now()
            for case in _of(cases.some(connection, case_ids), platform, server):
                if case.open or case.effect_state is EffectState.DUE:
                    continue
                connection.execute(
                    update(case_rows)
                    .where(case_rows.c.id == case.id)
                    .values(effect=effect, effect_state=EffectState.DUE, effect_lease=None)
                )
                cases.write(connection, case, person, f"effect_{effect.value}", now)
                added.append(case.id)
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
        state = EffectState.DONE if done else EffectState.REFUSED
        with self._database.writing() as connection:
            case = cases.get(connection, case_id)
            if case is None:
                return
            self._lock(connection, case.platform, case.server)
            ended = connection.execute(
                update(case_rows)
                .where(case_rows.c.id == case_id, case_rows.c.effect_state == EffectState.DUE)
                .values(effect_state=state, effect_lease=None)
            )
            if ended.rowcount == 1:
                cases.write(connection, case, person, f"effect_{state.value}", self._now())
                cases.touch(connection, [case.card_id])

    def judged(
        self, platform: str, ids: Sequence[str], *, texts: Mapping[str, str] | None = None
    ) -> dict[str, bool]:
        """Whether messages are toxic, by the latest word of moderators, where there is one.

        None is there for what waits to be judged again, as it was edited. `texts`: what messages
        say now, by id; what said something else when it was judged isn't judged.
        """
        now = texts or {}
        found: dict[str, bool | None] = {}
        with self._database.reading() as connection:
            for some in parts(ids):
                rows = connection.execute(
                    select(case_rows.c.subject, case_rows.c.verdict, case_rows.c.said)
                    .where(
                        case_rows.c.platform == platform,
                        case_rows.c.kind == Kind.MESSAGE,
                        case_rows.c.subject.in_(some),
                    )
                    .order_by(case_rows.c.edition)
                )
                for row in rows:
                    toxic = Verdict(row.verdict).toxic if row.verdict else None
                    said = Said.model_validate(row.said).text if row.said else None
                    if said is not None and now.get(row.subject, said) != said:
                        toxic = None
                    found[row.subject] = toxic
        return {subject: toxic for subject, toxic in found.items() if toxic is not None}

    def _lock(self, connection: Connection, platform: str, server: str) -> None:
        self._database.lock(connection, f"{platform} cases {server}")

    def _is_due(self) -> ColumnElement[bool]:
        return and_(
            case_rows.c.effect_state == EffectState.DUE,
            or_(case_rows.c.effect_lease.is_(None), case_rows.c.effect_lease < self._now()),
        )


def _of(found: Sequence[Case], platform: str, server: str) -> list[Case]:
    return [case for case in found if (case.platform, case.server) == (platform, server)]


def _lock_conversations(connection: Connection, case_ids: Sequence[str]) -> None:
    theirs = (
        select(jobs.c.conversation_id)
        .join(case_rows, case_rows.c.job_id == jobs.c.id)
        .where(case_rows.c.id.in_(case_ids), case_rows.c.kind == Kind.SUMMARY)
    )
    people.lock(connection, conversations.c.id.in_(theirs))


def _decide(connection: Connection, case: Case, decision: Decision, now: datetime) -> bool:
    """Decide one case, and have its summary say what it then says; False: somebody was quicker."""
    current = cases.get(connection, case.id) or case  # another may have moved its sentences
    said = None
    if decision.edited is not None and current.said is not None:
        said = current.said.model_copy(update={"edited": decision.edited})
    if not cases.decide(connection, current, decision, now, said):
        return False
    if decision.verdict in releasing.RELEASING:
        releasing.say(connection, current, decision.edited, now)
    return True


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
