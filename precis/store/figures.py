"""What moderators are told in numbers: previews of thresholds, decisions by label, the day.

Rests on scores without texts. Knows nothing of who is told.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, select

from precis.ask import ServerSettings
from precis.moderation import Day, LabelDecisions, Preview, Verdict, over
from precis.store.tables import cases, gates, scored

MOST_SCORED = 200_000
"""Messages that a preview looks at; the latest."""
LOOKED_BACK = timedelta(days=30)
"""For the decisions that the daily line tells of."""


def preview(
    connection: Connection,
    platform: str,
    server: str,
    now: ServerSettings,
    then: ServerSettings,
    since: datetime,
) -> Preview:
    """What `then` would have flagged since, and what `now` does."""
    own = {row.name: row.thresholds for row in connection.execute(select(gates))}
    rows = connection.execute(
        select(scored.c.place, scored.c.parent, scored.c.gate, scored.c.scores)
        .where(scored.c.platform == platform, scored.c.server == server, scored.c.at >= since)
        .order_by(scored.c.at.desc())
        .limit(MOST_SCORED)
    )
    messages, flagged_now, flagged_then = 0, 0, 0
    by_label: Counter[str] = Counter()
    for row in rows:
        within = [row.place, row.parent] if row.parent else [row.place]
        base = own.get(row.gate, {})
        thought_of = {**base, **then.thresholds_in(within)}
        messages += 1
        flagged_now += over(row.scores, {**base, **now.thresholds_in(within)}) is not None
        flagged_then += over(row.scores, thought_of) is not None
        by_label.update(
            label for label, limit in thought_of.items() if row.scores.get(label, -1.0) >= limit
        )
    return Preview(messages=messages, now=flagged_now, then=flagged_then, by_label=dict(by_label))


def decisions(
    connection: Connection, platform: str, server: str, since: datetime
) -> tuple[LabelDecisions, ...]:
    """What was decided since, by each label that was over its threshold; labels in order."""
    rows = connection.execute(
        select(cases.c.verdict, cases.c.scores, cases.c.thresholds)
        .where(
            cases.c.platform == platform,
            cases.c.server == server,
            cases.c.decided_at >= since,
            cases.c.verdict.is_not(None),
        )
        .order_by(cases.c.decided_at)
    )
    toxic: dict[str, list[float]] = {}
    harmless: dict[str, list[float]] = {}
    latest: dict[str, float] = {}
    for row in rows:
        is_toxic = Verdict(row.verdict).toxic
        for label, limit in row.thresholds.items():
            score = row.scores.get(label, -1.0)
            if is_toxic is None or score < limit:
                continue
            (toxic if is_toxic else harmless).setdefault(label, []).append(score)
            latest[label] = limit
    return tuple(
        LabelDecisions(
            label=label,
            toxic=tuple(toxic.get(label, ())),
            harmless=tuple(harmless.get(label, ())),
            threshold=latest[label],
        )
        for label in sorted(latest)
    )


def day(
    connection: Connection, platform: str, server: str, since: datetime, until: datetime
) -> Day:
    """How many cases came and went in a time, how many wait, and how the gate does."""
    theirs = (cases.c.platform == platform, cases.c.server == server)
    counts = [
        int(connection.scalar(select(func.count()).select_from(cases).where(*theirs, *which)) or 0)
        for which in _whiches(since, until)
    ]
    return Day(
        opened=counts[0],
        closed=counts[1],
        waiting=counts[2],
        labels=decisions(connection, platform, server, until - LOOKED_BACK),
    )


def _whiches(since: datetime, until: datetime) -> Sequence[Sequence[ColumnElement[bool]]]:
    return (
        (cases.c.created_at >= since, cases.c.created_at < until),
        (cases.c.decided_at >= since, cases.c.decided_at < until),
        (cases.c.verdict.is_(None),),
    )
