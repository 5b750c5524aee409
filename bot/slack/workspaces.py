"""The workspaces that the bot is in, and clients that act in each.

What is found is kept for a while: it is needed for every event, and Slack wants to know within 3
seconds that an event arrived. Where it comes from, `bot.slack.sources` knows.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Engine

from bot.offloading import Offloading
from bot.slack.api import make_client, make_session
from bot.slack.installations import Installations
from bot.slack.setup import serves_several
from bot.slack.sources import Found, Installed, Source, TheOne, Workspace
from bot.slack.tokens import make_cipher
from precis.errors import PrecisError, SettingsError, StoreError
from precis.settings import Settings

__all__ = ["Workspace", "WorkspaceGoneError", "Workspaces"]

PATIENCE = 2.0
"""Seconds that looking up a workspace may take."""
IN_NEED = 20.0
"""Seconds that what was found before is taken once more, where looking it up takes longer."""


class WorkspaceGoneError(PrecisError):
    """The bot isn't in a workspace, or not any more."""


@dataclass(slots=True)
class _Kept:
    workspace: Workspace
    until: float
    """By `time.monotonic`."""


class Workspaces:
    """Finds workspaces and their clients; to be closed."""

    def __init__(self, settings: Settings, blocking: Offloading, engine: Engine | None) -> None:
        """`engine`: of the store; needed where the settings hold no bot token.

        Raises SettingsError where they hold no usable encryption key either.
        """
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None
        self.installations = _installations(settings, engine)
        """None where one workspace is served."""
        self._source: Source = (
            TheOne(settings, self.make_client)
            if self.installations is None
            else Installed(settings, self.make_client, blocking, self.installations)
        )
        self._opening = asyncio.Lock()
        self._opened = False
        self._kept: dict[str, _Kept] = {}
        self._looking: dict[str, asyncio.Task[Found | None]] = {}
        self._urls: dict[str, str] = {}
        self.authorize = Authorizing(self)
        """For Bolt, which asks for every event."""

    async def open(self) -> None:
        """Make sure of the token, or of the tables. Again, it does nothing.

        Raises BotError where Slack refuses the token or can't be reached; StoreError.
        """
        async with self._opening:
            if not self._opened:
                await self._source.open()
                self._opened = True

    async def close(self) -> None:
        for task in list(self._looking.values()):
            task.cancel()
        if self._session is not None:
            await self._session.close()

    async def find(self, team: str, enterprise: str | None = None) -> Workspace | None:
        """A workspace, or None where the bot isn't; `enterprise` is the organisation that it is of.

        Within `PATIENCE`, if need be with what was found before; else raises StoreError. And
        BotError, where the one token that there is is no good.
        """
        kept = self._kept.get(team)
        if kept is not None and kept.until > time.monotonic():
            return kept.workspace
        task = self._look_up(team, enterprise)
        failure = StoreError("a Slack workspace can't be looked up just now")
        # What takes too long goes on, for whoever asks next.
        await asyncio.wait({task}, timeout=PATIENCE)
        if task.done() and not task.cancelled():
            try:
                found = task.result()
            except StoreError as error:
                failure = error
            else:
                return None if found is None else found.workspace
        if kept is None or team not in self._kept:
            raise failure
        kept.until = time.monotonic() + IN_NEED
        return kept.workspace

    async def client(self, team: str) -> AsyncWebClient:
        """A client that acts as the bot in a workspace.

        Raises WorkspaceGoneError, and what `find` raises.
        """
        workspace = await self.find(team)
        if workspace is None:
            raise WorkspaceGoneError("the bot isn't installed in this Slack workspace any more")
        return self.make_client(workspace.bot_token.get_secret_value())

    async def url(self, team: str) -> str:
        """A workspace's address, such as `https://study.slack.com/`; Slack is asked for it once.

        Raises what `client` raises, and the library's errors.
        """
        if team not in self._urls:
            said = await (await self.client(team)).auth_test()
            self._urls[team] = str(said.get("url") or "")
        return self._urls[team]

    async def all_teams(self) -> list[str]:
        """The ids of all workspaces. Raises as `find` does."""
        await self.open()
        return await self._source.teams()

    async def forget(self, team: str) -> None:
        """A workspace has thrown the bot out: remove its tokens for good. Raises StoreError."""
        self.drop(team)
        await self.open()
        await self._source.remove(team)
        self.drop(team)  # what was being looked up meanwhile

    def drop(self, team: str) -> None:
        """Look a workspace up anew when it is needed next: it may have another token."""
        self._kept.pop(team, None)
        self._looking.pop(team, None)
        self._urls.pop(team, None)

    def make_client(self, token: str | None = None) -> AsyncWebClient:
        """A client whose connections end with this object."""
        if self._session is None or self._session.closed:
            self._session = make_session()
        return make_client(self._settings, token, self._session)

    def _look_up(self, team: str, enterprise: str | None) -> asyncio.Task[Found | None]:
        """What is being looked up already isn't looked up twice."""
        task = self._looking.get(team)
        if task is None:
            task = asyncio.create_task(self._opened_look_up(team, enterprise))
            task.add_done_callback(lambda done: self._looked_up(team, done))
            self._looking[team] = task
        return task

    async def _opened_look_up(self, team: str, enterprise: str | None) -> Found | None:
        await self.open()
        return await self._source.look_up(team, enterprise)

    def _looked_up(self, team: str, task: asyncio.Task[Found | None]) -> None:
        found = None if task.cancelled() or task.exception() else task.result()
        if self._looking.get(team) is not task:
            return  # the workspace was dropped meanwhile
        del self._looking[team]
        if found is not None:
            self._kept[team] = _Kept(found.workspace, time.monotonic() + found.seconds)
        elif not task.cancelled() and not task.exception():
            self._kept.pop(team, None)


class Authorizing(AsyncAuthorize):
    """Tells Bolt as whom it acts in a workspace, without asking Slack each time."""

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces

    async def __call__(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        **_more: Any,
    ) -> AuthorizeResult | None:
        """None where the bot isn't installed. Raises StoreError: then Slack sends it again."""
        workspace = await self._workspaces.find(team_id, enterprise_id) if team_id else None
        if workspace is None:
            return None
        return AuthorizeResult(
            enterprise_id=workspace.enterprise,
            team_id=workspace.team,
            bot_user_id=workspace.bot_user,
            bot_id=workspace.bot_id,
            bot_token=workspace.bot_token.get_secret_value(),
            bot_scopes=sorted(workspace.scopes),
            user_id=user_id,
        )


def _installations(settings: Settings, engine: Engine | None) -> Installations | None:
    if not serves_several(settings):
        return None
    if engine is None or settings.slack_client_id is None or settings.slack_encryption_key is None:
        raise SettingsError(
            "several Slack workspaces need a store, PRECIS_SLACK_CLIENT_ID and "
            "PRECIS_SLACK_ENCRYPTION_KEY; for one, set PRECIS_SLACK_BOT_TOKEN"
        )
    return Installations(
        settings.slack_client_id, engine, make_cipher(settings.slack_encryption_key)
    )
