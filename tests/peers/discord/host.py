"""Runs a world on 127.0.0.1: a thread with an event loop, the routes, the gateway's socket.

Knows how to start and to stop, and the addresses; nothing of what tests do.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from aiohttp import web

from tests.peers.discord import (
    callbacks,
    routes_commands,
    routes_guilds,
    routes_members,
    routes_messages,
)
from tests.peers.discord.gateway import Gateway
from tests.peers.discord.http import PREFIX, Api, Call
from tests.peers.discord.state import World
from tests.peers.loop import ADDRESS, OnThread


class Host(OnThread):
    """A world with its HTTP API and its gateway on a port of 127.0.0.1."""

    def __init__(self, heartbeat_interval: float, shards: int) -> None:
        self.world = World(f"Bot.{secrets.token_hex(12)}")
        self.api_calls = Api(self.world)
        self.gateway = Gateway(self.world, heartbeat_interval)
        self.world.emit = self.gateway.emit
        self.shards = shards
        self.url = ""
        self._runner: web.AppRunner | None = None
        super().__init__("discord-server")

    async def _serve(self) -> None:
        app = web.Application(client_max_size=26 * 1024 * 1024)
        routes = routes_guilds.ROUTES | routes_messages.ROUTES | routes_commands.ROUTES
        routes |= routes_members.ROUTES
        self.api_calls.add(app, {**routes, "GET /gateway/bot": self._gateway_bot})
        open_routes = {**callbacks.ROUTES, "GET /gateway": self._gateway}
        self.api_calls.add(app, open_routes, token_in_path=True)
        app.router.add_get("/gateway/", self.gateway.serve)
        self.api_calls.add_fallback(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, ADDRESS, 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://{ADDRESS}:{port}"
        self.gateway.url = self.gateway_url

    async def _close(self) -> None:
        self.gateway.open.set()
        for hang in self.api_calls.limits.hangs:
            hang.gate.set()
        for socket in list(self.gateway.sockets):
            socket.cut()
        if self._runner is not None:
            await self._runner.cleanup()
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _gateway_bot(self, _call: Call) -> dict[str, Any]:
        """Gateway > Get Gateway Bot."""
        limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        return {"url": self.gateway_url, "shards": self.shards, "session_start_limit": limit}

    def _gateway(self, _call: Call) -> dict[str, Any]:
        return {"url": self.gateway_url}

    @property
    def api(self) -> str:
        """What `discord.http.Route.BASE` is to be."""
        return self.url + PREFIX

    @property
    def gateway_url(self) -> str:
        return self.url.replace("http", "ws", 1) + "/gateway/"
