"""A moderators' card as Discord's embed and buttons, within its limits. Pure.

What is in a card is safe already: the use cases made it with the desk's own escaping.
"""

import re
from collections.abc import Sequence
from typing import Any, Protocol, Self, cast

import discord

from bot.moderation.desk import Action, CardView, Shown

OPEN_COLOUR = 0xC0563B
CLOSED_COLOUR = 0x7A8288
MOST_DESCRIPTION = 4_000  # of 4,096 characters
MOST_TITLE = 256
_CARD = re.compile(r"precis:case:[a-z]+:(?P<card>[0-9a-f]{32}):")


class ClickedCard(Protocol):
    """The bot, as a card's button sees it."""

    async def clicked_card(
        self, interaction: discord.Interaction[Any], action: Action, card_id: str, seen: int
    ) -> None: ...


class CaseButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=(
        r"precis:case:(?P<action>show|release|keep|edit|dismiss|remove|timeout|note)"
        r":(?P<card>[0-9a-f]{32}):(?P<seen>[0-9]{1,6})"
    ),
):
    """A button that says in its id what it is for; it outlives a restart."""

    def __init__(self, action: Action, card_id: str, seen: int, label: str, style: Any) -> None:
        custom_id = f"precis:case:{action.value}:{card_id}:{seen}"
        super().__init__(discord.ui.Button(label=label, style=style, custom_id=custom_id))
        self.action = action
        self.card_id = card_id
        self.seen = seen

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        label = getattr(item, "label", None) or match["action"]
        style = discord.ButtonStyle.secondary
        return cls(Action(match["action"]), match["card"], int(match["seen"]), label, style)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        bot = cast("ClickedCard", interaction.client)
        await bot.clicked_card(interaction, self.action, self.card_id, self.seen)


def card_embed(card: CardView) -> discord.Embed:
    """What a card says."""
    return discord.Embed(
        title=card.title[:MOST_TITLE],
        description="\n".join(fitting(card.lines)),
        colour=CLOSED_COLOUR if card.closed else OPEN_COLOUR,
    )


def card_components(card: CardView) -> discord.ui.View:
    """Its buttons, five a row."""
    view = discord.ui.View(timeout=None)
    for button in card.buttons:
        style = discord.ButtonStyle.danger if button.danger else discord.ButtonStyle.secondary
        if button.action is Action.SHOW:
            style = discord.ButtonStyle.primary
        view.add_item(CaseButton(button.action, card.card_id, card.seen, button.label, style))
    return view


def card_of(message: discord.Message) -> str | None:
    """The id of the card that a message of the bot's shows, as its buttons have it."""
    for row in message.components:
        for part in getattr(row, "children", ()):
            if found := _CARD.match(getattr(part, "custom_id", None) or ""):
                return found["card"]
    return None


def shown_embeds(shown: Shown) -> list[discord.Embed]:
    """What is shown to one moderator alone, in as many embeds as it takes; each for a message."""
    parts: list[list[str]] = [[]]
    size = 0
    for line in shown.lines:
        if parts[-1] and size + len(line) > MOST_DESCRIPTION:
            parts.append([])
            size = 0
        parts[-1].append(line[:MOST_DESCRIPTION])
        size += len(line) + 1
    return [
        discord.Embed(title=shown.title, description="\n".join(part), colour=CLOSED_COLOUR)
        for part in parts
    ]


def fitting(lines: Sequence[str]) -> list[str]:
    """As many whole lines as a description holds."""
    kept: list[str] = []
    size = 0
    for line in lines:
        size += len(line) + 1
        if size > MOST_DESCRIPTION:
            break
        kept.append(line)
    return kept
