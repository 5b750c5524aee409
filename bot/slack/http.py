"""What the bot answers by HTTP: Slack's requests, people who install it, and whoever asks if it is
well.

Listens on an address that a proxy which does TLS is in front of. Knows nothing of what requests
are about.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

from bot.serving import BotError
from bot.slack.installing import INSTALL, REDIRECT
from precis.monitoring.metrics import ACKNOWLEDGEMENT_SECONDS
from precis.places import where

logger = logging.getLogger(__name__)

EVENTS = "/slack/events"
HEALTH = "/healthz"
FORM = "application/x-www-form-urlencoded"
"""How commands, buttons and forms come; events, which nobody waits for, are JSON."""
REMEMBERED = 660.0
"""Seconds; a signature is good for 5 minutes before and after its time."""
CLOSING = 5.0
Answering = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]


class Requests:
    """Slack's requests: signed, in time, and each for the first time."""

    def __init__(self, app: AsyncApp, signing_secret: str) -> None:
        self._app = app
        self._verifier = SignatureVerifier(signing_secret)
        self._seen: OrderedDict[str, float] = OrderedDict()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """As Bolt does; 401 for what isn't Slack's, or what somebody sends again."""
        # Here already, and on the bytes: what isn't Slack's isn't looked at.
        signature = request.headers.get("X-Slack-Signature", "")
        sent = request.headers.get("X-Slack-Request-Timestamp", "")
        body = await request.read()
        if not self._is_signed(body, sent, signature) or self._is_seen(signature):
            return web.json_response({"error": "invalid request"}, status=401)
        begun = time.perf_counter()
        response = await self._app.async_dispatch(await to_bolt_request(request))
        if request.content_type == FORM:
            ACKNOWLEDGEMENT_SECONDS.observe(time.perf_counter() - begun, platform="slack")
        if response.status >= 300:  # then Slack may send it again, within the same second
            self._seen.pop(signature, None)
        return await to_aiohttp_response(response)

    def _is_signed(self, body: bytes, sent: str, signature: str) -> bool:
        if not (sent.isascii() and sent.isdigit() and signature.isascii()):
            return False
        try:
            return self._verifier.is_valid(body, sent, signature)
        except UnicodeDecodeError:  # Slack writes UTF-8
            return False

    def _is_seen(self, signature: str) -> bool:
        now = time.monotonic()
        while self._seen and next(iter(self._seen.values())) < now - REMEMBERED:
            self._seen.popitem(last=False)
        if signature in self._seen:
            return True
        self._seen[signature] = now
        return False


class WebServer:
    """Listens while it is started."""

    def __init__(self, requests: Requests | None, flow: AsyncOAuthFlow | None) -> None:
        self.stopping = False
        app = web.Application()
        app.router.add_get(HEALTH, self._health)
        if requests is not None:
            app.router.add_post(EVENTS, requests.answer)
        if flow is not None:
            app.router.add_get(INSTALL, _page(flow.handle_installation))
            app.router.add_get(REDIRECT, _page(flow.handle_callback))
        # Addresses hold codes, which are secret: no access log.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSING)

    async def start(self, listen: str) -> None:
        """Listen at HOST:PORT. Raises BotError."""
        host, _, port = listen.rpartition(":")
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host.strip("[]"), int(port)).start()
        except OSError as error:
            raise BotError(
                f"can't listen on {listen} ({error.strerror or type(error).__name__}); "
                "set PRECIS_SLACK_LISTEN"
            ) from None

    async def close(self) -> None:
        await self._runner.cleanup()

    async def _health(self, _request: web.Request) -> web.StreamResponse:
        return web.Response(
            text="stopping" if self.stopping else "ok", status=503 if self.stopping else 200
        )


def _page(answer: Answering) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A page of Bolt's; what goes wrong is a line for who installs, and one in the log."""

    async def shown(request: web.Request) -> web.StreamResponse:
        try:
            return await to_aiohttp_response(await answer(await to_bolt_request(request)))
        except Exception as error:  # noqa: BLE001 - Slack, the network or the store
            logger.error("an installation failed: %s", where(error))  # noqa: TRY400 - may quote
            return web.Response(text="That didn't work; please try again later.", status=503)

    return shown
