"""What a test stages: limits and faults of methods, time, connections lost, events again, requests
forged.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.peers.loop import on_loop
from tests.peers.slack.delivery import Envelope, Event
from tests.peers.slack.host import Host
from tests.peers.slack.limits import Fault, Forced, Hang
from tests.peers.slack.outgoing import Outgoing, Posted

HISTORY = ("conversations.history", "conversations.replies")


class Staging(Host):
    """The part of a server that makes things go wrong. Methods may be patterns, as "chat.*"; posts
    to a response_url are those to "response_url".
    """

    # Faults

    @on_loop
    def rate_limit(self, method: str, seconds: float = 1.0, times: int = 1) -> None:
        """Answer the next requests to a method with 429 (Retry-After is in whole seconds)."""
        self.calls.limits.forced.append(Forced(method, times, seconds))

    @on_loop
    def set_limit(self, method: str, count: int, per: float) -> None:
        """Allow each workspace `count` requests to a method each `per` seconds."""
        self.calls.limits.windows[method] = (count, per)

    @on_loop
    def restrict_history(self, per_minute: int = 1, page: int = 15, seconds: float = 60.0) -> None:
        """The rule for apps outside the Marketplace: 15 messages a page, a page a minute, for
        history and replies apart (docs.slack.dev/changelog/2025/05/29/
        rate-limit-changes-for-non-marketplace-apps). `seconds` shortens the minute; Retry-After
        still is a second at least.
        """
        self.calls.limits.page = page
        for method in HISTORY:
            self.calls.limits.windows[method] = (per_minute, seconds)

    @on_loop
    def lift_restrictions(self) -> None:
        """End all limits and faults that are still to come."""
        limits = self.calls.limits
        limits.page = None
        for stage in (limits.windows, limits.forced, limits.faults):
            stage.clear()

    @on_loop
    def fail(
        self,
        method: str,
        status: int | None = 500,
        times: int = 1,
        *,
        error: str | None = None,
        after_effect: bool = False,
    ) -> None:
        """Answer the next requests to a method with a status, or with an error of the API; status
        None drops the connection. With `after_effect` the request is carried out first.
        """
        self.calls.limits.faults.append(Fault(method, times, status, error, after_effect))

    @on_loop
    def hang(self, method: str, *, after_effect: bool = False) -> Hang:
        """Leave requests to a method unanswered until `.release()`; `.waiting` counts them."""
        loop = self.world.loop or asyncio.get_running_loop()
        hang = Hang(method, after_effect, asyncio.Event(), loop)
        self.calls.limits.hangs.append(hang)
        return hang

    # Time

    @on_loop
    def advance(self, seconds: float) -> None:
        """Move the server's clock on: response_urls and triggers age, new messages are later."""
        self.world.clock.advance(seconds)

    @on_loop
    def set_ack_seconds(self, seconds: float) -> None:
        """Change the 3 seconds within which everything is to be acknowledged."""
        self.world.ack_seconds = seconds

    # Connections

    @property
    def connected(self) -> int:
        """How many connections the app has."""
        return len(self.world.run(lambda: [s for s in self.sockets.live if not s.leaving]))

    @property
    def connections_opened(self) -> int:
        """How many there were so far."""
        return self.sockets.opened

    @on_loop
    def drop_connections(self) -> int:
        """Lose all sockets without a close frame; gives how many. What was not acknowledged is
        lost, events come again.
        """
        return self.sockets.cut()

    @contextmanager
    def connections_down(self) -> Iterator[None]:
        """Lose the sockets, and let none connect until the end of the block."""
        self.world.run(lambda: setattr(self.sockets, "down", True))
        self.drop_connections()
        try:
            yield
        finally:
            self.world.run(lambda: setattr(self.sockets, "down", False))

    @on_loop
    def expire_addresses(self) -> None:
        """End what apps.connections.open gave and nobody has used yet, as Slack does in a while."""
        self.sockets.tickets.clear()

    @on_loop
    def ask_to_reconnect(self, reason: str = "refresh_requested") -> None:
        """Send `disconnect`: "refresh_requested" as at Slack every few hours, or "warning"."""
        self.sockets.ask_to_leave(reason)

    @on_loop
    def disable_link(self) -> None:
        """Turn Socket Mode off in the app's settings: `disconnect` with "link_disabled"."""
        self.world.app.socket_mode = False
        self.sockets.ask_to_leave("link_disabled")

    @on_loop
    def enable_link(self) -> None:
        self.world.app.socket_mode = True

    # HTTP mode

    def use_http(self, url: str, *, verify: bool = True) -> None:
        """Send everything as signed requests to this Request URL instead of over sockets; the app
        must give the url_verification challenge back.
        """
        outgoing = Outgoing(self.world, self.delivery, url)
        if verify and not self._await(outgoing.verify()):
            raise AssertionError(f"{url} did not give the challenge back: {outgoing.posted[-1]}")
        self.delivery.way = outgoing

    @property
    def posted(self) -> list[Posted]:
        """The signed requests so far, in order."""
        return list(self._outgoing.posted)

    def replay(
        self,
        posted: Posted | None = None,
        *,
        body: bytes | None = None,
        age: float = 0.0,
        secret: str | None = None,
        as_is: bool = False,
        **headers: str,
    ) -> Posted:
        """Send a request (the last) once more and wait for the answer: signed anew, `age` seconds
        ago, with another `secret` or another `body`; or `as_is`, with its old signature and time.
        Further headers replace its own, `_` for `-`; an empty one is left out.
        """
        first = posted or self._outgoing.posted[-1]
        kind = first.headers["Content-Type"]
        content = first.body if body is None else body
        again = self._outgoing.sign(content, kind, age=age, secret=secret)
        again.url = first.url
        if as_is:
            again.headers = dict(first.headers)
        for name, value in headers.items():
            again.headers[name.replace("_", "-")] = value
        again.headers = {name: value for name, value in again.headers.items() if value}
        self._await(self._outgoing.post(again))
        return again

    def post_event(self, body: dict[str, Any], **options: Any) -> Posted:
        """Send any JSON to the app's Request URL, signed as `replay` says."""
        kind = {"Content-Type": "application/json"}
        content = json.dumps(body).encode()
        return self.replay(Posted(self._outgoing.url, kind, content), **options)

    @property
    def _outgoing(self) -> Outgoing:
        way = self.delivery.way
        if not isinstance(way, Outgoing):
            raise TypeError("call use_http() first")
        return way

    def _await(self, work: Any) -> Any:
        assert self.world.loop is not None
        return asyncio.run_coroutine_threadsafe(work, self.world.loop).result(60)

    # Events

    @property
    def events(self) -> list[Event]:
        """The events that the app was to hear of, in order, with their attempts."""
        return list(self.delivery.events)

    def events_of(self, kind: str) -> list[Event]:
        """Those of a type, or of a message's subtype, as "app_mention" or "message_deleted"."""
        return [event for event in self.events if kind in {event.type, event.subtype}]

    @on_loop
    def resend(self, event: Event, reason: str = "timeout") -> Envelope:
        """Send an event once more, as Slack does when it missed the acknowledgement."""
        return self.delivery.attempt(event, retry=len(event.attempts), reason=reason)

    @on_loop
    def retry_events_after(self, *seconds: float) -> None:
        """The waits before further attempts at an event; Slack's are 0, 60 and 300 seconds."""
        self.delivery.retries = seconds

    @contextmanager
    def events_held(self, *, backwards: bool = False) -> Iterator[None]:
        """Keep events back until the end of the block; `backwards`: then in the wrong order."""
        self.world.run(self.delivery.hold)
        try:
            yield
        finally:
            self.world.run(lambda: self.delivery.release(backwards=backwards))
