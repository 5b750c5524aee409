"""Starts the Slack bot and ends it, with errors that operators understand.

By a socket that it opens (the default), or by HTTP. `cli` hands in what it is wired to. Knows
nothing of the queue's library.
"""

import asyncio
import logging
from datetime import UTC, datetime

from bot import serving
from bot.context import JobSender
from bot.frontend import Frontend
from bot.offloading import Offloading
from bot.responsiveness import be_responsive, spare_what_stays
from bot.serving import Errand, Listening
from bot.slack.app import SlackBot
from bot.slack.callers import NAME
from bot.slack.http import Requests, WebServer
from bot.slack.installing import make_flow
from bot.slack.logs import quiet
from bot.slack.setup import check_setup, needs_web_server
from bot.slack.socket_mode import Socket
from bot.slack.workspaces import Workspaces
from precis.settings import Settings
from precis.store import Store

logger = logging.getLogger(__name__)


def run_bot(
    settings: Settings,
    store: Store,
    sender: JobSender,
    listening: Listening,
    errand: Errand | None = None,
) -> None:
    """Serve Slack until SIGTERM or SIGINT, or do an errand.

    Raises BotError, SettingsError, StoreError.
    """
    check_setup(settings)
    quiet()
    be_responsive()
    asyncio.run(Service(settings, store, sender).serve(listening, errand))


class Service:
    """The bot with what it is connected by, from the start to the end."""

    def __init__(self, settings: Settings, store: Store, sender: JobSender) -> None:
        """Raises SettingsError."""
        self._settings = settings
        self._blocking = Offloading()
        self.workspaces = Workspaces(settings, self._blocking, store.database.engine)
        self.bot = SlackBot(settings, store, sender, self.workspaces)
        self.connected = asyncio.Event()
        self.asked_to_stop = asyncio.Event()
        self._socket: Socket | None = None
        self._web: WebServer | None = None

    @property
    def frontend(self) -> Frontend:
        return self.bot.frontend

    async def serve(self, listening: Listening, errand: Errand | None = None) -> None:
        """Until `asked_to_stop`, or until `errand` is done. Raises BotError, StoreError."""
        connection = self._connect() if errand is None else self._only_act()
        await serving.serve(self, connection, listening, errand)

    async def _connect(self) -> None:
        await self.workspaces.open()
        await self.bot.prepare()
        if needs_web_server(self._settings):
            self._web = self._make_web_server()
            await self._web.start(self._settings.slack_listen)
        token = self._settings.slack_app_token
        if self._settings.slack_mode == "socket" and token is not None:
            client = self.workspaces.make_client()
            self._socket = Socket(
                self.bot.app, token.get_secret_value(), client, self.bot.connected_anew
            )
            await self._socket.start()
            self.bot.connected_anew()
        logger.info("connected to Slack (%s)", self._settings.slack_mode)
        self.connected.set()
        self.frontend.start()
        spare_what_stays()
        if self._socket is not None:
            raise await self._socket.refused
        await asyncio.Event().wait()  # requests come by themselves

    async def _only_act(self) -> None:
        """Without a connection: what is said is heard by the bot that serves, or by nobody."""
        await self.workspaces.open()
        context, now = self.frontend.context, datetime.now(UTC)
        for team in await self.workspaces.all_teams():  # what is kept may be out of date
            await context.blocking(context.chat.listening, NAME, team, now)
        self.connected.set()
        await asyncio.Event().wait()

    async def is_connected(self) -> bool:
        """Whether the socket is open; by HTTP, whether the bot listens."""
        if self._socket is not None:
            return await self._socket.is_connected()
        return self._web is not None

    def _make_web_server(self) -> WebServer:
        settings, installations = self._settings, self.workspaces.installations
        secret = settings.slack_signing_secret
        by_http = settings.slack_mode == "http" and secret is not None
        return WebServer(
            Requests(self.bot.app, secret.get_secret_value()) if by_http and secret else None,
            make_flow(settings, self.workspaces, installations, self._blocking)
            if installations is not None
            else None,
        )

    async def close(self) -> None:
        """Leave what is in hand to the next bot, tell who waits, and disconnect."""
        if self._web is not None:
            self._web.stopping = True
        await self.bot.close()
        if self._socket is not None:
            await self._socket.close()  # type: ignore[no-untyped-call]
        if self._web is not None:
            await self._web.close()
        await self.workspaces.close()
        self._blocking.close()
