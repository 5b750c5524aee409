"""What digests tell of, in the database: parts, what has been told, and what goes on from there.

Knows nothing of when a digest is due, nor of who sees to it.
"""

from sqlalchemy import Connection, Select, and_, delete, insert, select, update

from precis.conversation import Message
from precis.digest import DigestState, Mark, Part
from precis.job import JobState, SentenceKind
from precis.store.digest_tables import digest_marks, digest_parts, digests
from precis.store.tables import conversations, jobs, messages, summaries

LEFT_OPEN = (SentenceKind.QUESTION, SentenceKind.PROMISE, SentenceKind.OPEN)


def add_part(connection: Connection, digest_id: str, part: Part) -> None:
    connection.execute(
        insert(digest_parts).values(
            digest_id=digest_id,
            place=part.place,
            position=len(parts_of(connection, digest_id)),
            source=part.source,
            job_id=part.job_id,
            messages=part.messages,
            mark_at=part.mark.at if part.mark else None,
            mark_message=part.mark.message if part.mark else None,
            partial=part.partial,
        )
    )


def move_marks(connection: Connection, digest_id: str, subscription_id: str) -> None:
    """What the digest told of isn't told of again; what could not be summarised isn't told of."""
    failed = set(
        connection.scalars(
            select(jobs.c.id)
            .join(digest_parts, digest_parts.c.job_id == jobs.c.id)
            .where(digest_parts.c.digest_id == digest_id, jobs.c.state == JobState.FAILED)
        )
    )
    for part in parts_of(connection, digest_id):
        if part.mark is None or part.job_id in failed:
            continue
        key = and_(
            digest_marks.c.subscription_id == subscription_id,
            digest_marks.c.place == part.place,
        )
        connection.execute(delete(digest_marks).where(key))
        connection.execute(
            insert(digest_marks).values(
                subscription_id=subscription_id,
                place=part.place,
                at=part.mark.at,
                message=part.mark.message,
            )
        )


def marks(connection: Connection, subscription_id: str) -> dict[str, Mark]:
    query = select(digest_marks).where(digest_marks.c.subscription_id == subscription_id)
    return {
        row.place: Mark(at=row.at, message=row.message) for row in connection.execute(query).all()
    }


def left_open(connection: Connection, subscription_id: str, place: str) -> list[Message]:
    """Messages that the last digest of a place left open, as far as they are still stored."""
    job_id = _last_job(connection, subscription_id, place)
    if job_id is None:
        return []
    sentences = connection.scalar(select(summaries.c.sentences).where(summaries.c.job_id == job_id))
    ids = [
        cited["id"]
        for sentence in sentences or ()
        if sentence.get("kind") in LEFT_OPEN
        for cited in sentence["citations"]
    ]
    rows = connection.scalars(
        select(messages.c.payload)
        .join(jobs, jobs.c.conversation_id == messages.c.conversation_id)
        .where(jobs.c.id == job_id, messages.c.message_id.in_(ids))
        .order_by(messages.c.position)
    )
    return [Message.model_validate(row) for row in rows]


def _last_job(connection: Connection, subscription_id: str, place: str) -> str | None:
    """The job of the last digest that was posted and had something of a place."""
    return connection.scalar(
        select(digest_parts.c.job_id)
        .join(digests, digests.c.id == digest_parts.c.digest_id)
        .where(
            digests.c.subscription_id == subscription_id,
            digests.c.preview_for.is_(None),
            digests.c.state == DigestState.POSTED,
            digest_parts.c.place == place,
        )
        .order_by(digests.c.due_at.desc())
        .limit(1)
    )


def parts_of(connection: Connection, digest_id: str) -> tuple[Part, ...]:
    query = select(digest_parts).where(digest_parts.c.digest_id == digest_id)
    return tuple(
        Part(
            source=row.source,
            place=row.place,
            job_id=row.job_id,
            messages=row.messages,
            mark=Mark(at=row.mark_at, message=row.mark_message) if row.mark_at else None,
            partial=row.partial,
        )
        for row in connection.execute(query.order_by(digest_parts.c.position)).all()
    )


def carries(connection: Connection, platform: str, message_id: str) -> bool:
    """Whether a digest's conversation holds a message."""
    return bool(connection.scalar(select(_copies(platform, message_id).exists())))


def rewrite(connection: Connection, platform: str, message: Message) -> None:
    """Put a message as it is now in the place of digests' copies."""
    theirs = list(connection.scalars(_copies(platform, message.id)))
    connection.execute(
        update(messages)
        .where(messages.c.message_id == message.id, messages.c.conversation_id.in_(theirs))
        .values(payload=message.model_dump(mode="json", exclude_defaults=True))
    )


def _copies(platform: str, message_id: str) -> Select[tuple[str]]:
    return (
        select(messages.c.conversation_id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .join(jobs, jobs.c.conversation_id == conversations.c.id)
        .join(digest_parts, digest_parts.c.job_id == jobs.c.id)
        .where(messages.c.message_id == message_id, conversations.c.source == platform)
    )
