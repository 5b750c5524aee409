"""What becomes of a summary of which moderators release or rewrite what the gate refused.

Its sentences change, and everybody who asked for it waits again. Knows nothing of platforms.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from precis.ask import AskState
from precis.job import Citation, JobState, SummarySentence
from precis.moderation import Case, Verdict
from precis.store import people, refused_texts
from precis.store.tables import asks, jobs, summaries


def say(connection: Connection, case: Case, edited: str | None, now: datetime) -> None:
    """Let a summary say what it was not to, or what a moderator wrote in its place.

    Nothing changes where the summary is purged, or what it cites is forgotten.
    """
    if case.job_id is None or case.said is None:
        return
    people.lock_messages_of(connection, case.job_id)
    row = connection.execute(
        select(summaries.c.sentences, summaries.c.purged_at)
        .where(summaries.c.job_id == case.job_id)
        .with_for_update()
    ).one_or_none()
    if row is None or row.purged_at is not None:
        return
    before = list(row.sentences or [])
    new = [_edited(case.said.sentences, edited)] if edited else list(case.said.sentences)
    dumped = [sentence.model_dump(mode="json") for sentence in new]
    kept = people.without_forgotten(connection, case.job_id, dumped)
    if not kept:
        return
    sentences, now_at = _placed(before, kept, case.said.instead)
    refused_texts.moved(connection, case.job_id, now_at)
    connection.execute(
        update(summaries).where(summaries.c.job_id == case.job_id).values(sentences=sentences)
    )
    connection.execute(
        update(jobs)
        .where(jobs.c.id == case.job_id, jobs.c.state == JobState.WITHHELD)
        .values(state=JobState.DONE)
    )
    _ask_again(connection, case.job_id, now)


def can_say(case: Case) -> bool:
    """Whether there is something to release, or to write anew."""
    return case.said is not None and bool(case.said.sentences)


RELEASING = (Verdict.RELEASED, Verdict.EDITED)


def _edited(refused: Sequence[SummarySentence], text: str) -> SummarySentence:
    """One sentence of a moderator's, resting on what the refused ones rest on."""
    citations: dict[str, Citation] = {c.id: c for each in refused for c in each.citations}
    speakers = dict.fromkeys(name for each in refused for name in each.speakers)
    return SummarySentence(
        text=text,
        citations=tuple(citations.values()),
        speakers=tuple(speakers),
        origin="edited",
    )


def _placed(
    sentences: list[dict[str, Any]], new: list[dict[str, Any]], instead: Sequence[int]
) -> tuple[list[dict[str, Any]], dict[int, int]]:
    """`new` in the place of the sentences at `instead`; at the end where there are none.

    With it where the others are now, by where they were.
    """
    there = {index for index in instead if index < len(sentences)}
    first = min(there, default=len(sentences))
    kept = [index for index in range(len(sentences)) if index not in there]
    now_at = {old: at if at < first else at + len(new) for at, old in enumerate(kept)}
    before = [sentences[old] for old in kept if old < first]
    after = [sentences[old] for old in kept if old >= first]
    return before + new + after, now_at


def _ask_again(connection: Connection, job_id: str, now: datetime) -> None:
    """Whoever was answered waits again: for an answer as late ones come, without a token.

    Not who waits already: for the first answer, or since another case of the same summary.
    """
    states = (AskState.ANSWERED, AskState.WAITING)
    rows = connection.execute(
        select(asks).where(asks.c.job_id == job_id, asks.c.state.in_(states))
    ).all()
    wait = {_who(row) for row in rows if row.state == AskState.WAITING}
    asked = {_who(row): row for row in rows if _who(row) not in wait}
    for row in asked.values():
        values = dict(row._mapping)
        values |= {
            "id": uuid.uuid4().hex,
            "reply": {},
            "reply_until": None,
            "key": None,
            "state": AskState.WAITING,
            "claim": None,
            "lease_until": now,
            "tries": 0,
            "posted": [],
            "shared": False,
            "created_at": now,
            "ended_at": None,
        }
        connection.execute(insert(asks).values(**values))


def _who(row: Row[Any]) -> tuple[str, str, bool]:
    return row.person, row.place, row.private
