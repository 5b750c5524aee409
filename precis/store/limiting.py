"""How often people and servers have asked of late.

Kept apart from what they asked, so that who has that deleted is still counted: a time and a digest
of who it was, for as long as the limits look back.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from precis.ask import AskRequest, Limits
from precis.store.tables import taken

TIDIED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class TooMany:
    """An ask that was not taken."""

    whose: str
    """`person` or `server`."""
    wait: timedelta


def too_many(
    connection: Connection, request: AskRequest, limits: Limits, now: datetime
) -> TooMany | None:
    """Whether there were too many of late, of who asks or of their server."""
    length = timedelta(seconds=limits.seconds)
    _tidy(connection, request.platform, now - length)
    for whose, most in (("person", limits.person), ("server", limits.server)):
        if (owner := _owner(request, whose)) is None:
            continue
        times = connection.scalars(
            select(taken.c.at)
            .where(
                taken.c.platform == request.platform,
                taken.c.owner == owner,
                taken.c.at > now - length,
            )
            .order_by(taken.c.at.desc())
            .limit(most)
        ).all()
        if len(times) >= most:
            return TooMany(whose, times[-1] + length - now)
    return None


def count(connection: Connection, request: AskRequest, now: datetime) -> None:
    """Note that an ask was taken."""
    owners = [_owner(request, whose) for whose in ("person", "server")]
    rows = [{"platform": request.platform, "owner": each, "at": now} for each in owners if each]
    connection.execute(insert(taken), rows)


def _tidy(connection: Connection, platform: str, before: datetime) -> None:
    old = (
        select(taken.c.id)
        .where(taken.c.platform == platform, taken.c.at <= before)
        .limit(TIDIED_AT_ONCE)
        .with_for_update(skip_locked=True)  # else two who tidy could lock each other out
    )
    connection.execute(delete(taken).where(taken.c.id.in_(old)))


def _owner(request: AskRequest, whose: str) -> str | None:
    owner = getattr(request, whose)
    return owner and hashlib.sha256(f"{whose} {owner}".encode()).hexdigest()
