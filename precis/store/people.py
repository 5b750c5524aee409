"""What is stored of people, and how it goes: opt-outs, and messages that are to be forgotten.

Chat text that rests on forgotten messages goes with them: summaries lose the sentences that cite
one. Knows nothing of who may ask for it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from precis.ask import Stored
from precis.store.tables import asks, conversations, feedback, jobs, messages, opt_outs, summaries

AT_ONCE = 500  # ids a statement; SQLite takes no more than some thousands


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
    for some in _parts(people):
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
        messages=counts[0],
        asks=counts[1],
        feedback=counts[2],
        opted_out=bool(opted_out(connection, platform, [person])),
    )


def forget_person(connection: Connection, platform: str, person: str) -> int:
    """Remove what a person wrote, asked and judged; returns how many messages that were.

    Asks still open stay until they are answered.
    """
    query = (
        select(messages.c.conversation_id, messages.c.message_id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(conversations.c.source == platform, messages.c.author_id == person)
    )
    gone = _forget(connection, [tuple(row) for row in connection.execute(query)])
    connection.execute(
        delete(feedback).where(feedback.c.platform == platform, feedback.c.person == person)
    )
    connection.execute(
        delete(asks).where(
            asks.c.platform == platform, asks.c.person == person, asks.c.ended_at.is_not(None)
        )
    )
    return gone


def forget_messages(connection: Connection, platform: str, ids: Iterable[str]) -> int:
    """Remove messages by their ids on the platform; returns how many copies that were."""
    gone = 0
    for some in _parts(list(ids)):
        query = (
            select(messages.c.conversation_id, messages.c.message_id)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(conversations.c.source == platform, messages.c.message_id.in_(some))
        )
        gone += _forget(connection, [tuple(row) for row in connection.execute(query)])
    return gone


def _forget(connection: Connection, found: Sequence[tuple[str, str]]) -> int:
    by_conversation: dict[str, set[str]] = {}
    for conversation_id, message_id in found:
        by_conversation.setdefault(conversation_id, set()).add(message_id)
    for conversation_id, ids in by_conversation.items():
        for some in _parts(list(ids)):
            connection.execute(
                delete(messages).where(
                    messages.c.conversation_id == conversation_id, messages.c.message_id.in_(some)
                )
            )
        theirs = jobs.c.conversation_id == conversation_id
        # What is left is no longer what was asked for: nobody else is to be answered with it.
        connection.execute(update(jobs).where(theirs).values(content_key=None))
        _forget_sentences(connection, conversation_id, ids)
    return len(found)


def _forget_sentences(connection: Connection, conversation_id: str, ids: set[str]) -> None:
    rows = connection.execute(
        select(summaries.c.job_id, summaries.c.sentences)
        .join(jobs, jobs.c.id == summaries.c.job_id)
        .where(and_(jobs.c.conversation_id == conversation_id, summaries.c.sentences.is_not(None)))
    ).all()
    for job_id, sentences in rows:
        kept = [s for s in sentences if not ids & {cited["id"] for cited in s["citations"]}]
        if len(kept) < len(sentences):
            connection.execute(
                update(summaries).where(summaries.c.job_id == job_id).values(sentences=kept)
            )


def _parts(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
