"""What managers set about moderation: watched channels, one channel's thresholds, training.

Behind a button of the settings panel. Its controls have fixed ids; who may is checked each time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import discord

from bot.context import SOON
from bot.discord.failures import UNHEARD, Panel, failed, tell
from bot.discord.gone import Gone
from bot.discord.languages import texts_for
from bot.discord.limits_form import MOST_WRITTEN, changed, save_or_preview
from bot.managing import written_thresholds
from bot.texts import Texts, texts_in
from precis.ask import ServerSettings
from precis.errors import PrecisError, StoreError
from precis.normalisation.plain_text import shorten

if TYPE_CHECKING:
    from bot.discord.bot import PrecisBot

Click = discord.Interaction[Any]
MOST_CHANNELS = 25  # a select menu's limit
MOST_LINES = 10
MOST_LINE = 150
"""Characters."""
ON, OFF = "on", "off"
WATCHED_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    discord.ChannelType.media,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
]


class ModerationPanel(Panel):
    def __init__(
        self,
        bot: "PrecisBot",
        settings: ServerSettings,
        texts: Texts,
        *,
        gone: Collection[str] = (),
        timeout: float | None = None,
    ) -> None:
        """`gone` are channels that no menu can show; `timeout` None: for whatever panel a click
        comes from, after a restart.
        """
        super().__init__(timeout=timeout)
        self._bot = bot
        words = texts.moderation
        there = [each for each in settings.watched if each not in gone][:MOST_CHANNELS]
        self._watched: discord.ui.ChannelSelect[Any] = discord.ui.ChannelSelect(
            custom_id="precis:moderation:watched",
            placeholder=f"{words.settings_watched}: {texts.settings_none}",
            channel_types=WATCHED_TYPES,
            min_values=0,
            max_values=MOST_CHANNELS,
            default_values=[discord.Object(int(each)) for each in there],
        )
        self._one: discord.ui.ChannelSelect[Any] = discord.ui.ChannelSelect(
            custom_id="precis:moderation:channel",
            placeholder=words.settings_channel,
            channel_types=WATCHED_TYPES,
            max_values=1,
        )
        self._trains: discord.ui.Select[Any] = discord.ui.Select(
            custom_id="precis:moderation:trains",
            placeholder=words.settings_trains,
            options=[
                _option(words.settings_trains_off, OFF, chosen=not settings.trains),
                _option(words.settings_trains_on, ON, chosen=settings.trains),
            ],
        )
        self._add(self._watched, self._watch)
        self._add(self._one, self._open_form)
        self._add(self._trains, self._train)

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

    async def _watch(self, click: Click) -> None:
        await self._change(click, watched=[str(each.id) for each in self._watched.values])

    async def _train(self, click: Click) -> None:
        await self._change(click, trains=self._trains.values == [ON])

    async def _change(self, click: Click, **changes: Any) -> None:
        await click.response.defer()
        said, settings = await changed(self._bot, click, changes, await texts_for(click))
        if settings is not None:
            with suppress(*UNHEARD):  # it is kept, whatever is shown of it
                await click.edit_original_response(
                    **moderation_panel(self._bot, settings, click.guild)
                )
        await tell(click, said)

    async def _open_form(self, click: Click) -> None:
        server, channel = str(click.guild_id), str(self._one.values[0].id)
        try:  # a form can't follow an acknowledgement: it is one
            async with asyncio.timeout(SOON):
                settings = await self._bot.managing.now(server)
        except (TimeoutError, StoreError):
            await tell(click, self._bot.context.last_texts(server).store_down)
            return
        texts = texts_in(settings.language)
        await click.response.send_modal(ChannelForm(self._bot, settings, channel, texts))


class ChannelForm(discord.ui.Modal):
    """One channel's thresholds."""

    def __init__(
        self, bot: "PrecisBot", settings: ServerSettings, channel: str, texts: Texts
    ) -> None:
        super().__init__(title=texts.moderation.settings_channel, timeout=Panel.SHOWN)
        self._bot = bot
        self._channel = channel
        self._texts = texts
        own = settings.channel_thresholds.get(channel, {})
        self._thresholds: discord.ui.TextInput[Any] = discord.ui.TextInput(
            label=texts.moderation.settings_channel_thresholds,
            default=shown_by_label(own),
            placeholder=texts.settings_thresholds_hint,
            required=False,
            max_length=MOST_WRITTEN,
        )
        self.add_item(self._thresholds)

    async def on_error(self, click: Click, error: Exception, /) -> None:  # type: ignore[override]
        await failed(click, error)

    async def on_submit(self, click: Click, /) -> None:
        await click.response.defer(ephemeral=True, thinking=True)
        if click.guild_id is None or not click.permissions.manage_guild:
            await click.edit_original_response(content=self._texts.settings_only_managers)
            return
        try:
            own = written_thresholds(self._thresholds.value, self._texts)
        except PrecisError as error:
            await click.edit_original_response(content=str(error))
            return

        def with_own(now: ServerSettings) -> dict[str, Any]:
            others = {k: v for k, v in now.channel_thresholds.items() if k != self._channel}
            return {"channel_thresholds": {**others, **({self._channel: own} if own else {})}}

        await save_or_preview(self._bot, click, {}, self._texts, with_own)


def moderation_panel(
    bot: "PrecisBot", settings: ServerSettings, guild: discord.Guild | None
) -> dict[str, Any]:
    """The panel's message."""
    gone = Gone.of(settings, guild).channels if guild else frozenset()
    texts = texts_in(settings.language)
    words = texts.moderation
    trains = words.settings_trains_on if settings.trains else words.settings_trains_off
    lines = [f"**{words.settings_moderation}**", f"{words.settings_trains}: {trains}"]
    lines += [
        shorten(f"<#{channel}>: {shown_by_label(own)}", MOST_LINE)
        for channel, own in list(settings.channel_thresholds.items())[:MOST_LINES]
    ]
    view = ModerationPanel(bot, settings, texts, gone=gone, timeout=Panel.SHOWN)
    return {"content": "\n".join(lines), "view": view}


def shown_by_label(thresholds: Mapping[str, float]) -> str:
    """As `written_thresholds` reads them."""
    return ", ".join(f"{label} {value:g}" for label, value in thresholds.items())


def _option(label: str, value: str, *, chosen: bool) -> discord.SelectOption:
    return discord.SelectOption(label=label, value=value, default=chosen)
