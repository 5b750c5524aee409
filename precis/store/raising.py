"""What becomes of a job's scores: cases for moderators, and scores kept for previews.

In the transaction that ends the job. Knows nothing of cards or decisions.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from precis.conversation import Message
from precis.job import (
    Flag,
    FlagAction,
    JobRequest,
    Refused,
    Result,
    Scored,
    SummarySentence,
)
from precis.moderation import Source, over
from precis.store import people, refused_texts
from precis.store.cases import Judged, Raising, Where
from precis.store.claims import Claim
from precis.store.database import Database
from precis.store.parts import parts
from precis.store.retention import SCORES_KEPT
from precis.store.tables import conversations, gates, jobs, messages, scored

GATE_SEEN = timedelta(hours=1)
"""For which a gate counts as just seen."""
DECIMALS = 4
"""Of a score that is kept."""


def raise_met(
    database: Database, connection: Connection, job_id: str, result: Result, now: datetime
) -> None:
    """Cases of a summary's toxic messages, and of what it was not to say."""
    found = _where(connection, job_id)
    if found is None:
        return
    conversation_id, where = found
    gate = result.model.gate
    _lock(database, connection, where)
    _keep_gate(database, connection, gate, result.own_thresholds, now)
    _keep_scores(connection, found, result.scores, gate, now)
    raising = Raising(connection, where, now)
    thresholds = dict(result.thresholds)

    def judged(flag: Flag) -> Judged:
        return Judged(
            flag.label, dict(flag.scores), {**thresholds, flag.label: flag.threshold}, gate
        )

    toxic = {flag.target: flag for flag in result.flags if flag.action is FlagAction.NOTED}
    for message in _messages(connection, conversation_id, list(toxic)):
        raising.message(message, judged(toxic[message.id]), Source.MET, job_id)
    for number, each in enumerate(result.refused):
        if (left := _not_forgotten(connection, job_id, each, result)) is not None:
            raising.refused(left, number, judged(each.flag), job_id)


def _not_forgotten(
    connection: Connection, job_id: str, refused: Refused, result: Result
) -> Refused | None:
    """What is left of it as some messages were forgotten meanwhile; None: nothing.

    The summary lost sentences too, so those that took its place are elsewhere.
    """
    said = result.summary.sentences if result.summary else ()
    now_at = {old: new for new, old in enumerate(_resting(connection, job_id, said))}
    kept = _resting(connection, job_id, refused.sentences)
    if refused.sentences and not kept:
        return None
    return refused.model_copy(
        update={
            "sentences": tuple(refused.sentences[index] for index in kept),
            "instead": refused_texts.places(refused.instead, now_at),
        }
    )


def _resting(
    connection: Connection, job_id: str, sentences: Sequence[SummarySentence]
) -> list[int]:
    """Which of these rest on no message that was forgotten."""
    numbered = [
        {"index": index, "citations": [{"id": cited.id} for cited in sentence.citations]}
        for index, sentence in enumerate(sentences)
    ]
    return [each["index"] for each in people.without_forgotten(connection, job_id, numbered)]


def raise_scored(
    database: Database,
    connection: Connection,
    held: Claim,
    scored_now: Scored,
    now: datetime,
) -> None:
    """Cases of a watched place's toxic messages, and of what was reported; their texts go."""
    found = _where(connection, held.job_id)
    if found is None:
        return
    conversation_id, where = found
    request = JobRequest.model_validate(held.request)
    _lock(database, connection, where)
    _keep_gate(database, connection, scored_now.gate, scored_now.own_thresholds, now)
    if request.about is None:
        _keep_scores(connection, found, scored_now.scores, scored_now.gate, now)
    raising = Raising(connection, where, now)
    flagged = _flagged(scored_now, request)
    for message in _messages(connection, conversation_id, list(flagged)):
        judged = flagged[message.id]
        if request.about is not None:
            raising.summary(message, judged, request.about, request.reported_by)
        else:
            source = Source.REPORTED if request.reported_by else Source.WATCHED
            raising.message(message, judged, source, held.job_id, request.reported_by)
    if request.reported_by is not None:  # who did is in the case's reports, and goes from there
        connection.execute(
            update(jobs)
            .where(jobs.c.id == held.job_id)
            .values(request={**held.request, "reported_by": None})
        )
    connection.execute(delete(messages).where(messages.c.conversation_id == conversation_id))
    connection.execute(
        update(conversations).where(conversations.c.id == conversation_id).values(purged_at=now)
    )


def _flagged(found: Scored, request: JobRequest) -> dict[str, Judged]:
    """What is to be asked about: what is toxic, and what was reported.

    Also what was decided before: it may say something else by now.
    """
    reported = request.reported_by is not None
    flagged = {}
    for message_id, scores in found.scores.items():
        label = _label(scores, found.thresholds, reported=reported)
        if label is not None:
            flagged[message_id] = Judged(label, dict(scores), dict(found.thresholds), found.gate)
    return flagged


def _label(
    scores: Mapping[str, float], thresholds: Mapping[str, float], *, reported: bool
) -> str | None:
    """The label to ask about; of what was reported, the one nearest to its threshold."""
    label = over(scores, thresholds)
    if label is None and reported:
        near = {each: scores.get(each, 0.0) - limit for each, limit in thresholds.items()}
        label = max(near, key=near.__getitem__, default="toxicity")
    return label


def _where(connection: Connection, job_id: str) -> tuple[str, Where] | None:
    """A job's conversation, and where it was held; None for files, and where that isn't known."""
    row = connection.execute(
        select(conversations)
        .join(jobs, jobs.c.conversation_id == conversations.c.id)
        .where(jobs.c.id == job_id)
    ).one_or_none()
    if row is None or row.server is None or row.place is None:
        return None
    return row.id, Where(row.source, row.server, row.place, row.parent)


def _lock(database: Database, connection: Connection, where: Where) -> None:
    """One at a time makes cases of a server: else two jobs could make the same one."""
    database.lock(connection, f"{where.platform} cases {where.server}")


def _messages(connection: Connection, conversation_id: str, ids: Sequence[str]) -> list[Message]:
    """Those still stored, in order: what was deleted meanwhile is no case."""
    found: list[tuple[int, Message]] = []
    for some in parts(ids):
        rows = connection.execute(
            select(messages.c.position, messages.c.payload).where(
                messages.c.conversation_id == conversation_id,
                messages.c.message_id.in_(some),
            )
        )
        found += [(row.position, Message.model_validate(row.payload)) for row in rows]
    return [message for _, message in sorted(found, key=lambda each: each[0])]


def _keep_scores(
    connection: Connection,
    found: tuple[str, Where],
    scores: Mapping[str, Mapping[str, float]],
    gate: str,
    now: datetime,
) -> None:
    """Each message's latest scores, without its text."""
    if not scores:
        return
    conversation_id, where = found
    times = _times(connection, conversation_id)
    oldest = now - SCORES_KEPT
    kept = [each for each in scores if each in times and (times[each] or now) >= oldest]
    for some in parts(kept):
        connection.execute(
            delete(scored).where(scored.c.platform == where.platform, scored.c.message_id.in_(some))
        )
        connection.execute(
            insert(scored),
            [
                {
                    "platform": where.platform,
                    "message_id": each,
                    "server": where.server,
                    "place": where.place,
                    "parent": where.parent,
                    "at": times[each] or now,
                    "gate": gate[:200],
                    "scores": {k: round(v, DECIMALS) for k, v in scores[each].items()},
                }
                for each in some
            ],
        )


def _times(connection: Connection, conversation_id: str) -> dict[str, datetime | None]:
    rows = connection.execute(
        select(messages.c.message_id, messages.c.payload).where(
            messages.c.conversation_id == conversation_id
        )
    )
    return {row.message_id: _time(row.payload) for row in rows}


def _time(payload: Mapping[str, Any]) -> datetime | None:
    time = payload.get("time")
    return datetime.fromisoformat(time) if time else None


def _keep_gate(
    database: Database,
    connection: Connection,
    gate: str,
    thresholds: Mapping[str, float],
    now: datetime,
) -> None:
    """What holds where a server sets none; the gate's name tells its weights.

    Written only where it is news: jobs of all servers would wait for each other.
    """
    known = connection.execute(select(gates).where(gates.c.name == gate[:200])).one_or_none()
    same = (
        known is not None
        and known.thresholds == dict(thresholds)
        and known.seen_at > now - GATE_SEEN
    )
    if same or not thresholds:
        return
    database.lock(connection, f"gate {gate}")
    values = {"thresholds": dict(thresholds), "seen_at": now}
    changed = connection.execute(update(gates).where(gates.c.name == gate[:200]).values(**values))
    if changed.rowcount == 0:
        connection.execute(insert(gates).values(name=gate[:200], **values))
