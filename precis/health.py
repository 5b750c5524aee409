"""How a bot or a worker is: checked every few seconds, and noted in a file for `precis health`.

The checks are handed in; this module knows nothing of what they look at.
"""

import logging
import os
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

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


class HealthReporter:
    """Runs the checks in a thread of its own until the `with` block ends; None: does nothing."""

    def __init__(self, path: Path | None, service: str, checks: Mapping[str, Check]) -> None:
        self._path = path
        self._service = service
        self._checks = checks
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._report, name="health", daemon=True)

    def __enter__(self) -> Self:
        if self._path is not None:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()  # without a wait: a check may hang

    def _report(self) -> None:
        while not self._ended.is_set():
            problems = [
                f"{name}: {problem}" for name in self._checks if (problem := self._run(name))
            ]
            if not self._ended.is_set():
                self._write(problems)
            self._ended.wait(CHECK_EVERY)

    def _run(self, name: str) -> str:
        try:
            self._checks[name]()
        except PrecisError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - a bug in a check must not end the others
            return where(error)
        return ""

    def _write(self, problems: list[str]) -> None:
        assert self._path is not None  # noqa: S101 - for the type checker
        note = HealthNote(service=self._service, at=datetime.now(UTC), problems=tuple(problems))
        halfway = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            halfway.write_text(note.model_dump_json(), encoding="utf-8")
            halfway.replace(self._path)
        except OSError as error:
            logger.warning(
                "can't write the health file (%s); set PRECIS_HEALTH_FILE", error.strerror
            )


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
