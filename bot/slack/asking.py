"""Hands on what somebody asked, once it was acknowledged: whose settings apply, and who manages."""

import asyncio
import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.platform import PlatformDownError, UnreachableError
from bot.refusals import told
from bot.slack.callers import Caller
from bot.slack.outages import outages
from precis.ask import Wanted
from precis.errors import PrecisError, StoreError
from precis.places import where

if TYPE_CHECKING:
    from bot.slack.app import SlackBot

logger = logging.getLogger(__name__)


class Asks:
    """From a command, a shortcut or a mention to `bot.asking`."""

    def __init__(self, bot: "SlackBot") -> None:
        self._bot = bot

    def begin(
        self,
        caller: Caller,
        source: str,
        wanted: Wanted,
        *,
        private: bool,
        host: str | None = None,
    ) -> None:
        """Go to work. Returns at once; `host` is of the link that names the source, if one does."""
        asked = self._asked(caller, source, wanted, private=private, host=host)
        self._bot.frontend.work.begin(asked)

    async def _asked(
        self, caller: Caller, source: str, wanted: Wanted, *, private: bool, host: str | None
    ) -> None:
        bot, manager = self._bot, False
        looking = asyncio.create_task(self._look(caller, host))
        try:
            manager, refused = await asyncio.shield(looking)
        except asyncio.CancelledError:  # the bot stops; the ask is taken, for the next one
            manager, refused = await looking
        if refused:
            bot.say(caller, refused)
            return
        request = caller.request(source, wanted, private=private)
        await bot.frontend.asking.ask(request, caller.people, manager=manager)

    async def _look(self, caller: Caller, host: str | None) -> tuple[bool, str | None]:
        """Whether they manage the workspace, where that matters; and why not to go on."""
        bot = self._bot
        try:
            with outages():
                settings = await bot.frontend.context.server_settings(caller.team)
                if host is not None and not await self._leads_here(caller.team, host):
                    return False, bot.texts_at_hand(caller.team).slack.other_workspace
                if settings.roles and not set(caller.people) & set(settings.roles):
                    return await bot.is_admin(caller), None
        except (StoreError, PlatformDownError) as error:
            logger.warning("who asks isn't known: %s", str(error) or where(error))
            return False, told(error, bot.texts_at_hand(caller.team))
        except (PrecisError, UnreachableError) as error:  # whatever it is, it will be met again
            logger.warning("who asks isn't known: %s", where(error))
        return False, None

    async def _leads_here(self, team: str, host: str) -> bool:
        return urlsplit(await self._bot.workspaces.url(team)).hostname == host
