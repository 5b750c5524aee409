"""What became of digests that were due at one moment, read from the store, for `bench.digests`.

Read from the tables, so that looking costs next to nothing.
"""

from dataclasses import dataclass
from datetime import datetime

import psycopg

MADE = """
    SELECT max(extract(epoch FROM created_at - due_at)), count(*),
           count(*) FILTER (WHERE state NOT IN ('due', 'working', 'posted'))
    FROM digests
"""
GATHERED = """
    SELECT extract(epoch FROM jobs.created_at - digests.due_at), jobs.id
    FROM digests JOIN digest_parts ON digest_id = digests.id JOIN jobs ON jobs.id = job_id
"""
WORKED = """
    SELECT DISTINCT ON (jobs.id) extract(epoch FROM jobs.ended_at - digests.due_at),
           extract(epoch FROM jobs.ended_at - jobs.started_at)
    FROM digests JOIN digest_parts ON digest_id = digests.id JOIN jobs ON jobs.id = job_id
    WHERE jobs.ended_at IS NOT NULL
"""
POSTED = """
    SELECT extract(epoch FROM ended_at - due_at) FROM digests WHERE state = 'posted'
"""


@dataclass(frozen=True, slots=True)
class Became:
    """Seconds are counted from the moment when the digests were due."""

    made: int
    made_by: float
    gathered: tuple[float, ...]
    """When each job was stored."""
    jobs: int
    """Different ones: what several digests have alike is worked on once."""
    worked: tuple[float, ...]
    """When each job ended."""
    work: tuple[float, ...]
    """How long each job took, as the worker has it."""
    posted: tuple[float, ...]
    others: int
    """Skipped or failed."""


class Store:
    """Looks into the store without taking part in anything."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)

    def close(self) -> None:
        self._connection.close()

    def posted(self) -> int:
        return len(self._connection.execute(POSTED).fetchall())

    def became(self) -> Became:
        execute = self._connection.execute
        made_by, made, others = execute(MADE).fetchone() or (0, 0, 0)
        gathered = execute(GATHERED).fetchall()
        worked = execute(WORKED).fetchall()
        return Became(
            made=made,
            made_by=float(made_by or 0.0),
            gathered=tuple(sorted(float(at) for at, _ in gathered)),
            jobs=len({job for _, job in gathered}),
            worked=tuple(sorted(float(at) for at, _ in worked)),
            work=tuple(float(took) for _, took in worked),
            posted=tuple(sorted(float(at) for (at,) in execute(POSTED).fetchall())),
            others=others,
        )


def next_minute(after: datetime) -> datetime:
    """The first full minute after a moment."""
    seconds = 60 - after.timestamp() % 60
    return datetime.fromtimestamp(round(after.timestamp() + seconds), after.tzinfo)
