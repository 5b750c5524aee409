"""The gateway: sockets, sessions, events in order (Events > Gateway).

Knows opcodes, close codes, sharding, intents and resuming; of guilds and messages it knows only to
which shard and under which intent an event goes.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import zlib
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from tests.peers.discord import render
from tests.peers.discord.state import GUILD_MEMBERS, GUILDS, World

if TYPE_CHECKING:
    from tests.peers.discord.guilds import Guild

# Opcodes and Status Codes > Gateway Opcodes
DISPATCH = 0
HEARTBEAT = 1
IDENTIFY = 2
PRESENCE_UPDATE = 3
VOICE_STATE_UPDATE = 4
RESUME = 6
RECONNECT = 7
REQUEST_GUILD_MEMBERS = 8
INVALID_SESSION = 9
HELLO = 10
HEARTBEAT_ACK = 11

# Gateway > List of Intents: bits 0-16, 20, 21, 24, 25
_KNOWN_INTENTS = (1 << 17) - 1 | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25
_PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15  # Gateway > Privileged Intents
_LARGEST_PAYLOAD = 4096  # Gateway > Sending Events
_KEPT_EVENTS = 5000

Payload = dict[str, Any]


class Session:
    """What survives a lost socket: who identified how, and the events since."""

    def __init__(self, intents: int, shard: tuple[int, int]) -> None:
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.shard = shard
        self.seq = 0
        self.socket: Socket | None = None
        self.sent: deque[tuple[int, str]] = deque(maxlen=_KEPT_EVENTS)

    def serves(self, guild: Guild | None) -> bool:
        """Gateway > Sharding: direct messages go to shard 0."""
        index, count = self.shard
        return index == (0 if guild is None else (guild.id >> 22) % count)

    def dispatch(self, event: str, data: Payload) -> None:
        self.seq += 1
        text = json.dumps({"op": DISPATCH, "t": event, "s": self.seq, "d": data})
        self.sent.append((self.seq, text))
        if self.socket is not None:
            self.socket.send_text(text)


class Socket:
    """One connection. Texts go out in order by a queue; `zlib-stream` is one deflate stream."""

    def __init__(self, response: web.WebSocketResponse, request: web.Request) -> None:
        self.response = response
        self.request = request
        self.session: Session | None = None
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        compress = request.query.get("compress")
        self._pack = _compressor(compress)

    async def write(self) -> None:
        """Send what is queued until closed."""
        while (text := await self._queue.get()) is not None:
            try:
                if self._pack is None:
                    await self.response.send_str(text)
                else:
                    await self.response.send_bytes(self._pack(text.encode()))
            except (ConnectionError, RuntimeError):
                return

    def send_text(self, text: str) -> None:
        self._queue.put_nowait(text)

    def send(self, op: int, data: Any) -> None:
        self.send_text(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    def finish(self) -> None:
        self._queue.put_nowait(None)

    def cut(self) -> None:
        """Lose the TCP connection without a close frame."""
        if self.request.transport is not None:
            self.request.transport.abort()


def _compressor(kind: str | None) -> Callable[[bytes], bytes] | None:
    """Gateway > Transport Compression. zstd-stream is what discord.py asks for where `zstandard` is
    installed.
    """
    if kind == "zlib-stream":
        deflate = zlib.compressobj()
        return lambda data: deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH)
    if kind == "zstd-stream":
        # Only where the client has it, which runs on this machine.
        import zstandard  # type: ignore[import-not-found]  # noqa: PLC0415

        stream = zstandard.ZstdCompressor().compressobj()
        block = zstandard.COMPRESSOBJ_FLUSH_BLOCK
        return lambda data: stream.compress(data) + stream.flush(block)
    return None


class CloseError(Exception):
    """The socket is to be closed with a code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Gateway:
    """All sockets and sessions of the application."""

    def __init__(self, world: World, heartbeat_interval: float) -> None:
        self.world = world
        self.heartbeat_interval = heartbeat_interval
        self.acknowledges = True
        self.heartbeats = 0
        self.identifies: list[Payload] = []
        self.resumes: list[Payload] = []
        self.sessions: dict[str, Session] = {}
        self.sockets: set[Socket] = set()
        self.url = ""
        self.open = asyncio.Event()
        self.open.set()
        self.holds_guilds = False

    def emit(
        self,
        event: str,
        data: Payload | Callable[[Session], Payload],
        *,
        guild: Guild | None,
        intent: int,
    ) -> bool:
        """Send an event to the sessions that are due it; True if there was one."""
        if guild is not None and self.world.bot.id not in guild.members:
            return False
        due = [s for s in self.sessions.values() if s.serves(guild)]
        due = [s for s in due if not intent or s.intents & intent]
        for session in due:
            session.dispatch(event, data(session) if callable(data) else data)
        return bool(due)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection, from Hello to its end."""
        await self.open.wait()
        response = web.WebSocketResponse(max_msg_size=0, compress=False)
        await response.prepare(request)
        socket = Socket(response, request)
        self.sockets.add(socket)
        writer = asyncio.create_task(socket.write())
        try:
            await self._converse(socket)
        finally:
            self.sockets.discard(socket)
            self._part(socket)
            socket.finish()
            writer.cancel()
        return response

    async def _converse(self, socket: Socket) -> None:
        response = socket.response
        if socket.request.query.get("v") != "10":
            await response.close(code=4012, message=b"Invalid API version")
            return
        socket.send(HELLO, {"heartbeat_interval": int(self.heartbeat_interval * 1000)})
        try:
            async for message in response:
                if message.type == WSMsgType.TEXT:
                    self._receive(socket, message.data)
        except CloseError as refusal:
            if refusal.code not in {4004, 4014}:
                self.world.violate("gateway protocol", f"close {refusal.code}", refusal.reason)
            await response.close(code=refusal.code, message=refusal.reason.encode())

    def _part(self, socket: Socket) -> None:
        """Gateway > Initiating a Disconnect: closing with 1000 or 1001 ends the session."""
        session = socket.session
        if session is None or session.socket is not socket:
            return
        session.socket = None
        if socket.response.close_code in {1000, 1001}:
            self.sessions.pop(session.id, None)

    def _receive(self, socket: Socket, text: str) -> None:
        if len(text.encode()) > _LARGEST_PAYLOAD:
            raise CloseError(4002, "Decode error: payload too large")
        try:
            payload = json.loads(text)
            op, data = payload["op"], payload.get("d")
        except (ValueError, KeyError, TypeError):
            raise CloseError(4002, "Decode error") from None
        if op == HEARTBEAT:
            self.heartbeats += 1
            if self.acknowledges:
                socket.send(HEARTBEAT_ACK, None)
            return
        if op == IDENTIFY:
            self._identify(socket, data)
        elif op == RESUME:
            self._resume(socket, data)
        elif socket.session is None:
            raise CloseError(4003, "Not authenticated")
        elif op == REQUEST_GUILD_MEMBERS:
            self._members(socket.session, data)
        elif op not in {PRESENCE_UPDATE, VOICE_STATE_UPDATE}:
            raise CloseError(4001, "Unknown opcode")

    def _identify(self, socket: Socket, data: Payload) -> None:
        """Gateway Events > Identify."""
        if socket.session is not None:
            raise CloseError(4005, "Already authenticated")
        application = self.world.application
        self.identifies.append(data)
        if data.get("token") != application.token:
            raise CloseError(4004, "Authentication failed")
        intents, (index, count) = data.get("intents"), data.get("shard", (0, 1))
        if not isinstance(intents, int) or intents & ~_KNOWN_INTENTS:
            raise CloseError(4013, "Invalid intent(s)")
        if intents & _PRIVILEGED & ~application.allowed_intents:
            raise CloseError(4014, "Disallowed intent(s)")
        if not 0 <= index < count:
            raise CloseError(4010, "Invalid shard")
        session = Session(intents, (index, count))
        self._forget_lost(session.shard)
        self.sessions[session.id] = session
        session.socket = socket
        socket.session = session
        self._ready(session, sharded="shard" in data)

    def _forget_lost(self, shard: tuple[int, int]) -> None:
        """A shard that identifies anew will not resume what it lost."""
        lost = [s.id for s in self.sessions.values() if s.shard == shard and s.socket is None]
        for session_id in lost:
            del self.sessions[session_id]

    def _ready(self, session: Session, *, sharded: bool) -> None:
        world = self.world
        guilds = self._guilds_of(session)
        ready: Payload = {
            "v": 10,
            "user": {**render.user(world.bot), "verified": True, "mfa_enabled": False},
            "guilds": [{"id": str(g.id), "unavailable": True} for g in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "application": {"id": str(world.application.id), "flags": world.application.flags},
            "private_channels": [],
            "session_type": "normal",
        }
        if sharded:
            ready["shard"] = list(session.shard)
        session.dispatch("READY", ready)
        if not self.holds_guilds:
            self.send_guilds(session)

    def send_guilds(self, session: Session) -> None:
        """Gateway Events > Ready: guilds are unavailable at first, and become available."""
        if session.intents & GUILDS:
            for guild in self._guilds_of(session):
                session.dispatch("GUILD_CREATE", render.guild_create(guild))

    def _guilds_of(self, session: Session) -> list[Guild]:
        return [g for g in self.world.guilds.values() if session.serves(g) and g.bot_member]

    def _resume(self, socket: Socket, data: Payload) -> None:
        """Gateway Events > Resume: replay what was missed, or Invalid Session."""
        self.resumes.append(data)
        if data.get("token") != self.world.application.token:
            raise CloseError(4004, "Authentication failed")
        session = self.sessions.get(str(data.get("session_id")))
        seq = data.get("seq")
        if session is None or not isinstance(seq, int):
            socket.send(INVALID_SESSION, False)
            return
        if seq > session.seq:
            raise CloseError(4007, "Invalid seq")
        if session.sent and seq < session.sent[0][0] - 1:
            socket.send(INVALID_SESSION, False)
            return
        if session.socket is not None:
            session.socket.session = None
            session.socket.cut()
        socket.session, session.socket = session, socket
        for number, text in session.sent:
            if number > seq:
                socket.send_text(text)
        session.dispatch("RESUMED", {})

    def _members(self, session: Session, data: Payload) -> None:
        """Gateway Events > Request Guild Members."""
        guild = self.world.guilds.get(int(data.get("guild_id", 0)))
        everyone = data.get("query") == "" and data.get("limit") == 0
        if everyone and not session.intents & GUILD_MEMBERS:
            raise CloseError(4014, "Disallowed intent(s)")
        if guild is None or guild.bot_member is None:
            return
        found, missing = list(guild.members.values()), []
        if "user_ids" in data:
            asked = data["user_ids"] if isinstance(data["user_ids"], list) else [data["user_ids"]]
            found = [guild.members[int(i)] for i in asked if int(i) in guild.members]
            missing = [i for i in asked if int(i) not in guild.members]
        elif not everyone:
            start = str(data.get("query", "")).lower()
            named = [m for m in found if (m.nick or m.user.name).lower().startswith(start)]
            found = named[: data.get("limit") or 100]
        chunks = [found[i : i + 1000] for i in range(0, len(found), 1000)] or [[]]
        for index, chunk in enumerate(chunks):
            event: Payload = {
                "guild_id": str(guild.id),
                "members": [render.member(m) for m in chunk],
                "chunk_index": index,
                "chunk_count": len(chunks),
            }
            if missing:
                event["not_found"] = missing
            if "nonce" in data:
                event["nonce"] = data["nonce"]
            session.dispatch("GUILD_MEMBERS_CHUNK", event)

    def live(self, shard: int | None = None) -> list[Socket]:
        """The sockets that have a session; of one shard, or all."""
        found = [s for s in self.sockets if s.session is not None]
        return [s for s in found if shard is None or (s.session and s.session.shard[0] == shard)]
