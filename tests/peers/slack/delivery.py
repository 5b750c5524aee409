"""What goes to the app: envelopes over a socket or signed requests, acknowledged within 3 seconds,
events again where they were not (docs.slack.dev/apis/events-api, «Error handling»).

Knows when an acknowledgement is due and what it may say; how an envelope travels is in `sockets.py`
and `outgoing.py`.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from tests.peers.slack.answers import answered

if TYPE_CHECKING:
    from tests.peers.slack.uses import Use
    from tests.peers.slack.world import World

COMMANDS, INTERACTIVE, EVENTS = "slash_commands", "interactive", "events_api"


@dataclass(eq=False)
class Event:
    """An event that the app was to hear of, with all attempts to tell it."""

    body: dict[str, Any]
    attempts: list[Envelope] = field(default_factory=list)

    @property
    def type(self) -> str:
        return str(self.body["event"]["type"])

    @property
    def subtype(self) -> str | None:
        found: str | None = self.body["event"].get("subtype")
        return found

    @property
    def team(self) -> str:
        return str(self.body["team_id"])

    @property
    def acknowledged(self) -> bool:
        return any(attempt.acknowledged for attempt in self.attempts)

    def __repr__(self) -> str:
        return f"<Event {self.type} {self.subtype or ''} to {self.team}>"


@dataclass(eq=False)
class Envelope:
    """One attempt to tell the app something. `lost`: there was nobody to take it, or the connection
    ended before it was acknowledged.
    """

    kind: str
    payload: dict[str, Any]
    use: Use | None = None
    event: Event | None = None
    retry: int = 0
    reason: str | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    sent: float = field(default_factory=time.monotonic)
    sent_patiently: float = 0.0
    acknowledged: bool = False
    late: bool = False
    lost: bool = False

    @property
    def where(self) -> str:
        if self.event is not None:
            return f"{self.event.type} {self.event.subtype or ''}".strip()
        return str(self.payload.get("command") or self.payload.get("type"))

    @property
    def open(self) -> bool:
        """Whether it may still be acknowledged in time."""
        return not (self.acknowledged or self.late or self.lost)


class Way(Protocol):
    """How envelopes travel. `too_late` is Slack's word for an event that comes again because it was
    not acknowledged in time.
    """

    too_late: str

    def send(self, envelope: Envelope) -> bool:
        """Send it on; False where there is nobody to take it."""
        ...


class Delivery:
    """Sends what the app is to hear, and waits for its acknowledgement."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.way: Way | None = None
        self.events: list[Event] = []
        self.envelopes: list[Envelope] = []
        # Seconds to wait before each further attempt at an event.
        self.retries: tuple[float, ...] = (0.0, 60.0, 300.0)
        self.held: list[Event] | None = None

    def emit(self, body: dict[str, Any]) -> Event:
        """Tell the app of an event; held back where a test holds events."""
        event = Event(body)
        self.events.append(event)
        if self.held is None:
            self.attempt(event)
        else:
            self.held.append(event)
        return event

    def attempt(self, event: Event, retry: int = 0, reason: str | None = None) -> Envelope:
        envelope = Envelope(EVENTS, event.body, event=event, retry=retry, reason=reason)
        event.attempts.append(envelope)
        self.send(envelope)
        return envelope

    def use(self, use: Use, kind: str, payload: dict[str, Any]) -> Use:
        """Tell the app of what a person did; nobody tells it again."""
        use.body = payload
        self.send(Envelope(kind, payload, use=use))
        return use

    def send(self, envelope: Envelope) -> None:
        self.envelopes.append(envelope)
        envelope.sent, envelope.sent_patiently = time.monotonic(), self.world.clock.patient()
        taken = self.way is not None and self.way.send(envelope)
        if envelope.use is not None:
            envelope.use.delivered, envelope.use.sent = taken, envelope.sent_patiently
        if not taken:
            self.lose(envelope, "no_active_connection")
            return
        self.world.clock.call_later(self.world.ack_seconds, self._due, envelope)

    # What becomes of it

    def acknowledge(self, envelope: Envelope, payload: Any) -> None:
        """The app answered. Too late, it changes nothing any more."""
        if envelope.acknowledged:
            self.world.violate("acknowledged twice", envelope.where)
            return
        envelope.acknowledged = True
        if envelope.use is not None:
            waited = self.world.clock.patient() - envelope.sent_patiently
            envelope.use.acknowledged_after = waited
            envelope.use.latency = time.monotonic() - envelope.sent
        if envelope.late:
            return
        if envelope.use is not None:
            answered(envelope.use, payload)
        elif payload not in (None, "", {}):
            self.world.violate("wrong acknowledgement", envelope.where, payload)

    def lose(self, envelope: Envelope, reason: str) -> None:
        """Nobody took it, or the connection ended: no fault of the app's, but events come again."""
        if envelope.open:
            envelope.lost = True
            self._again(envelope, reason)

    def refuse(self, envelope: Envelope, status: int, *, again: bool) -> None:
        """The app answered a signed request with another status than 2xx."""
        if not envelope.open:
            return
        self.world.violate("refused", envelope.where, status)
        envelope.lost = True
        if again:
            self._again(envelope, "http_error")

    def _due(self, envelope: Envelope) -> None:
        if not envelope.open:
            return
        envelope.late = True
        self.world.violate("not acknowledged in time", envelope.where)
        self._again(envelope, self.way.too_late if self.way else "timeout")

    def _again(self, envelope: Envelope, reason: str) -> None:
        event = envelope.event
        if event is None or envelope.retry >= len(self.retries):
            return
        loop, wait = asyncio.get_running_loop(), self.retries[envelope.retry]
        loop.call_later(wait, self.attempt, event, envelope.retry + 1, reason)

    # Holding events back

    def hold(self) -> None:
        self.held = self.held or []

    def release(self, *, backwards: bool = False) -> None:
        held, self.held = self.held or [], None
        for event in reversed(held) if backwards else held:
            self.attempt(event)
