"""The Slack bot: Bolt's app with the bot's listeners, and what ends with it.

Knows nothing of how it is connected (`bot.slack.running`).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse

from bot.context import JobSender
from bot.frontend import Frontend
from bot.platform import PlatformDownError, UnreachableError
from bot.refusals import told
from bot.slack.api import make_client
from bot.slack.arguments import Arguments, parse
from bot.slack.asking import Asks
from bot.slack.authorizing import Authorized
from bot.slack.callers import NAME, Caller
from bot.slack.card_clicks import CardClicks
from bot.slack.clicks import Clicks
from bot.slack.commands import Commands
from bot.slack.desk import SlackDesk
from bot.slack.digest_commands import DigestCommands
from bot.slack.digest_lists import DigestLists
from bot.slack.digest_poster import SlackPoster
from bot.slack.events import Events
from bot.slack.hearing import Hearing
from bot.slack.home import Home
from bot.slack.mentions import Mentions
from bot.slack.modals import Modal, open_modal
from bot.slack.outages import outages
from bot.slack.platform import SlackPlatform
from bot.slack.posting import Cell
from bot.slack.settings_clicks import SettingsClicks
from bot.slack.shortcuts import Shortcuts
from bot.slack.workspaces import Workspaces
from bot.texts import Texts
from bot.working import Task
from precis.ask import Wanted
from precis.errors import PrecisError, StoreError
from precis.places import where
from precis.settings import Settings
from precis.store import Store

logger = logging.getLogger(__name__)

LAST = 3.0
"""Seconds for what is to be kept or forgotten in the end."""
_bolt = logging.getLogger("slack_bolt")

Say = Callable[[str], Awaitable[None]]


class SlackBot:
    """Précis on Slack."""

    def __init__(
        self, settings: Settings, store: Store, sender: JobSender, workspaces: Workspaces
    ) -> None:
        self.settings = settings
        self.workspaces = workspaces
        self.platform = SlackPlatform(workspaces, settings)
        desk = SlackDesk(workspaces, self.platform)
        poster = SlackPoster(workspaces, self.platform)
        self.frontend = Frontend(
            self.platform, settings, store, sender, _listeners_in_hand, desk=desk, poster=poster
        )
        self.platform.attach(self.frontend.context)
        self._closed = False
        self._said: Cell[bool] = Cell()
        self.app = self._make_app()
        self.asks = Asks(self)
        self.hearing = Hearing(self)
        self.events = Events(self)
        self.platform.caught_up = self.events.following.caught_up
        self.frontend.forgetting.forget_server = self.events.forget_team
        self.frontend.forgetting.installed = workspaces.all_teams
        self.home = Home(self)
        self.settings_clicks = SettingsClicks(self)
        self.card_clicks = CardClicks(self)
        self.digest_lists = DigestLists(self)
        self.digest_commands = DigestCommands(self)
        for listeners in (Commands, Shortcuts, Mentions, Clicks):
            listeners(self)

    async def prepare(self) -> None:
        """Before anything can come in."""
        self.events.start()
        await self._listen_anew()

    def connected_anew(self) -> None:
        """There is a new connection; what was said before it may have been missed."""
        self.frontend.moderation.listening.connection_lost()
        self.events.interrupted()
        if not self.frontend.stopping:
            self.frontend.work.begin(self._listen_anew(), finish=True)

    async def close(self) -> None:
        """Leave what is in hand to the next bot, and tell who waits; Slack still listens."""
        await self.frontend.close()
        self._closed = True
        try:
            async with asyncio.timeout(LAST):
                await self.events.close()
        except TimeoutError:
            logger.warning("the store hangs: what was heard last is not kept or forgotten")
        self.frontend.context.blocking.close()

    def texts_at_hand(self, team: str) -> Texts:
        """A workspace's language, as far as it is known without waiting."""
        return self.frontend.context.last_texts(team)

    async def texts(self, team: str) -> Texts:
        """A workspace's language. Raises StoreError."""
        return await self.frontend.context.texts(team)

    def arguments(self, text: str) -> Arguments:
        """What somebody wants that writes `text`, now. Raises UnclearError."""
        return parse(text, now=datetime.now(UTC), zone=self.settings.zone)

    async def is_admin(self, caller: Caller) -> bool:
        """Whether somebody administers the workspace where they clicked, as of now."""
        return caller.is_at_home and await self.platform.is_admin(caller.team, caller.user)

    async def is_of(self, ask_id: str, team: str) -> bool:
        """Whether an ask is one of this workspace's. Raises StoreError."""
        context = self.frontend.context
        ask = await context.blocking(context.chat.ask, ask_id)
        return ask is not None and (ask.request.platform, ask.request.server) == (NAME, team)

    def begin(self, team: str, work: Awaitable[str | None], say: Say | None = None) -> None:
        """Do something that was acknowledged, and `say` what it returns, or why it failed."""
        self.frontend.work.begin(self._done(team, work, say), finish=True)

    def say(self, caller: Caller, text: str) -> None:
        """Tell somebody a line, where they used the bot and alone. Returns at once.

        Once for each use, however often Slack tells of it.
        """
        if caller.key is not None:
            if self._said.get(caller.key):
                return
            self._said.put(caller.key, True)

        async def line() -> str:
            return text

        self.begin(caller.team, line(), lambda said: self.tell(caller, said))

    async def tell(self, caller: Caller, text: str) -> None:
        """The same, now."""
        if caller.place is not None:
            request = caller.request(caller.place, Wanted(), private=True)
            await self.platform.withdraw(request, text)

    def in_modal(
        self, caller: Caller, title: str, fill: Callable[[Modal], Awaitable[str | None]]
    ) -> None:
        """Open a modal for somebody, and fill it in, or say in it what there is to say."""

        async def opened() -> None:
            texts = self.texts_at_hand(caller.team)
            modal = await open_modal(self.workspaces, caller, title, texts)
            if modal is not None:
                await self._done(caller.team, fill(modal), modal.say)

        self.begin(caller.team, opened(), lambda said: self.tell(caller, said))

    async def _done(self, team: str, work: Awaitable[str | None], say: Say | None) -> None:
        """Nobody is left without a word, where there is a way to say it."""
        try:
            with outages():
                said = await work
        except (PrecisError, PlatformDownError) as error:
            logger.warning("something fails: %s", str(error) or where(error))
            said = told(error, self.texts_at_hand(team))
        except UnreachableError as error:
            logger.warning("something fails: %s", where(error))
            return
        except Exception as error:  # noqa: BLE001 - see above
            logger.error("something failed: %s", where(error))  # noqa: TRY400 - a trace may quote
            said = self.texts_at_hand(team).broken
        if not said or say is None:
            return
        try:
            with outages():
                await say(said)
        except Exception as error:  # noqa: BLE001 - there is no other way to say it
            logger.warning("a line was not shown: %s", where(error))

    async def _listen_anew(self) -> None:
        try:
            teams = set(await self.workspaces.all_teams())
        except StoreError as error:
            logger.warning("the workspaces aren't known: %s", error)
            teams = set()
        self.events.listen_anew(teams)

    def _make_app(self) -> AsyncApp:
        # What Bolt tells of its work in detail quotes messages.
        _bolt.setLevel(max(logging.INFO, logging.getLogger().level))
        secret = self.settings.slack_signing_secret
        app = AsyncApp(
            name="precis",
            logger=_bolt,
            client=make_client(self.settings),
            authorize=Authorized(self.workspaces),  # type: ignore[arg-type]  # it takes None too
            signing_secret=secret.get_secret_value() if secret else "",
            before_authorize=self._while_open,
            ignoring_self_events_enabled=False,  # messages are forgotten, whoever wrote them
            raise_error_for_unhandled_request=True,
        )
        app.error(self._failed)
        return app

    async def _while_open(self, body: dict[str, Any], next: Callable[[], Awaitable[None]]) -> Any:  # noqa: A002 - Bolt's name
        """What comes at the very end is somebody else's, or is to be asked for again."""
        if not self._closed:
            await next()
            return None
        if "command" in body:
            texts = self.texts_at_hand(str(body.get("team_id")))
            return BoltResponse(status=200, body=texts.slack.ask_again)
        return BoltResponse(status=503)

    async def _failed(
        self, error: Exception, body: dict[str, Any], response: BoltResponse | None
    ) -> BoltResponse | None:
        """Whatever goes wrong, Slack needn't send it again; and the log quotes nothing."""
        if isinstance(error, BoltUnhandledRequestError):
            logger.debug("nothing is done about %s", body.get("type"))
        else:
            logger.error("a listener failed: %s", where(error))
        if response is None:  # acknowledged already
            return None
        quiet = isinstance(error, BoltUnhandledRequestError) or "command" not in body
        return BoltResponse(
            status=200, body="" if quiet else self.texts_at_hand(str(body.get("team_id"))).broken
        )


def _listeners_in_hand() -> set[Task]:
    """The tasks in which Bolt runs listeners."""
    name = "run_ack_function_asynchronously"
    return {
        task for task in asyncio.all_tasks() if getattr(task.get_coro(), "__name__", "") == name
    }
