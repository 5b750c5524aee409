"""`/precis review`: what waits, page by page, for one moderator alone; each line opens its card."""

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, Self, cast

import discord

from bot.discord.card_clicks import acknowledged, show_card, who_clicked, worded
from bot.discord.card_rendering import OPEN_COLOUR, fitting
from bot.discord.failures import UNHEARD, tell
from bot.discord.replies import NOBODY
from bot.moderation.reviewing import Review
from bot.texts import Texts
from precis.store.moderation_store import Order

if TYPE_CHECKING:
    from bot.discord.bot import PrecisBot

Click = discord.Interaction[Any]
ORDERS: tuple[Order, ...] = ("oldest", "severity", "channel")


class ClickedReview(Protocol):
    """The bot, as the list's buttons see it."""

    async def clicked_review(
        self, interaction: Click, order: str, place: str | None, page: int
    ) -> None: ...

    async def clicked_open(self, interaction: Click, card_id: str) -> None: ...


class ReviewButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"precis:review:(?P<order>oldest|severity|channel):(?P<place>[0-9]{0,20})"
    r":(?P<page>[0-9]{1,5})(?P<way>[pn])",
):
    """Back and on: another page of the same list."""

    def __init__(self, order: str, place: str, page: int, way: str, label: str) -> None:
        super().__init__(
            discord.ui.Button(label=label, custom_id=f"precis:review:{order}:{place}:{page}{way}")
        )
        self.order = order
        self.place = place
        self.page = page

    @classmethod
    async def from_custom_id(
        cls, interaction: Click, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        label = getattr(item, "label", None) or "…"
        return cls(match["order"], match["place"], int(match["page"]), match["way"], label)

    async def callback(self, interaction: Click) -> None:
        if await acknowledged(interaction):
            bot = cast("ClickedReview", interaction.client)
            await bot.clicked_review(interaction, self.order, self.place or None, self.page)


class OpenButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"precis:open:(?P<card>[0-9a-f]{32})",
):
    """Opens a card from the list."""

    def __init__(self, card_id: str, label: str) -> None:
        super().__init__(discord.ui.Button(label=label, custom_id=f"precis:open:{card_id}"))
        self.card_id = card_id

    @classmethod
    async def from_custom_id(
        cls, interaction: Click, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["card"], getattr(item, "label", None) or "…")

    async def callback(self, interaction: Click) -> None:
        if await acknowledged(interaction, thinking=True):
            bot = cast("ClickedReview", interaction.client)
            await bot.clicked_open(interaction, self.card_id)


async def show_page(
    bot: "PrecisBot", click: Click, order: str, place: str | None, page: int
) -> None:
    """A page of the list in the place of the acknowledged response."""
    chosen: Order = next((each for each in ORDERS if each == order), "oldest")
    texts = await bot.context.texts_soon(str(click.guild_id))
    work = bot.frontend.moderation.review(who_clicked(click), chosen, place=place, page=page)
    found = await worded(click, work, texts)
    with suppress(*UNHEARD):
        if isinstance(found, Review):
            await click.edit_original_response(
                embed=_embed(found), view=_buttons(found, texts), allowed_mentions=NOBODY
            )
        elif found is not None:
            await click.edit_original_response(content=found, embed=None, view=None)


async def open_card(bot: "PrecisBot", click: Click, card_id: str) -> None:
    """A card, with its buttons, for whoever opened it."""
    texts = bot.context.last_texts(str(click.guild_id))
    work = bot.frontend.moderation.open_card(who_clicked(click), card_id)
    found = await worded(click, work, texts)
    if isinstance(found, str):
        await tell(click, found)
    elif found is not None:
        with suppress(*UNHEARD):
            await show_card(click, found)


def _embed(review: Review) -> discord.Embed:
    lines = [f"**{number}.** {line.text}" for number, line in enumerate(review.lines, start=1)]
    embed = discord.Embed(
        title=review.title, description="\n".join(fitting(lines)), colour=OPEN_COLOUR
    )
    embed.set_footer(text=review.footer)
    return embed


def _buttons(review: Review, texts: Texts) -> discord.ui.View:
    words = texts.moderation
    view = discord.ui.View(timeout=None)
    seen: set[str] = set()
    for number, line in enumerate(review.lines, start=1):
        if line.card_id not in seen:  # several cases of one card
            view.add_item(OpenButton(line.card_id, f"{words.review_open} {number}"))
            seen.add(line.card_id)
    place = review.place or ""
    if review.page > 1:
        view.add_item(ReviewButton(review.order, place, review.page - 1, "p", words.previous))
    if review.page < review.pages:
        view.add_item(ReviewButton(review.order, place, review.page + 1, "n", words.next))
    return view
