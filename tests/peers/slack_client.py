"""A small bot on the real slack_bolt, in a thread of its own, to try the stand-in with."""

import asyncio
import re
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from tests.peers.slack_server import SlackServer

Result = TypeVar("Result")

PATH = "/slack/events"
_ANYTHING = re.compile(".*")


class Bot:
    """Notes the events that it hears. `setup` adds listeners; `http`: listens, not connects."""

    def __init__(
        self,
        server: SlackServer,
        setup: Callable[["Bot"], None] | None = None,
        *,
        http: bool = False,
        ping_interval: float = 0.2,
    ) -> None:
        self.server = server
        self.setup = setup
        self.http = http
        self.ping_interval = ping_interval
        self.heard: list[dict[str, Any]] = []
        self.retries: list[tuple[str, str]] = []
        self.ready = threading.Event()
        self.failure: BaseException | None = None
        self.app: AsyncApp
        self.loop: asyncio.AbstractEventLoop
        self.url = ""
        self._stop: asyncio.Event

    def client(self, token: str, **options: Any) -> AsyncWebClient:
        """A client of the Web API that waits where Slack says so."""
        client = AsyncWebClient(token=token, base_url=self.server.api, **options)
        client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=5))
        return client

    async def run(self) -> None:
        self.loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        client = AsyncWebClient(base_url=self.server.api)
        secret = self.server.signing_secret
        self.app = AsyncApp(
            client=client, signing_secret=secret, authorize=_authorize_by(self.server)
        )
        self.app.event(_ANYTHING)(self._hear)
        if self.setup:
            self.setup(self)
        await (self._listen() if self.http else self._connect())

    async def _hear(self, body: dict[str, Any], request: Any) -> None:
        self.heard.append(body["event"])
        number, *_ = request.headers.get("x-slack-retry-num", ["0"])
        if number != "0":
            self.retries.append((number, request.headers["x-slack-retry-reason"][0]))

    async def _connect(self) -> None:
        handler = AsyncSocketModeHandler(
            self.app, self.server.app_token, ping_interval=self.ping_interval
        )
        await handler.connect_async()
        self.ready.set()
        await self._stop.wait()
        await handler.close_async()

    async def _listen(self) -> None:
        runner = web.AppRunner(self.app.web_app(path=PATH), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"
        self.ready.set()
        await self._stop.wait()
        await runner.cleanup()

    def do(self, work: Callable[[], Awaitable[Result]], seconds: float = 20.0) -> Result:
        """Run a coroutine function in the bot's loop and give its result."""

        async def there() -> Result:
            return await work()

        return asyncio.run_coroutine_threadsafe(there(), self.loop).result(seconds)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self._stop.set)

    def names(self) -> list[str]:
        """The types of what it heard, of messages with subtype the subtype."""
        return [event.get("subtype") or event["type"] for event in self.heard]


def _authorize_by(server: SlackServer) -> Callable[..., Awaitable[AuthorizeResult]]:
    """A function, for Bolt reads its arguments' names and knows no `self` among them."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        installed = server.world.workspaces[team_id or ""].installed
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=installed.token,
            bot_user_id=installed.bot.id,
            bot_id=installed.bot_id,
        )

    return authorize


@contextmanager
def running(bot: Bot) -> Iterator[Bot]:
    """Run a bot in a thread; it is ready when the block begins, and closed when it ends."""

    def run() -> None:
        try:
            asyncio.run(bot.run())
        except Exception as failure:  # noqa: BLE001  # tests look at it
            bot.failure = failure
        finally:
            bot.ready.set()

    thread = threading.Thread(target=run, name="bot")
    thread.start()
    try:
        assert bot.ready.wait(20), "the bot is not ready"
        if bot.failure is not None:
            raise bot.failure
        if bot.http:
            bot.server.use_http(bot.url)
        yield bot
    finally:
        if bot.failure is None:
            bot.stop()
        thread.join(20)
