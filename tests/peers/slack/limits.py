"""Rate limits (docs.slack.dev/apis/web-api/rate-limits), and the faults that a test stages.

Knows methods' names and clocks; nothing of what a request is for. Time here is the machine's own,
`server.advance` leaves it be.
"""

from __future__ import annotations

import asyncio
import fnmatch
import math
import time
from dataclasses import dataclass, field


@dataclass
class Forced:
    """A 429 that a test asked for."""

    method: str
    times: int
    seconds: float


@dataclass
class Fault:
    """A failure that a test asked for. Status None drops the connection without an answer; an
    error is answered as the API's own.
    """

    method: str
    times: int
    status: int | None = 500
    error: str | None = None
    after_effect: bool = False


@dataclass(eq=False)
class Hang:
    """Requests wait until `release`; `waiting` counts those that do."""

    method: str
    after_effect: bool
    gate: asyncio.Event
    loop: asyncio.AbstractEventLoop
    waiting: int = 0

    def release(self) -> None:
        self.loop.call_soon_threadsafe(self.gate.set)

    @property
    def released(self) -> bool:
        return self.gate.is_set()


@dataclass
class Window:
    """`count` requests each `per` seconds, from the first on."""

    count: int
    per: float
    used: int = 0
    opened: float = 0.0

    def take(self) -> float | None:
        """Use one up; the seconds to wait where none is left."""
        now = time.monotonic()
        if now >= self.opened + self.per:
            self.opened, self.used = now, 0
        if self.used >= self.count:
            return self.opened + self.per - now
        self.used += 1
        return None


@dataclass
class Limits:
    """The state of all of that for one server."""

    # Methods (patterns) and how many requests each so many seconds; for each workspace apart.
    windows: dict[str, tuple[int, float]] = field(default_factory=dict)
    open: dict[tuple[str, str], Window] = field(default_factory=dict)
    forced: list[Forced] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    hangs: list[Hang] = field(default_factory=list)
    # The most messages of a page of history; None: what the method documents.
    page: int | None = None
    _until: dict[tuple[str, str], float] = field(default_factory=dict)

    def retry_after(self, method: str, team: str) -> int | None:
        """Count a request; the whole seconds to wait where it is one too many."""
        wait = self._forced(method)
        if wait is None:
            for pattern, (count, per) in self.windows.items():
                if fnmatch.fnmatchcase(method, pattern):
                    window = self.open.setdefault((method, team), Window(count, per))
                    window.count, window.per = count, per
                    wait = window.take()
        if wait is None:
            return None
        self._until[method, team] = time.monotonic() + wait
        return max(1, math.ceil(wait))

    def early(self, method: str, team: str) -> bool:
        """Whether a request comes before the method's last Retry-After is over."""
        return time.monotonic() < self._until.get((method, team), 0.0)

    def _forced(self, method: str) -> float | None:
        for forced in self.forced:
            if forced.times > 0 and fnmatch.fnmatchcase(method, forced.method):
                forced.times -= 1
                return forced.seconds
        return None

    def fault(self, method: str, *, after_effect: bool) -> Fault | None:
        for fault in self.faults:
            due = fault.times > 0 and fault.after_effect == after_effect
            if due and fnmatch.fnmatchcase(method, fault.method):
                fault.times -= 1
                return fault
        return None

    async def hold(self, method: str, *, after_effect: bool) -> None:
        """Wait while a test holds the method."""
        for hang in list(self.hangs):
            due = hang.after_effect == after_effect
            if due and fnmatch.fnmatchcase(method, hang.method):
                hang.waiting += 1
                await hang.gate.wait()
                hang.waiting -= 1
