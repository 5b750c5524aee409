"""The cog of `/precis settings` and `/precis privacy`."""

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord.failures import Panel
from bot.discord.privacy_panel import show_privacy
from bot.discord.settings_panel import SettingsPanel, still_there
from bot.texts import texts_in
from precis.errors import PrecisError

if TYPE_CHECKING:
    from bot.discord.bot import PrecisBot


class PrecisCommands(commands.GroupCog, group_name="precis", group_description="Précis"):
    """About Précis itself."""

    def __init__(self, bot: "PrecisBot") -> None:
        self._bot = bot

    @app_commands.command(description="Who may ask, what is never read, and how (Manage Server)")
    @app_commands.guild_only()
    async def settings(self, interaction: discord.Interaction[Any]) -> None:
        texts = texts_in("en")
        guild = interaction.guild
        if guild is None or not interaction.permissions.manage_guild:
            await interaction.response.send_message(texts.settings_only_managers, ephemeral=True)
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        try:
            settings = await self._bot.managing.now(str(guild.id))
        except PrecisError as error:
            await interaction.edit_original_response(content=texts.failed.format(reason=error))
            return
        texts = texts_in(settings.language)
        await interaction.edit_original_response(
            content=f"**{texts.settings_title}**",
            view=SettingsPanel(self._bot, still_there(settings, guild), texts, timeout=Panel.SHOWN),
        )

    @app_commands.command(description="What Précis stores of you; opt out, opt in, delete")
    async def privacy(self, interaction: discord.Interaction[Any]) -> None:
        await show_privacy(self._bot, interaction)
