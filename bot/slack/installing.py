"""How a workspace's people install the bot: Slack's OAuth, between Bolt and the store."""

import logging
from typing import Any
from urllib.parse import urljoin

from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot.offloading import Offloading
from bot.slack.installations import STATE_SECONDS, Installations, States
from bot.slack.scopes import SCOPES
from bot.slack.workspaces import Workspaces
from precis.settings import Settings

logger = logging.getLogger(__name__)
_quiet = logging.getLogger("slack_bolt.oauth")

INSTALL = "/slack/install"
REDIRECT = "/slack/oauth_redirect"


def make_flow(
    settings: Settings,
    workspaces: Workspaces,
    installations: Installations,
    blocking: Offloading,
) -> AsyncOAuthFlow:
    """Bolt's, on the store. Only where there is an event loop."""
    secret = settings.slack_client_secret
    return AsyncOAuthFlow(
        client=workspaces.make_client(),
        logger=_quiet,
        settings=AsyncOAuthSettings(
            client_id=settings.slack_client_id,
            client_secret=secret.get_secret_value() if secret else None,
            scopes=SCOPES,
            user_scopes=(),
            redirect_uri=f"{settings.slack_public_url}{REDIRECT}",
            install_path=INSTALL,
            redirect_uri_path=REDIRECT,
            authorization_url=urljoin(settings.slack_api, "/oauth/v2/authorize"),
            installation_store=_Installing(workspaces, installations, blocking),
            installation_store_bot_only=True,
            state_store=_Asked(installations.states, blocking),
            state_expiration_seconds=STATE_SECONDS,
            logger=_quiet,
        ),
    )


class _Installing(AsyncInstallationStore):
    def __init__(
        self, workspaces: Workspaces, installations: Installations, blocking: Offloading
    ) -> None:
        self._workspaces = workspaces
        self._installations = installations
        self._blocking = blocking

    async def async_save(self, installation: Installation) -> None:
        """Raises StoreError."""
        await self._blocking(self._installations.save, installation)
        if installation.team_id is not None:
            self._workspaces.drop(installation.team_id)
        logger.info("installed in %s", installation.team_id or installation.enterprise_id)


class _Asked(AsyncOAuthStateStore):
    def __init__(self, states: States, blocking: Offloading) -> None:
        self._states = states
        self._blocking = blocking

    async def async_issue(self, *_args: Any, **_kwargs: Any) -> str:
        """Raises StoreError."""
        return await self._blocking(self._states.issue)

    async def async_consume(self, state: str) -> bool:
        """Raises StoreError."""
        return await self._blocking(self._states.consume, state)
