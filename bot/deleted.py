"""Remembers for a while which messages were deleted.

What is read of a conversation is stored a while later, and what was deleted in between would be
stored for good. Knows no platform.
"""

import time
from collections import deque
from collections.abc import Callable, Collection

REMEMBERED = 15 * 60.0
"""Seconds; longer than a conversation is read."""


class Deleted:
    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._batches: deque[tuple[float, frozenset[str]]] = deque()

    def note(self, ids: Collection[str]) -> None:
        """Messages were deleted just now."""
        now = self._now()
        self._batches.append((now, frozenset(ids)))
        while self._batches[0][0] < now - REMEMBERED:
            self._batches.popleft()

    def among(self, ids: Collection[str]) -> set[str]:
        """Which of these were deleted of late."""
        if not self._batches:
            return set()
        wanted = set(ids)
        return {each for _, gone in self._batches for each in gone if each in wanted}
