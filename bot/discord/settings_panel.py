"""`/precis settings`: a panel for those who manage the server.

Its controls have fixed ids, so that one that was opened before a restart works after it. Who may
use it is checked at each click.
"""

import asyncio
from typing import TYPE_CHECKING, Any

import discord

from bot.discord.failures import Panel, failed
from bot.managing import (
    shown_thresholds,
    written_language,
    written_thresholds,
    written_window,
)
from bot.texts import Texts, texts_in
from precis.ask import ServerSettings
from precis.errors import PrecisError, StoreError
from precis.job import Style

if TYPE_CHECKING:
    from bot.discord.bot import PrecisBot

Click = discord.Interaction[Any]
SOON = 1.5
"""Seconds for what must be known before a form is shown, which may take three."""
MOST_WRITTEN = 1_500
"""Characters; enough for all thresholds that can be kept."""
MOST_ROLES = MOST_CHANNELS = 25  # a select menu's limit
READ_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.category,
]


class SettingsPanel(Panel):
    """Roles, channels, style; the rest is in a form behind a button."""

    def __init__(
        self,
        bot: "PrecisBot",
        settings: ServerSettings,
        texts: Texts,
        *,
        timeout: float | None = None,
    ) -> None:
        super().__init__(timeout=timeout)
        self._bot = bot
        roles: discord.ui.RoleSelect[Any] = discord.ui.RoleSelect(
            custom_id="precis:settings:roles",
            placeholder=f"{texts.settings_roles}: {texts.settings_everyone}",
            min_values=0,
            max_values=MOST_ROLES,
            default_values=[discord.Object(int(each)) for each in settings.roles],
        )
        channels: discord.ui.ChannelSelect[Any] = discord.ui.ChannelSelect(
            custom_id="precis:settings:never-read",
            placeholder=f"{texts.settings_never_read}: {texts.settings_none}",
            channel_types=READ_TYPES,
            min_values=0,
            max_values=MOST_CHANNELS,
            default_values=[discord.Object(int(each)) for each in settings.never_read],
        )
        moderators: discord.ui.ChannelSelect[Any] = discord.ui.ChannelSelect(
            custom_id="precis:settings:moderators",
            placeholder=f"{texts.settings_moderators}: {texts.settings_none}",
            channel_types=[discord.ChannelType.text],
            min_values=0,
            max_values=1,
            default_values=[discord.Object(int(settings.moderators_channel))]
            if settings.moderators_channel
            else [],
        )
        style: discord.ui.Select[Any] = discord.ui.Select(
            custom_id="precis:settings:style",
            placeholder=texts.settings_style,
            options=[
                discord.SelectOption(label=each.value, default=each is settings.style)
                for each in Style
            ],
        )
        limits: discord.ui.Button[Any] = discord.ui.Button(
            label=texts.settings_limits, custom_id="precis:settings:limits"
        )

        async def chose_roles(click: Click) -> None:
            await self._change(click, roles=[str(each.id) for each in roles.values])

        async def chose_channels(click: Click) -> None:
            await self._change(click, never_read=[str(each.id) for each in channels.values])

        async def chose_moderators(click: Click) -> None:
            chosen = str(moderators.values[0].id) if moderators.values else None
            await self._change(click, moderators_channel=chosen)

        async def chose_style(click: Click) -> None:
            await self._change(click, style=style.values[0])

        controls: tuple[tuple[discord.ui.Item[Any], Any], ...] = (
            (roles, chose_roles),
            (channels, chose_channels),
            (moderators, chose_moderators),
            (style, chose_style),
            (limits, self._open_form),
        )
        for control, callback in controls:
            control.callback = callback  # type: ignore[method-assign]
            self.add_item(control)

    async def interaction_check(self, click: Click, /) -> bool:
        if click.guild_id is not None and click.permissions.manage_guild:
            return True
        await click.response.send_message(texts_in("en").settings_only_managers, ephemeral=True)
        return False

    async def _change(self, click: Click, **changes: Any) -> None:
        await click.response.defer()
        said = await changed(self._bot, click, changes)
        await click.followup.send(said, ephemeral=True)

    async def _open_form(self, click: Click) -> None:
        try:  # a form can't follow an acknowledgement: it is one
            settings = await asyncio.wait_for(self._bot.managing.now(str(click.guild_id)), SOON)
        except (TimeoutError, StoreError):
            await click.response.send_message(texts_in("en").store_down, ephemeral=True)
            return
        await click.response.send_modal(
            LimitsForm(self._bot, settings, texts_in(settings.language))
        )


def still_there(settings: ServerSettings, guild: discord.Guild) -> ServerSettings:
    """Without roles and channels that are deleted: no menu can show them as chosen."""
    moderators = settings.moderators_channel
    return settings.model_copy(
        update={
            "roles": tuple(each for each in settings.roles if guild.get_role(int(each))),
            "never_read": tuple(c for c in settings.never_read if guild.get_channel(int(c))),
            "moderators_channel": moderators
            if moderators and guild.get_channel(int(moderators))
            else None,
        }
    )


class LimitsForm(discord.ui.Modal):
    """What is typed: the largest window, the gate's thresholds, the language."""

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
        await click.edit_original_response(content=await changed(self._bot, click, changes))


async def changed(bot: "PrecisBot", click: Click, changes: dict[str, Any]) -> str:
    """Keep a change; returns what to tell whoever made it."""
    texts = texts_in("en")
    try:
        settings = await bot.managing.change(str(click.guild_id), str(click.user.id), **changes)
        return texts_in(settings.language).settings_saved
    except PrecisError as error:
        return texts.failed.format(reason=error)
