"""`/precis settings`: a panel for those who manage the server.

Its controls have fixed ids, so that one that was opened before a restart works after it. Who may
use it is checked at each click.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import discord

from bot.context import SOON
from bot.discord.failures import UNHEARD, Panel, tell
from bot.discord.gone import Gone
from bot.discord.languages import texts_for
from bot.discord.limits_form import LimitsForm, changed
from bot.discord.moderation_panel import moderation_panel
from bot.managing import Depending
from bot.texts import Texts, texts_in
from precis.ask import ServerSettings
from precis.errors import StoreError
from precis.job import Style

if TYPE_CHECKING:
    from bot.discord.bot import PrecisBot

Click = discord.Interaction[Any]
MOST_ROLES = MOST_CHANNELS = 25  # a select menu's limit
READ_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    discord.ChannelType.media,
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
        gone: Gone | None = None,
        timeout: float | None = None,
    ) -> None:
        """`gone` None: every control there is, for whatever panel a click comes from."""
        super().__init__(timeout=timeout)
        self._bot = bot
        missing = gone or Gone()
        self._add_roles(settings, missing, texts)
        self._add_channels(settings, missing, texts)
        self._add_style(settings, texts)
        self._add_button("limits", texts.settings_limits, self._open_form)
        self._add_button("moderation", texts.moderation.settings_moderation, self._open_moderation)
        if gone is None or gone.roles:
            self._add_button("everyone", texts.settings_let_everyone, self._let_everyone)
        if gone is None or gone.channels:
            self._add_button("forget", texts.settings_forget_gone, self._forget_gone)

    def _add_roles(self, settings: ServerSettings, gone: Gone, texts: Texts) -> None:
        nothing = texts.settings_nobody if settings.roles else texts.settings_everyone
        menu: discord.ui.RoleSelect[Any] = discord.ui.RoleSelect(
            custom_id="precis:settings:roles",
            placeholder=f"{texts.settings_roles}: {nothing}",
            min_values=0,
            max_values=MOST_ROLES,
            default_values=_objects(each for each in settings.roles if each not in gone.roles),
        )

        async def chose(click: Click) -> None:
            await self._change(click, roles=[str(each.id) for each in menu.values])

        self._add(menu, chose)

    def _add_channels(self, settings: ServerSettings, gone: Gone, texts: Texts) -> None:
        never: discord.ui.ChannelSelect[Any] = discord.ui.ChannelSelect(
            custom_id="precis:settings:never-read",
            placeholder=f"{texts.settings_never_read}: {texts.settings_none}",
            channel_types=READ_TYPES,
            min_values=0,
            max_values=MOST_CHANNELS,
            default_values=_objects(c for c in settings.never_read if c not in gone.channels),
        )
        chosen = [settings.moderators_channel] if settings.moderators_channel else []
        moderators: discord.ui.ChannelSelect[Any] = discord.ui.ChannelSelect(
            custom_id="precis:settings:moderators",
            placeholder=f"{texts.settings_moderators}: {texts.settings_none}",
            channel_types=[discord.ChannelType.text],
            min_values=0,
            max_values=1,
            default_values=_objects(each for each in chosen if each not in gone.channels),
        )

        async def chose_never(click: Click) -> None:
            await self._change(click, never_read=[str(each.id) for each in never.values])

        async def chose_moderators(click: Click) -> None:
            chosen = str(moderators.values[0].id) if moderators.values else None
            await self._change(click, moderators_channel=chosen)

        self._add(never, chose_never)
        self._add(moderators, chose_moderators)

    def _add_style(self, settings: ServerSettings, texts: Texts) -> None:
        menu: discord.ui.Select[Any] = discord.ui.Select(
            custom_id="precis:settings:style",
            placeholder=texts.settings_style,
            options=[
                discord.SelectOption(
                    label=getattr(texts, f"style_{each.value}"),
                    value=each.value,
                    default=each is settings.style,
                )
                for each in Style
            ],
        )

        async def chose(click: Click) -> None:
            await self._change(click, style=menu.values[0])

        self._add(menu, chose)

    def _add_button(
        self, name: str, label: str, clicked: Callable[[Click], Awaitable[None]]
    ) -> None:
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=label, custom_id=f"precis:settings:{name}"
        )
        self._add(button, clicked)

    def _add(
        self, control: discord.ui.Item[Any], callback: Callable[[Click], Awaitable[None]]
    ) -> None:
        control.callback = callback  # type: ignore[assignment, method-assign]
        self.add_item(control)

    async def interaction_check(self, click: Click, /) -> bool:
        if click.guild_id is not None and click.permissions.manage_guild:
            return True
        await tell(click, (await texts_for(click)).settings_only_managers)
        return False

    async def _let_everyone(self, click: Click) -> None:
        await self._change(click, roles=[])

    async def _forget_gone(self, click: Click) -> None:
        """What is gone now, whatever was when the panel was opened."""
        guild = click.guild

        def without_gone(now: ServerSettings) -> dict[str, Any]:
            gone = Gone.of(now, guild).channels if guild else frozenset()
            moderators = now.moderators_channel
            return {
                "never_read": [each for each in now.never_read if each not in gone],
                "moderators_channel": None if moderators in gone else moderators,
                "watched": [each for each in now.watched if each not in gone],
                "channel_thresholds": {
                    each: own for each, own in now.channel_thresholds.items() if each not in gone
                },
            }

        await self._change(click, without_gone)

    async def _change(
        self, click: Click, depending: Depending | None = None, /, **changes: Any
    ) -> None:
        """Keep it, show the panel as things are then, and say so."""
        if not click.response.is_done():
            await click.response.defer()
        texts = await texts_for(click)
        said, settings = await changed(self._bot, click, changes, texts, depending)
        if settings is not None and click.guild is not None:
            shown = panel(self._bot, settings, click.guild)
            with suppress(*UNHEARD):  # it is kept, whatever is shown of it
                await click.edit_original_response(**shown)
        await tell(click, said)

    async def _open_moderation(self, click: Click) -> None:
        await click.response.defer(ephemeral=True, thinking=True)
        try:
            settings = await self._bot.managing.now(str(click.guild_id))
        except StoreError:
            await tell(click, self._bot.context.last_texts(str(click.guild_id)).store_down)
            return
        shown = moderation_panel(self._bot, settings, click.guild)
        await click.followup.send(ephemeral=True, **shown)

    async def _open_form(self, click: Click) -> None:
        try:  # a form can't follow an acknowledgement: it is one
            async with asyncio.timeout(SOON):
                settings = await self._bot.managing.now(str(click.guild_id))
        except (TimeoutError, StoreError):
            last = self._bot.context.last_texts(str(click.guild_id))
            await tell(click, last.store_down)
            return
        texts = texts_in(settings.language)
        await click.response.send_modal(LimitsForm(self._bot, settings, texts))


def panel(
    bot: "PrecisBot", settings: ServerSettings, guild: discord.Guild, *, damaged: bool = False
) -> dict[str, Any]:
    """The panel's message: what holds, also where no menu can show it.

    `damaged`: the settings are the defaults, for those that are stored can't be read.
    """
    texts = texts_in(settings.language)
    gone = Gone.of(settings, guild)
    lines = [f"**{texts.settings_title}**"]
    if damaged:
        lines.append(texts.settings_damaged)
    if gone.roles:
        lines.append(texts.settings_roles_gone.format(count=len(gone.roles)))
    if gone.channels:
        lines.append(texts.settings_channels_gone.format(count=len(gone.channels)))
    view = SettingsPanel(bot, settings, texts, gone=gone, timeout=Panel.SHOWN)
    return {"content": "\n".join(lines), "view": view}


def _objects(ids: Iterable[str]) -> list[discord.Object]:
    return [discord.Object(int(each)) for each in ids]
