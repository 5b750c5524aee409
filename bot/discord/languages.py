"""Which language people are spoken to in: their server's, and in direct messages their own.

Commands and menus are named in the language of each person's client, which Discord chooses of those
that `CatalogueTranslator` gives it.
"""

from functools import cache
from typing import TYPE_CHECKING, Any, cast

import discord
from discord import app_commands

from bot.texts import CATALOGUE, ENGLISH, Texts, texts_in

if TYPE_CHECKING:
    from bot.discord.bot import PrecisBot


async def texts_for(interaction: discord.Interaction[Any]) -> Texts:
    """What whoever used a command, a button or a form is to be told in; takes 1.5 s at most."""
    if interaction.guild_id is None:
        return texts_in(_language(interaction.locale))
    context = cast("PrecisBot", interaction.client).context
    return await context.texts_soon(str(interaction.guild_id))


def phrase(name: str) -> app_commands.locale_str:
    """A text of the catalogue, for where Discord chooses the language."""
    return app_commands.locale_str(getattr(ENGLISH, name), text=name)


def moderation_phrase(name: str) -> app_commands.locale_str:
    """The same, of what moderators are told."""
    return app_commands.locale_str(getattr(ENGLISH.moderation, name), moderation=name)


def digest_phrase(name: str) -> app_commands.locale_str:
    """The same, of digests."""
    return app_commands.locale_str(getattr(ENGLISH.digests, name), digests=name)


class CatalogueTranslator(app_commands.Translator):
    """Translates what `phrase` made; what else there is has the same name in all languages."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        texts = CATALOGUE.get(_language(locale), ENGLISH)
        if texts is ENGLISH:
            return None
        if name := string.extras.get("moderation"):
            return str(getattr(texts.moderation, name))
        if name := string.extras.get("digests"):
            return str(getattr(texts.digests, name))
        name = string.extras.get("text")
        return None if name is None else str(getattr(texts, name))


@cache
def _language(locale: discord.Locale) -> str:
    """`de`, `en` of `en-GB`. A start asks for every text of the commands in each of them."""
    return locale.value.partition("-")[0]
