"""The form behind the settings panel's button: what is typed. And how any change is kept."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import discord

from bot.discord.failures import UNHEARD, Panel, failed
from bot.discord.languages import texts_for
from bot.managing import (
    Depending,
    shown_thresholds,
    written_language,
    written_thresholds,
    written_window,
)
from bot.moderation.desk import Who
from bot.refusals import told
from bot.texts import Texts, texts_in
from precis.ask import ServerSettings
from precis.errors import DamagedError, PrecisError

if TYPE_CHECKING:
    from bot.discord.bot import PrecisBot

Click = discord.Interaction[Any]
MOST_WRITTEN = 1_500
"""Characters; enough for all thresholds that can be kept."""


class LimitsForm(discord.ui.Modal):
    """The largest window, the gate's thresholds, the language."""

    def __init__(self, bot: "PrecisBot", settings: ServerSettings, texts: Texts) -> None:
        super().__init__(title=texts.settings_title, timeout=Panel.SHOWN)
        self._bot = bot
        self._texts = texts
        self._window: discord.ui.TextInput[Any] = discord.ui.TextInput(
            label=texts.settings_window, default=str(settings.largest_window), max_length=6
        )
        self._thresholds: discord.ui.TextInput[Any] = discord.ui.TextInput(
            label=texts.settings_thresholds,
            default=shown_thresholds(settings),
            placeholder=texts.settings_thresholds_hint,
            required=False,
            max_length=MOST_WRITTEN,
        )
        self._language: discord.ui.TextInput[Any] = discord.ui.TextInput(
            label=texts.settings_language, default=settings.language, max_length=2
        )
        for field in (self._window, self._thresholds, self._language):
            self.add_item(field)

    async def on_error(self, click: Click, error: Exception, /) -> None:  # type: ignore[override]
        await failed(click, error)

    async def on_submit(self, click: Click, /) -> None:
        await click.response.defer(ephemeral=True, thinking=True)
        if click.guild_id is None or not click.permissions.manage_guild:
            await click.edit_original_response(content=self._texts.settings_only_managers)
            return
        try:
            changes = {
                "largest_window": written_window(self._window.value, self._texts),
                "thresholds": written_thresholds(self._thresholds.value, self._texts),
                "language": written_language(self._language.value, self._texts),
            }
        except PrecisError as error:
            await click.edit_original_response(content=str(error))
            return
        await save_or_preview(self._bot, click, changes, self._texts)


async def save_or_preview(
    bot: "PrecisBot",
    click: Click,
    changes: dict[str, Any],
    texts: Texts,
    depending: Depending | None = None,
) -> None:
    """Save; but of other thresholds, tell first what they would have flagged."""
    server = str(click.guild_id)
    try:
        now = await bot.managing.now(server)
        then = {**changes, **(depending(now) if depending else {})}
        own = ("thresholds", "channel_thresholds")
        if all(then.get(name, getattr(now, name)) == getattr(now, name) for name in own):
            said, _ = await changed(bot, click, changes, texts, depending)
            await click.edit_original_response(content=said)
            return
        previewed = await bot.frontend.moderation.preview(server, then)
    except DamagedError:
        await click.edit_original_response(content=texts.settings_damaged)
        return
    except PrecisError as error:
        await click.edit_original_response(content=told(error, texts))
        return
    panel = PreviewPanel(bot, changes, texts, depending)
    await click.edit_original_response(content=previewed.text, view=panel)


class PreviewPanel(Panel):
    """What thresholds would have flagged, and the button that saves them."""

    def __init__(
        self,
        bot: "PrecisBot",
        changes: dict[str, Any] | None,
        texts: Texts,
        depending: Depending | None = None,
    ) -> None:
        """`changes` None: for clicks on one from before a restart, which are no longer known."""
        super().__init__(timeout=None if changes is None else Panel.SHOWN)
        self._bot = bot
        self._changes = changes
        self._depending = depending
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=texts.moderation.preview_save,
            style=discord.ButtonStyle.primary,
            custom_id="precis:preview:save",
        )
        button.callback = self._save  # type: ignore[assignment, method-assign]
        self.add_item(button)

    async def _save(self, click: Click) -> None:
        await click.response.defer()
        texts = await texts_for(click)
        if click.guild_id is None or not click.permissions.manage_guild:
            said = texts.settings_only_managers
        elif self._changes is None:
            said = texts.moderation.preview_gone
        else:
            said, _ = await changed(self._bot, click, self._changes, texts, self._depending)
        with suppress(*UNHEARD):  # it is kept, whatever is shown of it
            await click.edit_original_response(content=said, view=None)


async def changed(
    bot: "PrecisBot",
    click: Click,
    changes: dict[str, Any],
    texts: Texts,
    depending: Depending | None = None,
) -> tuple[str, ServerSettings | None]:
    """Keep a change; what to tell whoever made it, and the settings if they are kept."""
    server, person = str(click.guild_id), str(click.user.id)
    try:
        before = await bot.managing.now(server)
        settings = await bot.managing.change(server, person, depending, **changes)
        await bot.frontend.moderation.settings_changed(Who(server, person), before, settings)
    except DamagedError:
        return texts.settings_damaged, None
    except PrecisError as error:
        return told(error, texts), None
    return texts_in(settings.language).settings_saved, settings
