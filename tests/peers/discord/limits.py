"""Rate limits, and the faults that a test stages on routes (Topics > Rate Limits).

Knows routes and clocks; nothing of what a request is for. Time here is the machine's own,
`server.advance` leaves it be.
"""

from __future__ import annotations

import asyncio
import fnmatch
import hashlib
import re
import time
from dataclasses import dataclass, field
from typing import Any


def matches(pattern: str, method: str, template: str, path: str) -> bool:
    """Whether a request is one of "METHOD /path".

    The path is a template ("/channels/{}/messages", whatever stands in the braces), or an actual
    one, in which `*` stands for anything. The method may be `*`.
    """
    wanted_method, wanted = pattern.split(" ", 1)
    if wanted_method not in {"*", method}:
        return False
    if re.sub(r"\{[^}]*\}", "{}", wanted) == re.sub(r"\{[^}]*\}", "{}", template):
        return True
    return fnmatch.fnmatchcase(path, wanted)


@dataclass
class Window:
    """A bucket: `count` requests each `per` seconds, from the first on."""

    count: int
    per: float
    used: int = 0
    opened: float = 0.0

    def take(self, now: float) -> bool:
        """Use one up; False where none is left."""
        if now >= self.opened + self.per:
            self.opened, self.used = now, 0
        if self.used >= self.count:
            return False
        self.used += 1
        return True

    def left(self, now: float) -> float:
        return max(0.0, self.opened + self.per - now)


@dataclass
class Forced:
    """A 429 that a test asked for."""

    pattern: str
    times: int
    retry_after: float
    scope: str


@dataclass
class Fault:
    """A failure that a test asked for. Status None drops the connection without an answer."""

    pattern: str
    status: int | None
    times: int
    after_effect: bool


@dataclass(eq=False)
class Hang:
    """Requests wait until `release`; `waiting` counts those that do."""

    pattern: str
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
class Limits:
    """The state of all of that for one server."""

    default: tuple[int, float] = (1000, 1.0)
    # Rate Limits > Global Rate Limit: 50 a second; None leaves it out.
    overall: Window | None = None
    by_route: dict[str, tuple[int, float]] = field(default_factory=dict)
    windows: dict[str, Window] = field(default_factory=dict)
    forced: list[Forced] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    hangs: list[Hang] = field(default_factory=list)

    def check(self, method: str, template: str, path: str, *, interaction: bool) -> Verdict:
        """Count a request."""
        now = time.monotonic()
        window = self._window(method, template, path)
        name = hashlib.sha256(f"{method} {template}".encode()).hexdigest()[:32]
        forced = next(
            (f for f in self.forced if f.times > 0 and matches(f.pattern, method, template, path)),
            None,
        )
        if forced is not None:
            forced.times -= 1
            return Verdict(name, window, now, forced.retry_after, forced.scope)
        # Rate Limits: interaction endpoints are not bound to the global limit
        if self.overall and not interaction and not self.overall.take(now):
            return Verdict(name, window, now, self.overall.left(now), "global")
        if not window.take(now):
            return Verdict(name, window, now, window.left(now), "user")
        return Verdict(name, window, now)

    def _window(self, method: str, template: str, path: str) -> Window:
        count, per = self.default
        for pattern, (more, seconds) in self.by_route.items():
            if matches(pattern, method, template, path):
                count, per = more, seconds
        # Limits are counted apart for each channel, guild and webhook (with its token).
        parts = path.split("/")[1:]
        major = "/".join(parts[1:3] if parts[0] in {"webhooks", "interactions"} else parts[1:2])
        key = f"{method} {template} {major}"
        window = self.windows.get(key)
        if window is None or (window.count, window.per) != (count, per):
            window = self.windows[key] = Window(count, per)
        return window

    def fault(self, method: str, template: str, path: str, *, after_effect: bool) -> Fault | None:
        for fault in self.faults:
            due = fault.times > 0 and fault.after_effect == after_effect
            if due and matches(fault.pattern, method, template, path):
                fault.times -= 1
                return fault
        return None

    async def hold(self, method: str, template: str, path: str, *, after_effect: bool) -> None:
        """Wait while a test holds the route."""
        for hang in list(self.hangs):
            if hang.after_effect == after_effect and matches(hang.pattern, method, template, path):
                hang.waiting += 1
                await hang.gate.wait()
                hang.waiting -= 1


@dataclass
class Verdict:
    """What the limits say of a request. `retry_after` None lets it pass."""

    bucket: str
    window: Window
    now: float
    retry_after: float | None = None
    scope: str = ""

    def headers(self) -> dict[str, str]:
        """Rate Limits > Header Format."""
        left = self.window.left(self.now)
        headers = {
            "X-RateLimit-Limit": str(self.window.count),
            "X-RateLimit-Remaining": str(max(0, self.window.count - self.window.used)),
            "X-RateLimit-Reset": f"{time.time() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": self.bucket,
        }
        if self.retry_after is not None:
            if self.scope == "global":
                headers = {"X-RateLimit-Global": "true"}
            elif self.scope == "user":
                headers |= {"X-RateLimit-Remaining": "0"}
                headers |= {"X-RateLimit-Reset-After": f"{self.retry_after:.3f}"}
            headers |= {"X-RateLimit-Scope": self.scope}
            headers |= {"Retry-After": str(max(1, round(self.retry_after)))}
        return headers

    def body(self) -> dict[str, Any]:
        """Rate Limits > Rate Limit Response Structure."""
        shared = self.scope == "shared"
        message = "The resource is being rate limited." if shared else _LIMITED
        retry = round(self.retry_after or 0, 3)
        return {"message": message, "retry_after": retry, "global": self.scope == "global"}


_LIMITED = "You are being rate limited."
