"""Runs a world on 127.0.0.1: a thread with an event loop, the Web API, the sockets.

Knows how to start and to stop, and the addresses; nothing of what tests do.
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from tests.peers.loop import ADDRESS, OnThread
from tests.peers.slack import (
    methods_apps,
    methods_chat,
    methods_conversations,
    methods_history,
    methods_people,
    methods_views,
    responding,
)
from tests.peers.slack.delivery import Delivery
from tests.peers.slack.http import Api
from tests.peers.slack.sockets import Sockets
from tests.peers.slack.world import World

# Each registers its methods when it is imported.
METHODS = (
    methods_apps,
    methods_chat,
    methods_conversations,
    methods_history,
    methods_people,
    methods_views,
)


class Host(OnThread):
    """A world with its Web API and its sockets on a port of 127.0.0.1."""

    def __init__(self) -> None:
        self.world = World()
        self.calls = Api(self.world)
        self.delivery = Delivery(self.world)
        self.sockets = Sockets(self.world, self.delivery)
        self.delivery.way = self.sockets
        self.world.emit = self.delivery.emit
        self.world.new_socket_url = self.sockets.new_url
        self._runner: web.AppRunner | None = None
        super().__init__("slack-server")

    async def _serve(self) -> None:
        app = web.Application(client_max_size=26 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self.calls.serve)
        app.router.add_get("/link/", self.sockets.serve)
        for family in ("commands", "actions", "app"):
            app.router.add_post(f"/{family}/{{team}}/{{number}}/{{secret}}", self._respond)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, ADDRESS, 0)
        await site.start()
        self.world.url = f"http://{ADDRESS}:{self._runner.addresses[0][1]}"

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        return await responding.serve(self.calls, request)

    async def _close(self) -> None:
        for hang in self.calls.limits.hangs:
            hang.gate.set()
        self.delivery.way = None
        self.delivery.retries = ()
        for socket in list(self.sockets.live):
            socket.cut()
        if self._runner is not None:
            await self._runner.cleanup()
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    @property
    def url(self) -> str:
        return self.world.url

    @property
    def api(self) -> str:
        """The base of the Web API, for the `base_url` of slack_sdk."""
        return f"{self.world.url}/api/"
