"""Runs a world on 127.0.0.1: a thread with an event loop, the Web API, the sockets.

Knows how to start and to stop, and the addresses; nothing of what tests do.
"""

from __future__ import annotations

import asyncio
import threading

from aiohttp import web

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


class Host:
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
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="slack-server", daemon=True)
        self._failure: BaseException | None = None

    def start(self) -> None:
        self._thread.start()
        started = self._started.wait(30)
        if self._failure is not None:
            raise self._failure
        if not started:
            raise TimeoutError("the server did not start")

    def stop(self) -> None:
        loop = self.world.loop
        if loop is not None and loop.is_running():
            loop.call_soon_threadsafe(loop.stop)
            self._thread.join(30)

    def _run(self) -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(self._serve())
            self.world.thread = threading.get_ident()
            self.world.loop = loop
        except BaseException as failure:  # noqa: BLE001  # raised in the test's thread
            self._failure = failure
            return
        finally:
            self._started.set()
        loop.run_forever()
        loop.run_until_complete(self._close())
        # From here on what tests still ask is answered in place.
        self.world.loop = None
        loop.close()

    async def _serve(self) -> None:
        app = web.Application(client_max_size=26 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self.calls.serve)
        app.router.add_get("/link/", self.sockets.serve)
        for family in ("commands", "actions", "app"):
            app.router.add_post(f"/{family}/{{team}}/{{number}}/{{secret}}", self._respond)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.world.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

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
