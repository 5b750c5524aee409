"""The cog of `/precis settings` and `/precis privacy`."""

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord.failures import tell
from bot.discord.languages import phrase, texts_for
from bot.discord.privacy_panel import show_privacy
from bot.discord.settings_panel import panel
from bot.refusals import told
from precis.errors import PrecisError

if TYPE_CHECKING:
    from bot.discord.bot import PrecisBot


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

    @app_commands.command(description=phrase("command_privacy"))
    async def privacy(self, interaction: discord.Interaction[Any]) -> None:
        await show_privacy(self._bot, interaction)
