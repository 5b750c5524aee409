"""How a bot or a worker is: checked every few seconds, and noted in a file for `precis health`.

The checks are handed in; this module knows nothing of what they look at.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, ValidationError

from precis.errors import PrecisError
from precis.frozen import Frozen
from precis.places import where

logger = logging.getLogger(__name__)

CHECK_EVERY = 10.0  # seconds
STALE_AFTER = timedelta(seconds=60)
"""Several checks may be slow in a row before a process counts as hung."""

Check = Callable[[], object]
"""Returns when all is well; raises PrecisError, in one line, when it isn't."""


class HealthError(PrecisError):
    """A process isn't well, or there is no sign of it."""


class HealthNote(Frozen):
    """What the file holds."""

    service: str
    at: AwareDatetime
    problems: tuple[str, ...] = ()


@contextmanager
def reporting_health(
    path: Path | None, service: str, checks: Mapping[str, Check]
) -> Iterator[None]:
    """Run the checks in a thread of its own while the block lasts; without a `path`, do nothing."""
    if path is None:
        yield
        return
    ended = threading.Event()

    def report() -> None:
        while not ended.is_set():
            problems = [f"{name}: {why}" for name, check in checks.items() if (why := _run(check))]
            if not ended.is_set():
                _write(path, service, problems)
            ended.wait(CHECK_EVERY)

    threading.Thread(target=report, name="health", daemon=True).start()
    try:
        yield
    finally:
        ended.set()  # without a wait: a check may hang


def _run(check: Check) -> str:
    """What is wrong, in one line; empty where all is well."""
    try:
        check()
    except PrecisError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - a bug in a check must not end the others
        return where(error)
    return ""


def _write(path: Path, service: str, problems: list[str]) -> None:
    note = HealthNote(service=service, at=datetime.now(UTC), problems=tuple(problems))
    halfway = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        halfway.write_text(note.model_dump_json(), encoding="utf-8")
        halfway.replace(path)
    except OSError as error:
        logger.warning("can't write the health file (%s); set PRECIS_HEALTH_FILE", error.strerror)


def read_health(path: Path, now: datetime) -> str:
    """One line about a process that is well. Raises HealthError, in one line, for any other."""
    try:
        note = HealthNote.model_validate_json(path.read_bytes())
    except OSError:
        raise HealthError(
            f"no health file {path} yet; start a bot or worker with PRECIS_HEALTH_FILE={path}"
        ) from None
    except ValidationError:
        raise HealthError(f"{path} is not a health file; set PRECIS_HEALTH_FILE right") from None
    age = now - note.at
    if age > STALE_AFTER:
        raise HealthError(
            f"{note.service} has given no sign of life for {age.total_seconds():.0f} s; restart it"
        )
    if note.problems:
        raise HealthError(f"{note.service} is not well: {'; '.join(note.problems)}")
    return f"{note.service} is well (checked {age.total_seconds():.0f} s ago)"
