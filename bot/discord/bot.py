"""The Discord client: what it connects with, which cogs it has, and what ends with it.

Knows nothing of how it is started (`bot.discord.running`).
"""

import asyncio
import logging
import sys
from collections.abc import Collection
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.context import JobSender
from bot.discord.acknowledgements import observe_acknowledgement
from bot.discord.buttons import AnswerButton
from bot.discord.card_clicks import CardClicks
from bot.discord.card_rendering import CaseButton
from bot.discord.clicks import Clicks
from bot.discord.deletions import Deletions
from bot.discord.desk import DiscordDesk
from bot.discord.digest_buttons import ITEMS as DIGEST_ITEMS
from bot.discord.digest_commands import DigestCommands
from bot.discord.digest_list import DigestListing
from bot.discord.digest_poster import DiscordPoster
from bot.discord.failures import failed
from bot.discord.hearing import Hearing
from bot.discord.languages import CatalogueTranslator
from bot.discord.limits_form import PreviewPanel
from bot.discord.moderation_panel import ModerationPanel
from bot.discord.platform import NAME, DiscordPlatform
from bot.discord.precis_commands import PrecisCommands
from bot.discord.privacy_panel import PrivacyPanel
from bot.discord.review_list import OpenButton, ReviewButton, open_card, show_page
from bot.discord.settings_panel import SettingsPanel
from bot.discord.summaries import Summaries
from bot.frontend import Frontend
from bot.moderation.desk import Action
from bot.platform_calls import counting
from bot.responsiveness import spare_what_stays
from bot.texts import ENGLISH
from precis.ask import AskRequest, ServerSettings
from precis.places import where
from precis.settings import Settings
from precis.store import Store

logger = logging.getLogger(__name__)


def intents() -> discord.Intents:
    """Servers, what is written, edited and deleted there, and the content of that: else there is
    nothing to read.

    Not members, presences or direct messages: nothing here needs them.
    """
    wanted = discord.Intents.none()
    wanted.guilds = True
    wanted.guild_messages = True
    wanted.message_content = True
    return wanted


class PrecisBot(commands.AutoShardedBot):
    """Précis on Discord."""

    def __init__(
        self, settings: Settings, store: Store, sender: JobSender, *, serves: bool = True
    ) -> None:
        """`serves`: hears commands and messages; else it only acts."""
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=intents(),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            http_trace=counting(NAME, observe_acknowledgement),
        )
        self._serves = serves
        self.platform = DiscordPlatform(self)
        desk = DiscordDesk(self, self.platform)
        poster = DiscordPoster(self, self.platform)
        self.frontend = Frontend(
            self.platform,
            settings,
            store,
            sender,
            _interactions_in_hand,
            desk=desk,
            poster=poster,
        )
        self.context = self.frontend.context
        self.managing = self.frontend.managing
        self.privacy = self.frontend.privacy
        moderation = self.frontend.moderation
        self._clicks = Clicks(self.context, self.platform, self.frontend.clicking, moderation)
        self.card_clicks = CardClicks(self.context, moderation)
        self.digest_list = DigestListing(self)
        self.connected = asyncio.Event()
        """Set once there is a connection, whatever becomes of it."""
        self._was_ready = False
        self.asked_to_stop = asyncio.Event()
        """Set by whoever ends the bot: a signal, a test."""
        self.tree.error(self._command_failed)

    async def setup_hook(self) -> None:
        if not self._serves:
            return
        for cog in (
            Summaries(self),
            PrecisCommands(self),
            DigestCommands(self),
            Deletions(self),
            Hearing(self),
        ):
            await self.add_cog(cog)
        self.add_dynamic_items(AnswerButton, CaseButton, ReviewButton, OpenButton, *DIGEST_ITEMS)
        self.add_view(SettingsPanel(self, ServerSettings(), ENGLISH))
        self.add_view(ModerationPanel(self, ServerSettings(), ENGLISH))
        self.add_view(PreviewPanel(self, None, ENGLISH))
        self.add_view(PrivacyPanel(self, ENGLISH))
        await self.tree.set_translator(CatalogueTranslator())
        await self.tree.sync()

    async def on_connect(self) -> None:
        """What was left is taken up; servers that aren't known yet are waited for."""
        self.connected.set()
        if self._serves:
            self.frontend.start()

    async def on_ready(self) -> None:
        logger.info("connected to %d servers", len(self.guilds))
        if not self._was_ready:  # what a later connection replaces is to be freed
            self._was_ready = True
            spare_what_stays()

    async def is_connected(self) -> bool:
        """Whether every shard's connection to the gateway is open."""
        return (
            not self.is_closed()
            and bool(self.shards)
            and not any(shard.is_closed() for shard in self.shards.values())
        )

    async def on_message(self, message: discord.Message, /) -> None:
        """Nothing: there are no commands by message. What is written is heard by a cog."""

    def ask(self, request: AskRequest, roles: Collection[str], *, manager: bool) -> None:
        """Go to work for somebody whose command was acknowledged."""
        self.frontend.ask(request, roles, manager=manager)

    async def clicked(
        self, interaction: discord.Interaction[Any], action: str, ask_id: str
    ) -> None:
        await self._clicks.act(interaction, action, ask_id)

    async def clicked_card(
        self, interaction: discord.Interaction[Any], action: Action, card_id: str, seen: int
    ) -> None:
        await self.card_clicks.act(interaction, action, card_id, seen)

    async def clicked_review(
        self, interaction: discord.Interaction[Any], order: str, place: str | None, page: int
    ) -> None:
        await show_page(self, interaction, order, place, page)

    async def clicked_open(self, interaction: discord.Interaction[Any], card_id: str) -> None:
        await open_card(self, interaction, card_id)

    async def on_error(self, event_method: str, /, *_args: Any, **_kwargs: Any) -> None:
        """As the library's own, but without what anybody wrote."""
        error = sys.exception()
        logger.error("%s failed: %s", event_method, where(error) if error else "?")

    async def close(self) -> None:
        """Leave what is in hand to the next bot, tell who waits, and disconnect."""
        await self.frontend.close()
        await super().close()
        self.context.blocking.close()  # last: cogs put down what they have in hand

    async def _command_failed(
        self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError
    ) -> None:
        await failed(interaction, error)


def _interactions_in_hand() -> set[asyncio.Task[Any]]:
    """The tasks in which discord.py runs commands, buttons, menus and forms."""
    names = ("CommandTree-invoker", "discord-ui-")
    return {task for task in asyncio.all_tasks() if task.get_name().startswith(names)}
