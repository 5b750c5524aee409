"""`/precis privacy`: what is stored of me, out, in, delete; about whoever clicks."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

import discord

from bot.discord.failures import Panel, tell
from bot.discord.languages import texts_for
from bot.refusals import told
from bot.texts import Texts
from precis.errors import PrecisError

if TYPE_CHECKING:
    from bot.discord.bot import PrecisBot

Click = discord.Interaction[Any]


class PrivacyPanel(Panel):
    """Its buttons have fixed ids, so that one from before a restart works after it."""

    def __init__(self, bot: "PrecisBot", texts: Texts, *, opted_out: bool | None = None) -> None:
        """`opted_out` None: every button for ever, for whatever panel a click comes from."""
        super().__init__(timeout=None if opted_out is None else Panel.SHOWN)
        self._bot = bot
        privacy = bot.privacy
        buttons: list[tuple[str, str, Callable[[str, Texts], Awaitable[str]]]] = []
        if opted_out is not True:
            buttons.append(("out", texts.privacy_opt_out, privacy.opt_out))
        if opted_out is not False:
            buttons.append(("in", texts.privacy_opt_in, privacy.opt_in))
        buttons.append(("delete", texts.privacy_delete, privacy.delete))
        for key, label, act in buttons:
            style = discord.ButtonStyle.danger if key != "in" else discord.ButtonStyle.primary
            button: discord.ui.Button[Any] = discord.ui.Button(
                label=label, style=style, custom_id=f"precis:privacy:{key}"
            )
            button.callback = self._acting(act)  # type: ignore[assignment, method-assign]
            self.add_item(button)

    def _acting(
        self, act: Callable[[str, Texts], Awaitable[str]]
    ) -> Callable[[Click], Coroutine[Any, Any, None]]:
        async def clicked(click: Click) -> None:
            await click.response.defer()
            person, texts = str(click.user.id), await texts_for(click)
            try:
                done = await act(person, texts)
                text, panel = await privacy_panel(self._bot, person, texts)
            except PrecisError as error:
                await tell(click, told(error, texts))
                return
            await click.edit_original_response(content=f"{done}\n\n{text}", view=panel)

        return clicked


async def privacy_panel(bot: "PrecisBot", person: str, texts: Texts) -> tuple[str, PrivacyPanel]:
    """What is stored of a person in words, and the buttons that fit. Raises StoreError."""
    stored = await bot.privacy.stored(person)
    text = f"**{texts.privacy_title}**\n{await bot.privacy.told(person, texts)}"
    return text, PrivacyPanel(bot, texts, opted_out=stored.opted_out)


async def show_privacy(bot: "PrecisBot", interaction: Click) -> None:
    """Answer a command with the panel, seen by whoever asked alone."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    texts = await texts_for(interaction)
    try:
        text, panel = await privacy_panel(bot, str(interaction.user.id), texts)
    except PrecisError as error:
        await interaction.edit_original_response(content=told(error, texts))
        return
    await interaction.edit_original_response(content=text, view=panel)
