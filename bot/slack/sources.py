"""Where workspaces come from: the settings, which hold the token of one, or who installed the bot.

Knows nothing of what is kept of them (`bot.slack.workspaces`).
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pydantic import SecretStr
from slack_sdk.errors import SlackApiError, SlackTokenRotationError
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from bot.offloading import Offloading
from bot.slack.api import NETWORK, code_of, granted
from bot.slack.installations import Installations
from bot.slack.refused import not_a_bot, refused_bot, unreachable
from precis.errors import StoreError
from precis.settings import Settings

logger = logging.getLogger(__name__)

KEPT = 300.0
"""Seconds that a workspace is taken to be as it was."""
KEPT_IN_NEED = 20.0
"""The same, while its token is running out and can't be renewed."""
RENEW_BEFORE = 120
"""Minutes before a token runs out; it lasts for 12 hours."""
MakeClient = Callable[[str | None], AsyncWebClient]


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace that the bot is in."""

    team: str
    enterprise: str | None
    bot_user: str
    bot_id: str
    bot_token: SecretStr
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Found:
    workspace: Workspace
    seconds: float
    """That it may be kept."""


class Source(Protocol):
    async def open(self) -> None:
        """Once, before all else. Raises BotError, StoreError."""

    async def look_up(self, team: str, enterprise: str | None) -> Found | None:
        """Raises StoreError."""

    async def teams(self) -> list[str]:
        """Raises StoreError."""

    async def remove(self, team: str) -> None:
        """Raises StoreError."""


class TheOne:
    """The workspace that the settings hold a token of."""

    def __init__(self, settings: Settings, make_client: MakeClient) -> None:
        self._token = settings.slack_bot_token or SecretStr("")
        self._make_client = make_client
        self._workspace: Workspace | None = None

    async def open(self) -> None:
        """Ask Slack which workspace it is, and who the bot is there."""
        try:
            said = await self._make_client(self._token.get_secret_value()).auth_test()
        except SlackApiError as error:
            raise refused_bot(error) from None
        except NETWORK as error:
            raise unreachable(error) from None
        if not said.get("bot_id"):
            raise not_a_bot()
        self._workspace = Workspace(
            team=str(said["team_id"]),
            enterprise=said.get("enterprise_id"),
            bot_user=str(said["user_id"]),
            bot_id=str(said["bot_id"]),
            bot_token=self._token,
            scopes=granted(said),
        )

    async def look_up(self, team: str, _enterprise: str | None) -> Found | None:
        this = self._workspace
        return Found(this, KEPT) if this is not None and this.team == team else None

    async def teams(self) -> list[str]:
        return [self._workspace.team] if self._workspace else []

    async def remove(self, team: str) -> None:
        """Its token is no good any more, and another one means another start."""
        if self._workspace is not None and self._workspace.team == team:
            self._workspace = None


class Installed:
    """The workspaces that installed the bot; what runs out of their tokens is renewed."""

    def __init__(
        self,
        settings: Settings,
        make_client: MakeClient,
        blocking: Offloading,
        installations: Installations,
    ) -> None:
        self._settings = settings
        self._make_client = make_client
        self._blocking = blocking
        self._installations = installations
        self._unstored: dict[str, tuple[Bot, Bot]] = {}
        """By workspace, what was renewed while the store was away: the old token is used up."""
        self._enterprises: dict[str, str] = {}

    async def open(self) -> None:
        await self._blocking(self._installations.prepare)

    async def look_up(self, team: str, enterprise: str | None) -> Found | None:
        if enterprise is not None:
            self._enterprises[team] = enterprise
        bot = await self._latest(team)
        if bot is None:
            return None
        if _runs_out(bot):
            bot = await self._renewed(team, bot)
        workspace = Workspace(
            team=team,
            enterprise=bot.enterprise_id,
            bot_user=bot.bot_user_id,
            bot_id=bot.bot_id,
            bot_token=SecretStr(bot.bot_token),
            scopes=frozenset(bot.bot_scopes),
        )
        return Found(workspace, KEPT_IN_NEED if _runs_out(bot) else KEPT)

    async def teams(self) -> list[str]:
        return await self._blocking(self._installations.teams)

    async def remove(self, team: str) -> None:
        self._unstored.pop(team, None)
        await self._blocking(self._installations.remove, team)

    async def _latest(self, team: str) -> Bot | None:
        if team in self._unstored:
            old, new = self._unstored[team]
            await self._store(team, old, new)
            return new
        return await self._blocking(self._installations.latest, team, self._enterprises.get(team))

    async def _renewed(self, team: str, bot: Bot) -> Bot:
        """`bot` with new tokens; as it is where there are none to be had just now."""
        secret = self._settings.slack_client_secret
        rotator = AsyncTokenRotator(
            client_id=self._settings.slack_client_id or "",
            client_secret=secret.get_secret_value() if secret else "",
            client=self._make_client(None),
        )
        try:
            new = await rotator.perform_bot_token_rotation(
                bot=bot, minutes_before_expiration=RENEW_BEFORE
            )
        except SlackTokenRotationError as error:
            # A refresh token is good for one time, and another process may have been quicker.
            quicker = await self._latest(team)
            if quicker is not None and quicker.bot_token != bot.bot_token:
                return quicker
            code = code_of(error.api_error)
            logger.warning("workspace %s: Slack doesn't renew the token (%s)", team, code)
            return bot
        except NETWORK as error:
            logger.warning("workspace %s: no new token (%s)", team, type(error).__name__)
            return bot
        if new is None:
            return bot
        await self._store(team, bot, new)
        return new

    async def _store(self, team: str, old: Bot, new: Bot) -> None:
        self._unstored[team] = old, new
        try:
            await self._blocking(self._installations.renew, old, new)
        except StoreError as error:
            logger.warning("workspace %s: its new token is stored later: %s", team, error)
        else:
            self._unstored.pop(team, None)


def _runs_out(bot: Bot) -> bool:
    end = bot.bot_token_expires_at
    return end is not None and end <= time.time() + RENEW_BEFORE * 60
