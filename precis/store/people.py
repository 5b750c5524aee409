"""What is stored of people, and how it goes: opt-outs, and messages that are to be forgotten.

Chat text that rests on forgotten messages goes with them: summaries lose the sentences that cite
one, and so do the cases of what a summary was not to say. Knows nothing of who may ask for it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    and_,
    delete,
    func,
    insert,
    select,
    update,
)

from precis.ask import Stored
from precis.job import WATCH_QUEUE
from precis.store import case_texts, heard, refused_texts, subscription_rows
from precis.store.parts import parts
from precis.store.tables import (
    asks,
    cases,
    conversations,
    feedback,
    jobs,
    messages,
    opt_outs,
    summaries,
)


def opt_out(connection: Connection, platform: str, person: str, now: datetime) -> None:
    """Note that a person's messages are never to be read."""
    if not opted_out(connection, platform, [person]):
        connection.execute(
            insert(opt_outs).values(platform=platform, person=person, created_at=now)
        )


def opt_in(connection: Connection, platform: str, person: str) -> None:
    connection.execute(
        delete(opt_outs).where(opt_outs.c.platform == platform, opt_outs.c.person == person)
    )


def opted_out(connection: Connection, platform: str, people: Sequence[str]) -> set[str]:
    """Which of `people` are not to be read."""
    found: set[str] = set()
    for some in parts(people):
        query = select(opt_outs.c.person).where(
            opt_outs.c.platform == platform, opt_outs.c.person.in_(some)
        )
        found |= set(connection.scalars(query))
    return found


def stored_of(connection: Connection, platform: str, person: str) -> Stored:
    """How much is stored of a person."""
    theirs = (
        select(func.count())
        .select_from(messages)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(conversations.c.source == platform, messages.c.author_id == person)
    )
    counts = [
        connection.scalar(query) or 0
        for query in (
            theirs,
            select(func.count()).where(asks.c.platform == platform, asks.c.person == person),
            select(func.count()).where(
                feedback.c.platform == platform, feedback.c.person == person
            ),
        )
    ]
    return Stored(
        messages=counts[0]
        + heard.count_of(connection, platform, person)
        + case_texts.count_of(connection, platform, person),
        asks=counts[1],
        feedback=counts[2],
        opted_out=bool(opted_out(connection, platform, [person])),
    )


def forget_asked(connection: Connection, platform: str, person: str) -> None:
    """Remove what a person asked, judged, reported and subscribed to for themselves.

    Asks still open stay until they are answered.
    """
    case_texts.forget_reports(connection, platform, person)
    subscription_rows.forget_maker(connection, platform, person)
    _forget_reporter(connection, platform, person)
    connection.execute(
        delete(feedback).where(feedback.c.platform == platform, feedback.c.person == person)
    )
    theirs = and_(
        asks.c.platform == platform, asks.c.person == person, asks.c.ended_at.is_not(None)
    )
    forget_who_asked(
        connection, person, list(connection.scalars(select(asks.c.job_id).where(theirs)))
    )
    connection.execute(delete(asks).where(theirs))


def forget_written(connection: Connection, platform: str, person: str, now: datetime) -> int:
    """Remove what a person wrote; returns how many messages that were. Not those of cases."""
    query = (
        select(messages.c.conversation_id, messages.c.message_id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(conversations.c.source == platform, messages.c.author_id == person)
    )
    return _forget(connection, [tuple(row) for row in connection.execute(query)], now)


def forget_messages(
    connection: Connection, platform: str, ids: Iterable[str], now: datetime
) -> int:
    """Remove messages by their ids on the platform; returns how many copies that were.

    Not those of cases.
    """
    gone = 0
    for some in parts(list(ids)):
        query = (
            select(messages.c.conversation_id, messages.c.message_id)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(conversations.c.source == platform, messages.c.message_id.in_(some))
        )
        gone += _forget(connection, [tuple(row) for row in connection.execute(query)], now)
    return gone


def forget_conversation(connection: Connection, conversation_id: str, now: datetime) -> int:
    """Remove all messages of a conversation, and all that was said of them."""
    lock(connection, conversations.c.id == conversation_id)
    gone = connection.execute(
        delete(messages).where(messages.c.conversation_id == conversation_id)
    ).rowcount
    theirs = jobs.c.conversation_id == conversation_id
    connection.execute(update(jobs).where(theirs).values(content_key=None))
    connection.execute(
        update(summaries)
        .where(
            summaries.c.job_id.in_(select(jobs.c.id).where(theirs)),
            summaries.c.sentences.is_not(None),
        )
        .values(sentences=[])
    )
    theirs_alone = cases.c.job_id.in_(select(jobs.c.id).where(theirs))
    refused_texts.forget_all(connection, theirs_alone, now)
    return gone


def lock_messages_of(connection: Connection, job_id: str) -> None:
    """Let nobody forget messages of a job's conversation until the transaction ends.

    Before the job itself is locked, as where messages are forgotten: else both could wait for ever.
    """
    lock(connection, conversations.c.id == _conversation_of(job_id))


def without_forgotten(
    connection: Connection, job_id: str, sentences: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Those of a new summary's sentences that rest on no message forgotten while it was made."""
    ours = _conversation_of(job_id)
    there = select(func.count()).where(messages.c.conversation_id == ours)
    taken = select(conversations.c.message_count).where(conversations.c.id == ours)
    if connection.scalar(there) == connection.scalar(taken):
        return sentences
    kept = set(
        connection.scalars(select(messages.c.message_id).where(messages.c.conversation_id == ours))
    )
    if not kept:
        return []
    return [s for s in sentences if all(cited["id"] in kept for cited in s["citations"])]


def forget_who_asked(connection: Connection, person: str, job_ids: Sequence[str | None]) -> None:
    """Jobs that a person asked for become nobody's."""
    for some in parts([each for each in job_ids if each]):
        rows = connection.execute(select(jobs.c.id, jobs.c.request).where(jobs.c.id.in_(some)))
        for job_id, request in rows.all():
            if request.get("requested_by") == person:
                connection.execute(
                    update(jobs)
                    .where(jobs.c.id == job_id)
                    .values(request={**request, "requested_by": None})
                )


def _forget_reporter(connection: Connection, platform: str, person: str) -> None:
    """Messages that somebody reported, and that weren't scored, become nobody's report."""
    rows = connection.execute(
        select(jobs.c.id, jobs.c.request).where(
            jobs.c.frontend == platform,
            jobs.c.queue == WATCH_QUEUE,
            jobs.c.request["reported_by"].as_string() == person,
        )
    )
    for job_id, request in rows.all():
        connection.execute(
            update(jobs).where(jobs.c.id == job_id).values(request={**request, "reported_by": None})
        )


def _forget(connection: Connection, found: Sequence[tuple[str, str]], now: datetime) -> int:
    by_conversation: dict[str, set[str]] = {}
    for conversation_id, message_id in found:
        by_conversation.setdefault(conversation_id, set()).add(message_id)
    for conversation_id, ids in sorted(by_conversation.items()):
        lock(connection, conversations.c.id == conversation_id)
        for some in parts(list(ids)):
            connection.execute(
                delete(messages).where(
                    messages.c.conversation_id == conversation_id, messages.c.message_id.in_(some)
                )
            )
        theirs = jobs.c.conversation_id == conversation_id
        # What is left is no longer what was asked for: nobody else is to be answered with it.
        connection.execute(update(jobs).where(theirs).values(content_key=None))
        _forget_sentences(connection, conversation_id, ids, now)
    return len(found)


def _forget_sentences(
    connection: Connection, conversation_id: str, ids: set[str], now: datetime
) -> None:
    rows = connection.execute(
        select(summaries.c.job_id, summaries.c.sentences)
        .join(jobs, jobs.c.id == summaries.c.job_id)
        .where(jobs.c.conversation_id == conversation_id, summaries.c.purged_at.is_(None))
    ).all()
    for job_id, sentences in rows:
        kept = [
            index
            for index, sentence in enumerate(sentences or ())
            if not ids & {cited["id"] for cited in sentence["citations"]}
        ]
        quoted = len(kept) < len(sentences or ())
        refused_texts.forget(connection, job_id, ids, now, quoted=quoted)
        if quoted:
            refused_texts.moved(connection, job_id, {old: new for new, old in enumerate(kept)})
            connection.execute(
                update(summaries)
                .where(summaries.c.job_id == job_id)
                .values(sentences=[sentences[index] for index in kept])
            )


def _conversation_of(job_id: str) -> ScalarSelect[str]:
    return select(jobs.c.conversation_id).where(jobs.c.id == job_id).scalar_subquery()


def lock(connection: Connection, which: ColumnElement[bool]) -> None:
    """Let nobody else write to these conversations until the transaction ends."""
    query = select(conversations.c.id).where(which).order_by(conversations.c.id)
    connection.execute(query.with_for_update())
