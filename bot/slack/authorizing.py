"""Tells Bolt as whom it acts, always in time: all is to be acknowledged, whatever else is down."""

import logging
from typing import Any

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize

from bot.slack.workspaces import Workspaces
from precis.errors import StoreError

logger = logging.getLogger(__name__)


class Authorized(AsyncAuthorize):
    """As `Workspaces.authorize`; as nobody where the store doesn't answer.

    Listeners act by `Workspaces.client` themselves, after they have acknowledged.
    """

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces

    async def __call__(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        **more: Any,
    ) -> AuthorizeResult | None:
        try:
            return await self._workspaces.authorize(
                enterprise_id=enterprise_id, team_id=team_id, user_id=user_id, **more
            )
        except StoreError as error:
            logger.warning("a workspace isn't known just now: %s", error)
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, user_id=user_id)
