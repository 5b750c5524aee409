"""The socket by which Slack reaches the bot, and that the bot opens.

As Slack's own client, but an address that leads nowhere isn't tried for ever, for each is good for
some seconds only; and a token that is revoked is told.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.serving import BotError
from bot.slack.api import NETWORK
from bot.slack.refused import passes, refused_app, unreachable
from precis.monitoring.metrics import ACKNOWLEDGEMENT_SECONDS

_quiet = logging.getLogger("slack_sdk.socket_mode")

EVENTS = "events_api"
"""What nobody waits for; all else is a command, a button or a form."""
PATIENCE = 15.0
"""Seconds for one address."""


class Socket(SocketModeClient):
    """Hands what comes to a Bolt app; to be closed. Only where there is an event loop."""

    def __init__(
        self,
        app: AsyncApp,
        app_token: str,
        client: AsyncWebClient,
        connected_anew: Callable[[], None],
    ) -> None:
        """`connected_anew` is called for each connection after the first one."""
        super().__init__(app_token, logger=_quiet, web_client=client)
        self._app = app
        self._connected_anew = connected_anew
        self.socket_mode_request_listeners.append(self._handle)
        self.refused: asyncio.Future[BotError] = asyncio.get_running_loop().create_future()
        """Set where Slack will have no more of the bot."""

    async def start(self) -> None:
        """Connect for the first time. Raises BotError."""
        try:
            self.wss_uri = await self.issue_new_wss_url()
            async with asyncio.timeout(PATIENCE):
                await super().connect()  # type: ignore[no-untyped-call]
        except SlackApiError as error:
            raise refused_app(error) from None
        except NETWORK as error:
            raise unreachable(error) from None

    async def connect(self) -> None:
        """Connect again, with other addresses if need be."""
        while not self.closed:
            try:
                async with asyncio.timeout(PATIENCE):
                    await super().connect()  # type: ignore[no-untyped-call]
            except TimeoutError:
                self.wss_uri = None
            else:
                self._connected_anew()
                return

    async def issue_new_wss_url(self) -> str:
        try:
            opened = await self.web_client.apps_connections_open(app_token=self.app_token)
            return str(opened["url"])
        except SlackApiError as error:
            if not passes(error) and not self.refused.done():
                self.refused.set_result(refused_app(error))
            raise

    async def _handle(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        begun = time.perf_counter()
        response = await run_async_bolt_app(self._app, request)
        await send_async_response(client, request, response, 0.0)
        if request.type != EVENTS:
            ACKNOWLEDGEMENT_SECONDS.observe(time.perf_counter() - begun, platform="slack")
