"""Socket Mode (docs.slack.dev/apis/events-api/using-socket-mode): connections of the app, each
envelope to one of them.

Knows the protocol: hello, envelopes and their acknowledgements, disconnect. When an acknowledgement
is due is the delivery's affair.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from tests.peers.slack.delivery import COMMANDS, EVENTS, INTERACTIVE, Delivery, Envelope

if TYPE_CHECKING:
    from tests.peers.slack.world import World

MOST = 10  # «Using multiple connections»
HOST = "applink-0"
# How long a connection may stay that was asked to go.
LEAVE_SECONDS = 10.0


class Socket:
    """A connection of the app."""

    def __init__(self, response: web.WebSocketResponse, request: web.Request) -> None:
        self.response = response
        self.request = request
        self.outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sent: dict[str, Envelope] = {}
        # Whether Slack has asked it to go: it gets nothing more.
        self.leaving = False

    def send(self, data: dict[str, Any]) -> None:
        self.outbox.put_nowait(data)

    async def write(self) -> None:
        while not self.response.closed:
            data = await self.outbox.get()
            with contextlib.suppress(ConnectionError):
                await self.response.send_str(json.dumps(data))
                if data.get("reason") == "link_disabled":
                    await self.response.close()

    def cut(self) -> None:
        """End it without a close frame."""
        if self.request.transport is not None:
            self.request.transport.abort()


class Sockets:
    """All connections."""

    too_late = "timeout"

    def __init__(self, world: World, delivery: Delivery) -> None:
        self.world = world
        self.delivery = delivery
        self.live: list[Socket] = []
        self.tickets: set[str] = set()
        self.opened = 0
        self.down = False
        self._turn = 0

    def new_url(self) -> str:
        """A place to connect to, once."""
        ticket = secrets.token_urlsafe(16)
        self.tickets.add(ticket)
        base = self.world.url.replace("http", "ws", 1)
        return f"{base}/link/?ticket={ticket}&app_id={self.world.app.id}"

    def send(self, envelope: Envelope) -> bool:
        """Send it to one of the connections, in turn."""
        ready = [socket for socket in self.live if not socket.leaving]
        if not ready:
            return False
        self._turn += 1
        socket = ready[self._turn % len(ready)]
        socket.sent[envelope.id] = envelope
        data = {
            "envelope_id": envelope.id,
            "type": envelope.kind,
            "payload": envelope.payload,
            "accepts_response_payload": _takes_payload(envelope),
        }
        if envelope.kind == EVENTS:
            data |= {"retry_attempt": envelope.retry, "retry_reason": envelope.reason or ""}
        socket.send(data)
        return True

    async def serve(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if self.down or ticket not in self.tickets or not self.world.app.socket_mode:
            return web.Response(status=503 if self.down else 403)
        self.tickets.remove(ticket)
        response = web.WebSocketResponse()
        await response.prepare(request)
        socket = Socket(response, request)
        if len(self.live) >= MOST:
            await response.send_str(json.dumps(_disconnect("too_many_websockets")))
            await response.close()
            return response
        self.live.append(socket)
        self.opened += 1
        socket.send(self._hello())
        writer = asyncio.create_task(socket.write())
        try:
            async for message in response:
                if message.type == WSMsgType.TEXT:
                    self._hear(socket, message.data)
        finally:
            writer.cancel()
            self._forget(socket)
        return response

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self.live),
            "debug_info": {"host": HOST, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self.world.app.id},
        }

    def _hear(self, socket: Socket, text: str) -> None:
        try:
            said = json.loads(text)
            envelope_id = said["envelope_id"]
        except (ValueError, TypeError, KeyError):
            self.world.violate("socket protocol", "socket", text[:200])
            return
        envelope = socket.sent.get(envelope_id)
        if envelope is None:
            self.world.violate("unknown envelope", "socket", envelope_id)
            return
        payload = said.get("payload")
        if payload and not _takes_payload(envelope):
            self.world.violate("wrong acknowledgement", envelope.where, payload)
        self.delivery.acknowledge(envelope, payload if _takes_payload(envelope) else None)

    def _forget(self, socket: Socket) -> None:
        if socket in self.live:
            self.live.remove(socket)
        for envelope in socket.sent.values():
            self.delivery.lose(envelope, "connection_failed")

    # What a test stages

    def cut(self) -> int:
        lost = list(self.live)
        for socket in lost:
            self._forget(socket)
            socket.cut()
        return len(lost)

    def ask_to_leave(self, reason: str) -> None:
        """docs.slack.dev/apis/events-api/using-socket-mode, «Disconnecting»"""
        loop = asyncio.get_running_loop()
        for socket in list(self.live):
            socket.leaving = reason != "warning"
            socket.send(_disconnect(reason))
            if socket.leaving:
                loop.call_later(LEAVE_SECONDS, socket.cut)


def _takes_payload(envelope: Envelope) -> bool:
    return envelope.kind in {COMMANDS, INTERACTIVE}


def _disconnect(reason: str) -> dict[str, Any]:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}}
