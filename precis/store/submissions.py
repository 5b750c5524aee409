"""Jobs as they come in: each with its conversation, and found again by what is in it.

Knows nothing of who works on them.
"""

import hashlib
import uuid
from datetime import datetime

from sqlalchemy import Connection, insert, select

from precis.ask import Place
from precis.conversation import Conversation
from precis.job import JobRequest, JobState
from precis.store.tables import conversations, jobs, messages


def content_key(request: JobRequest, conversation: Conversation) -> str:
    """SHA-256 (hex) of all that an answer depends on but the models' weights."""
    asked = request.model_dump_json(exclude={"requested_by", "queue"})
    return hashlib.sha256(f"{asked}\n{conversation.digest}".encode()).hexdigest()


def find(connection: Connection, key: str) -> str | None:
    """The latest job with this content that is still of use."""
    return connection.scalar(
        select(jobs.c.id)
        .join(conversations, conversations.c.id == jobs.c.conversation_id)
        .where(
            jobs.c.content_key == key,
            jobs.c.state != JobState.FAILED,
            conversations.c.purged_at.is_(None),
        )
        .order_by(jobs.c.created_at.desc())
        .limit(1)
    )


def join_or_insert(
    connection: Connection,
    request: JobRequest,
    conversation: Conversation,
    key: str,
    now: datetime,
    publish_at: datetime,
    place: Place | None,
) -> tuple[str, bool]:
    """The id of the job with this `content_key`, and whether it is new.

    Whoever calls has locked the key, so that of several at once one makes the job.
    """
    if found := find(connection, key):
        return found, False
    return insert_job(connection, request, conversation, now, publish_at, key, place), True


def insert_job(
    connection: Connection,
    request: JobRequest,
    conversation: Conversation,
    now: datetime,
    publish_at: datetime,
    key: str | None = None,
    place: Place | None = None,
) -> str:
    """Store a job, queued, with its conversation; returns its id."""
    job_id = uuid.uuid4().hex
    connection.execute(
        insert(jobs).values(
            id=job_id,
            conversation_id=_insert_conversation(connection, conversation, now, place),
            request=request.model_dump(mode="json"),
            queue=request.queue,
            frontend=request.frontend,
            state=JobState.QUEUED,
            attempts=0,
            available_at=now,
            publish_at=publish_at,
            publishes=1,
            created_at=now,
            content_key=key,
        )
    )
    return job_id


def _insert_conversation(
    connection: Connection, conversation: Conversation, now: datetime, place: Place | None
) -> str:
    conversation_id = uuid.uuid4().hex
    connection.execute(
        insert(conversations).values(
            id=conversation_id,
            source=storable(conversation.source),
            channel=storable(conversation.channel),
            digest=conversation.digest,
            message_count=len(conversation.messages),
            first_time=conversation.first_time,
            last_time=conversation.last_time,
            created_at=now,
            **(place.model_dump() if place else {}),
        )
    )
    rows = [
        {
            "conversation_id": conversation_id,
            "position": position,
            "message_id": storable(message.id),
            "author_id": storable(message.author_id),
            "payload": message.model_dump(mode="json", exclude_defaults=True),
        }
        for position, message in enumerate(conversation.messages)
    ]
    if rows:
        connection.execute(insert(messages), rows)
    return conversation_id


def storable(text: str) -> str:
    """`text` without NUL, which PostgreSQL's text columns refuse (its JSON takes it escaped)."""
    return text.replace("\0", "")
