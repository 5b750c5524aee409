"""What summaries were not to say, as the summaries change: what it rests on may be forgotten.

Cases of summaries are on cards of their own, so that nobody need wait for who makes cases.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update

from precis.moderation import Kind, Said
from precis.store import case_texts
from precis.store.cases import touch
from precis.store.tables import cases


def forget(
    connection: Connection, job_id: str, ids: set[str], now: datetime, *, quoted: bool
) -> None:
    """Messages of a job are forgotten: what would have cited them is as well.

    `quoted`: whether the summary cited them. Then it goes also where a reader reported it, for of
    that text nothing says which sentence rests on what.
    """
    for case_id, card_id, said in _held(connection, job_id):
        kept = tuple(s for s in said.sentences if not ids & {cited.id for cited in s.citations})
        if len(kept) == len(said.sentences) and (kept or not quoted):
            continue
        if not kept:
            case_texts.end(connection, [case_id], now)
        else:
            text = " ".join(sentence.text for sentence in kept)
            _store(
                connection,
                case_id,
                said.model_copy(update={"text": text, "sentences": kept, "edited": None}),
            )
        touch(connection, [card_id])


def forget_all(connection: Connection, which: ColumnElement[bool], now: datetime) -> None:
    """Nothing of some jobs' messages is left; `which` are their cases."""
    rows = connection.execute(
        select(cases.c.id, cases.c.card_id).where(
            cases.c.kind == Kind.SUMMARY, which, case_texts.holds_something()
        )
    ).all()
    case_texts.end(connection, [row.id for row in rows], now)
    touch(connection, [row.card_id for row in rows])


def moved(connection: Connection, job_id: str, now_at: Mapping[int, int]) -> None:
    """A summary's sentences are elsewhere in it now, or gone: old index to new one."""
    for case_id, _, said in _held(connection, job_id):
        instead = places(said.instead, now_at)
        if instead != said.instead:
            _store(connection, case_id, said.model_copy(update={"instead": instead}))


def places(instead: Sequence[int], now_at: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(now_at[index] for index in instead if index in now_at)


def _held(connection: Connection, job_id: str) -> list[tuple[str, str, Said]]:
    rows = connection.execute(
        select(cases.c.id, cases.c.card_id, cases.c.said).where(
            cases.c.job_id == job_id, cases.c.kind == Kind.SUMMARY, cases.c.said.is_not(None)
        )
    )
    return [(row.id, row.card_id, Said.model_validate(row.said)) for row in rows]


def _store(connection: Connection, case_id: str, said: Said) -> None:
    connection.execute(
        update(cases)
        .where(cases.c.id == case_id, cases.c.said.is_not(None))
        .values(said=said.model_dump(mode="json"))
    )
