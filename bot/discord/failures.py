"""What whoever used a command, a button or a form is told where a bug is in the way.

The log says where it is and nothing of what anybody wrote.
"""

import logging
from typing import Any

import aiohttp
import discord

from bot.discord.languages import texts_for
from precis.places import where

TAKEN = 40060
"""Discord's code for an interaction that was acknowledged already: by another bot."""

UNHEARD = (discord.HTTPException, aiohttp.ClientError, OSError)
"""What is raised where a line reaches nobody: refused, or lost on its way."""

logger = logging.getLogger(__name__)


async def failed(interaction: discord.Interaction[Any], error: Exception) -> None:
    """Log it, and say so."""
    if getattr(error.__cause__ or error, "code", None) == TAKEN:
        logger.info("another bot took an interaction")
        return
    logger.error("an interaction failed: %s", where(error))
    await tell(interaction, (await texts_for(interaction)).broken)


async def tell(interaction: discord.Interaction[Any], text: str) -> None:
    """Say a line to whoever used it, alone; the log says where that couldn't be done."""
    nobody = discord.AllowedMentions.none()
    try:
        if interaction.response.is_done():
            await interaction.followup.send(text, ephemeral=True, allowed_mentions=nobody)
        else:
            await interaction.response.send_message(text, ephemeral=True, allowed_mentions=nobody)
    except UNHEARD as failure:
        logger.warning("a line was not shown: %s", where(failure))


class Panel(discord.ui.View):
    """A view whose bugs are told as they should be.

    Its items have ids of their own: one view, added to the bot, serves the clicks on all messages
    that a restart or time has made it forget.
    """

    SHOWN = 900.0
    """Seconds that a message's own view is remembered."""

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, item: Any, /
    ) -> None:
        await failed(interaction, error)
