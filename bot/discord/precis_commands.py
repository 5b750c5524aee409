"""The cog of `/precis settings`, `/precis review` and `/precis privacy`."""

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord.card_clicks import acknowledged
from bot.discord.failures import tell
from bot.discord.languages import moderation_phrase, phrase, texts_for
from bot.discord.privacy_panel import show_privacy
from bot.discord.review_list import show_page
from bot.discord.settings_panel import panel
from bot.refusals import told
from precis.errors import PrecisError

if TYPE_CHECKING:
    from bot.discord.bot import PrecisBot

ORDERS = [
    app_commands.Choice(name=moderation_phrase(f"order_{each}"), value=each)
    for each in ("oldest", "severity", "channel")
]


class PrecisCommands(
    commands.GroupCog, group_name="precis", group_description=phrase("command_group")
):
    """About Précis itself."""

    def __init__(self, bot: "PrecisBot") -> None:
        self._bot = bot

    @app_commands.command(description=phrase("command_settings"))
    @app_commands.guild_only()
    async def settings(self, interaction: discord.Interaction[Any]) -> None:
        guild = interaction.guild
        if guild is None or not interaction.permissions.manage_guild:
            await tell(interaction, (await texts_for(interaction)).settings_only_managers)
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        try:
            settings, damaged = await self._bot.managing.found(str(guild.id))
        except PrecisError as error:
            said = told(error, await texts_for(interaction))
            await interaction.edit_original_response(content=said)
            return
        shown = panel(self._bot, settings, guild, damaged=damaged)
        await interaction.edit_original_response(**shown)

    @app_commands.command(description=moderation_phrase("review_command"))
    @app_commands.describe(
        order=moderation_phrase("review_order"), channel=moderation_phrase("review_channel")
    )
    @app_commands.choices(order=ORDERS)
    @app_commands.guild_only()
    async def review(
        self,
        interaction: discord.Interaction[Any],
        order: app_commands.Choice[str] | None = None,
        channel: app_commands.AppCommandChannel | app_commands.AppCommandThread | None = None,
    ) -> None:
        """Of one channel for who moderates that one alone."""
        if await acknowledged(interaction, thinking=True):
            place = str(channel.id) if channel else None
            await show_page(self._bot, interaction, order.value if order else "oldest", place, 1)

    @app_commands.command(description=phrase("command_privacy"))
    async def privacy(self, interaction: discord.Interaction[Any]) -> None:
        await show_privacy(self._bot, interaction)
