"""The buttons under an answer: their ids, and what a click sets going. They outlive a restart.

A click's id may be forged: what it may do is decided anew by `bot.discord.clicks`.
"""

import re
from typing import Any, Protocol, Self, cast

import discord

from bot.texts import Texts


class Clicked(Protocol):
    """The bot, as a button sees it."""

    async def clicked(
        self, interaction: discord.Interaction[Any], action: str, ask_id: str
    ) -> None: ...


class AnswerButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"precis:(?P<action>good|bad|share|delete|show|report):(?P<ask>[0-9a-f]{32})",
):
    """A button that says in its id what it is for."""

    def __init__(self, action: str, ask_id: str, label: str) -> None:
        style = discord.ButtonStyle.danger if action == "delete" else discord.ButtonStyle.secondary
        super().__init__(
            discord.ui.Button(label=label, style=style, custom_id=f"precis:{action}:{ask_id}")
        )
        self.action = action
        self.ask_id = ask_id

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        return cls(match["action"], match["ask"], getattr(item, "label", None) or match["action"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        bot = cast("Clicked", interaction.client)
        await bot.clicked(interaction, self.action, self.ask_id)


def answer_view(
    ask_id: str, texts: Texts, *, private: bool, shared: bool = False
) -> discord.ui.View:
    """👍 👎 Report, Share for who alone sees it (until it is `shared`), Delete for what all see."""
    last = () if shared else ("share",) if private else ("delete",)
    return _view(ask_id, texts, ("good", "bad", *last, "report"))


def show_view(ask_id: str, texts: Texts) -> discord.ui.View:
    """For an answer that waits: only who asked can open it."""
    return _view(ask_id, texts, ("show",))


def _view(ask_id: str, texts: Texts, actions: tuple[str, ...]) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    for action in actions:
        words = texts.moderation if action == "report" else texts
        view.add_item(AnswerButton(action, ask_id, getattr(words, action)))
    return view
