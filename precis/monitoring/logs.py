"""How log lines look: as text for people, or as JSON lines for programs.

Each line says which request and job it is about, where that is bound (`precis.monitoring.context`).
An exception is shown by type and place alone, since its message may quote chat text.
"""

import json
import logging
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from precis.monitoring.context import current_ids
from precis.places import where
from precis.settings import Settings

TEXT = "%(levelname)s %(name)s: %(message)s"

_Exception = tuple[type[BaseException], BaseException, TracebackType | None]


def configure_logging(settings: Settings, *, times: bool = True) -> None:
    """Write log lines to stderr as the settings say; in text with or without `times`."""
    text = TextFormatter(f"%(asctime)s {TEXT}" if times else TEXT)
    handler = logging.StreamHandler()
    handler.addFilter(add_ids)
    handler.setFormatter(JsonFormatter() if settings.log_format == "json" else text)
    logging.basicConfig(level=settings.log_level, handlers=[handler])


def add_ids(record: logging.LogRecord) -> bool:
    """Note in a record which request and job it is about; for `Handler.addFilter`."""
    ids = current_ids()
    record.request, record.job = ids.request, ids.job
    return True


class TextFormatter(logging.Formatter):
    """One line, which ends with the ids that it doesn't mention itself."""

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        ids = [
            f"{name}={value}"
            for name in ("request", "job")
            if (value := getattr(record, name, None)) and value not in line
        ]
        return f"{line} [{' '.join(ids)}]" if ids else line

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        return _place(ei)


class JsonFormatter(logging.Formatter):
    """One JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in ("request", "job"):
            if value := getattr(record, name, None):
                line[name] = value
        if record.exc_info:
            line["exception"] = _place(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _place(error: _Exception | tuple[None, None, None]) -> str:
    return where(error[1]) if error[1] is not None else ""
