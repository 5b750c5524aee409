"""What goes wrong in a loop that looks into the store now and then: told once, and no end of it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from precis.errors import StoreError
from precis.places import where


class Troubles:
    """Of one loop."""

    def __init__(self, logger: logging.Logger, what: str, waits: str) -> None:
        """`waits`: what to say of an outage; `what`: of a bug, which must not end the loop."""
        self._logger = logger
        self._what = what
        self._waits = waits
        self._last = ""

    @contextmanager
    def told(self) -> Iterator[None]:
        """Around each look: an outage is one line in the log, however many looks it lasts."""
        try:
            yield
            self._last = ""
        except StoreError as error:
            if str(error) != self._last:
                self._logger.warning("%s: %s", self._waits, error)
            self._last = str(error)
        except Exception as error:  # noqa: BLE001 - a bug in one look must not end all of them
            self._logger.error("%s: %s", self._what, where(error))  # noqa: TRY400 - may quote
