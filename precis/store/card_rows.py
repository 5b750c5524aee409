"""Cards in the database: which are to be shown anew, and who is at it.

As with asks, each step is one conditional UPDATE that needs the claim. Knows nothing of platforms.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, exists, or_, select, update

from precis.moderation import Card
from precis.store.cases import as_case
from precis.store.tables import cards, cases


@dataclass(frozen=True, slots=True)
class HeldCard:
    """A card, and the right to show it until the lease ends."""

    card: Card
    token: str

    @property
    def id(self) -> str:
        return self.card.id


def get(connection: Connection, card_id: str) -> Card | None:
    row = connection.execute(select(cards).where(cards.c.id == card_id)).one_or_none()
    if row is None:
        return None
    on_it = connection.execute(
        select(cases).where(cases.c.card_id == card_id).order_by(cases.c.position)
    )
    return Card(
        id=row.id,
        platform=row.platform,
        server=row.server,
        cases=tuple(as_case(each) for each in on_it),
        version=row.version,
        shown=row.shown,
        channel=row.channel,
        message=row.message,
    )


def due(connection: Connection, platform: str, now: datetime, limit: int) -> list[str]:
    """Those that are shown as they were, or not at all, and nobody is at, oldest first.

    A card whose cases all ended before it was ever shown has nothing to tell.
    """
    waiting = exists().where(cases.c.card_id == cards.c.id, cases.c.verdict.is_(None))
    query = (
        select(cards.c.id)
        .where(
            cards.c.platform == platform,
            cards.c.version > cards.c.shown,
            or_(cards.c.message.is_not(None), waiting),
            or_(cards.c.claim.is_(None), cards.c.lease_until < now),
        )
        .order_by(cards.c.created_at)
        .limit(limit)
    )
    return list(connection.scalars(query))


def hold(connection: Connection, card_id: str, now: datetime, lease: timedelta) -> HeldCard | None:
    """Take a card to show it; None if it is another's, or is shown as it is."""
    token = uuid.uuid4().hex
    taken = connection.execute(
        update(cards)
        .where(
            cards.c.id == card_id,
            cards.c.version > cards.c.shown,
            or_(cards.c.claim.is_(None), cards.c.lease_until < now),
        )
        .values(claim=token, lease_until=now + lease)
    )
    card = get(connection, card_id) if taken.rowcount == 1 else None
    return HeldCard(card, token) if card else None


def change(connection: Connection, held: HeldCard, **values: Any) -> bool:
    """Write to a card that is held; False if the claim was lost."""
    changed = connection.execute(
        update(cards).where(cards.c.id == held.id, cards.c.claim == held.token).values(**values)
    )
    return changed.rowcount == 1


def repost(connection: Connection, platform: str, server: str) -> Sequence[tuple[str, str]]:
    """Open cards are to be shown anew, elsewhere; where they were: (channel, message)."""
    waiting = exists().where(cases.c.card_id == cards.c.id, cases.c.verdict.is_(None))
    there = (cards.c.platform == platform, cards.c.server == server, waiting)
    shown = connection.execute(
        select(cards.c.channel, cards.c.message).where(*there, cards.c.message.is_not(None))
    ).all()
    connection.execute(
        update(cards)
        .where(*there)
        .values(
            channel=None,
            message=None,
            shown=0,
            version=cards.c.version + 1,
            claim=None,
            lease_until=None,  # whoever is showing one loses it, and takes it away
        )
    )
    return [(row.channel, row.message) for row in shown]
