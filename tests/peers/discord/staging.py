"""What a test stages: limits and faults of routes, time and tokens, the gateway's mishaps."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.peers.discord.gateway import INVALID_SESSION, RECONNECT
from tests.peers.discord.host import Host
from tests.peers.discord.limits import Fault, Forced, Hang, Window
from tests.peers.loop import on_loop

HISTORY = "GET /channels/{}/messages"


class Staging(Host):
    """The part of a server that makes things go wrong."""

    # Faults

    @on_loop
    def rate_limit(
        self,
        route: str = HISTORY,
        *,
        times: int = 1,
        retry_after: float = 0.1,
        scope: str = "user",
    ) -> None:
        """Answer the next requests to a route with 429. Scope: "user", "shared" or "global"."""
        self.api_calls.limits.forced.append(Forced(route, times, retry_after, scope))

    @on_loop
    def set_limit(self, route: str, count: int, per: float) -> None:
        """Allow `count` requests to a route each `per` seconds.

        Counted apart for each channel, guild or webhook, as Discord does. A message history's is
        about `set_limit(HISTORY, 5, 5)` there.
        """
        self.api_calls.limits.by_route[route] = (count, per)

    @on_loop
    def set_global_limit(self, count: int = 50, per: float = 1.0) -> None:
        """Limit all requests together, as Discord does at 50 a second; interactions are exempt."""
        self.api_calls.limits.overall = Window(count, per)

    @on_loop
    def fail(
        self, route: str, status: int | None = 500, times: int = 1, *, after_effect: bool = False
    ) -> None:
        """Answer the next requests to a route with a status; None drops the connection.

        With `after_effect` the request is carried out first, and only its answer lost.
        """
        self.api_calls.limits.faults.append(Fault(route, status, times, after_effect))

    @on_loop
    def hang(self, route: str, *, after_effect: bool = False) -> Hang:
        """Leave requests to a route unanswered until `.release()`; `.waiting` counts them."""
        loop = self.world.loop or asyncio.get_running_loop()
        hang = Hang(route, after_effect, asyncio.Event(), loop)
        self.api_calls.limits.hangs.append(hang)
        return hang

    # Time and tokens

    @on_loop
    def advance(self, seconds: float) -> None:
        """Move the server's clock on: interactions' tokens age, new messages are later.

        Rate limits stay in real time.
        """
        self.world.clock.advance(seconds)

    @on_loop
    def expire_tokens(self) -> None:
        """End the tokens of all interactions so far (401, code 50027)."""
        for interaction in self.world.interactions.values():
            interaction.expired_by_test = True

    @on_loop
    def set_ack_seconds(self, seconds: float) -> None:
        """Change the 3 seconds within which an interaction is to be acknowledged."""
        self.world.ack_seconds = seconds

    # The gateway

    @property
    def connected(self) -> int:
        """How many shards are connected with a session."""
        return len(self.world.run(self.gateway.live))

    @property
    def identifies(self) -> list[dict[str, Any]]:
        """The payloads of all Identify, in order."""
        return list(self.gateway.identifies)

    @property
    def resumes(self) -> list[dict[str, Any]]:
        """The payloads of all Resume, in order."""
        return list(self.gateway.resumes)

    @on_loop
    def events_to(self, shard: int) -> list[str]:
        """The names of the events dispatched to a shard's sessions, the oldest first."""
        sessions = [s for s in self.gateway.sessions.values() if s.shard[0] == shard]
        return [json.loads(text)["t"] for session in sessions for _, text in session.sent]

    @property
    def heartbeats(self) -> int:
        """How many heartbeats came."""
        return self.gateway.heartbeats

    @on_loop
    def drop_gateway(self, *, resumable: bool = True, shard: int | None = None) -> int:
        """Lose the sockets (of one shard, or all) without a close frame; gives how many.

        `resumable` False forgets the sessions too: a resume is then answered with Invalid Session.
        """
        lost = self.gateway.live(shard)
        for socket in lost:
            session = socket.session
            assert session is not None
            session.socket = None
            if not resumable:
                self.gateway.sessions.pop(session.id, None)
            socket.cut()
        return len(lost)

    @contextmanager
    def gateway_down(self, *, resumable: bool = True) -> Iterator[None]:
        """Lose the sockets, and let none connect until the end of the block."""
        self.world.run(self.gateway.open.clear)
        self.drop_gateway(resumable=resumable)
        try:
            yield
        finally:
            self.world.run(self.gateway.open.set)

    @contextmanager
    def guilds_unavailable(self) -> Iterator[None]:
        """Make the bot begin anew, and tell it of no guild until the end of the block."""
        self._hold_guilds(hold=True)
        self.drop_gateway(resumable=False)
        try:
            yield
        finally:
            self._hold_guilds(hold=False)

    @on_loop
    def _hold_guilds(self, *, hold: bool) -> None:
        self.gateway.holds_guilds = hold
        if not hold:
            for session in self.gateway.sessions.values():
                self.gateway.send_guilds(session)

    @on_loop
    def ask_to_reconnect(self, shard: int | None = None) -> None:
        """Send Reconnect (opcode 7)."""
        for socket in self.gateway.live(shard):
            socket.send(RECONNECT, None)

    @on_loop
    def invalidate_session(self, *, resumable: bool = False, shard: int | None = None) -> None:
        """Send Invalid Session (opcode 9)."""
        for socket in self.gateway.live(shard):
            if not resumable and socket.session is not None:
                self.gateway.sessions.pop(socket.session.id, None)
            socket.send(INVALID_SESSION, resumable)

    @on_loop
    def stop_heartbeat_acks(self) -> None:
        """Receive heartbeats and say nothing, as a zombied connection does."""
        self.gateway.acknowledges = False

    @on_loop
    def resume_heartbeat_acks(self) -> None:
        self.gateway.acknowledges = True
