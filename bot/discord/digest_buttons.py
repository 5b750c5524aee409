"""The button under a digest, and what is under the list of digests. They outlive a restart.

Each says in its id what it is for; a click's id may be forged, so what it may do is decided anew.
"""

import re
from collections.abc import Sequence
from typing import Any, Protocol, Self, cast

import discord

Click = discord.Interaction[Any]
ACTIONS = ("pause", "resume", "without", "preview", "stop")
_KEY = r"[0-9A-Za-z_-]{1,50}"
_SERVER = r"(?P<server>[0-9]{1,20})"
_MINE = re.compile(rf"precis:digests:{_SERVER}:(?P<key>{_KEY})")


class DigestList(Protocol):
    """The list, as what is under it sees it."""

    async def open(self, click: Click, server: str) -> None: ...

    async def turn(self, click: Click, server: str, page: int) -> None: ...

    async def choose(self, click: Click, server: str, page: int, chosen: str) -> None: ...

    async def act(self, click: Click, server: str, action: str, chosen: str) -> None: ...


class Listing(Protocol):
    """The bot, as these see it."""

    digest_list: DigestList


class MineButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=_MINE):
    """Under a digest: opens the list of whoever clicks. It says which digest it is under."""

    def __init__(self, server: str, key: str, label: str) -> None:
        super().__init__(discord.ui.Button(label=label, custom_id=f"precis:digests:{server}:{key}"))
        self.server = server

    @classmethod
    async def from_custom_id(
        cls, interaction: Click, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["server"], match["key"], _label(item))

    async def callback(self, interaction: Click) -> None:
        await _list_of(interaction).open(interaction, self.server)


class ActButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=rf"precis:subs:(?P<action>{'|'.join(ACTIONS)}):{_SERVER}:(?P<chosen>{_KEY})",
):
    """Pauses, resumes, previews or stops a subscription."""

    def __init__(self, action: str, server: str, chosen: str, label: str) -> None:
        style = discord.ButtonStyle.danger if action == "stop" else discord.ButtonStyle.secondary
        custom_id = f"precis:subs:{action}:{server}:{chosen}"
        super().__init__(discord.ui.Button(label=label, style=style, custom_id=custom_id))
        self.action = action
        self.server = server
        self.chosen = chosen

    @classmethod
    async def from_custom_id(
        cls, interaction: Click, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["action"], match["server"], match["chosen"], _label(item))

    async def callback(self, interaction: Click) -> None:
        await _list_of(interaction).act(interaction, self.server, self.action, self.chosen)


class PageButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=rf"precis:subs:page:{_SERVER}:(?P<page>[0-9]{{1,4}})(?P<way>[pn])",
):
    """Back and on: another page of the list."""

    def __init__(self, server: str, page: int, way: str, label: str) -> None:
        custom_id = f"precis:subs:page:{server}:{page}{way}"
        super().__init__(discord.ui.Button(label=label, custom_id=custom_id))
        self.server = server
        self.page = page

    @classmethod
    async def from_custom_id(
        cls, interaction: Click, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["server"], int(match["page"]), match["way"], _label(item))

    async def callback(self, interaction: Click) -> None:
        await _list_of(interaction).turn(interaction, self.server, self.page)


class ChooseMenu(
    discord.ui.DynamicItem[discord.ui.Select[Any]],
    template=rf"precis:subs:choose:{_SERVER}:(?P<page>[0-9]{{1,4}})",
):
    """Chooses one of the page's subscriptions, for the buttons below."""

    def __init__(
        self, server: str, page: int, options: Sequence[discord.SelectOption], placeholder: str
    ) -> None:
        super().__init__(
            discord.ui.Select(
                custom_id=f"precis:subs:choose:{server}:{page}",
                options=list(options),
                placeholder=placeholder,
            )
        )
        self.server = server
        self.page = page

    @classmethod
    async def from_custom_id(
        cls, interaction: Click, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        menu = cast("discord.ui.Select[Any]", item)
        return cls(match["server"], int(match["page"]), menu.options, menu.placeholder or "…")

    async def callback(self, interaction: Click) -> None:
        chosen = self.item.values
        await _list_of(interaction).choose(
            interaction, self.server, self.page, chosen[0] if chosen else ""
        )


ITEMS = (MineButton, ActButton, PageButton, ChooseMenu)


def digest_buttons(server: str, key: str, label: str) -> discord.ui.View:
    """What is under a digest's first message."""
    view = discord.ui.View(timeout=None)
    view.add_item(MineButton(server, key, label))
    return view


def digest_of(message: discord.Message) -> str | None:
    """The key of the digest that a message of the bot's begins, as its button has it."""
    for row in message.components:
        for part in getattr(row, "children", ()):
            if found := _MINE.fullmatch(getattr(part, "custom_id", None) or ""):
                return found["key"]
    return None


def _list_of(click: Click) -> DigestList:
    return cast("Listing", click.client).digest_list


def _label(item: discord.ui.Item[Any]) -> str:
    return getattr(item, "label", None) or "…"
