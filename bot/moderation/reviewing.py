"""The list of what waits for moderators, page by page. Knows no platform."""

from dataclasses import dataclass

from bot.context import Context
from bot.moderation.deciding import Deciding, RefusedError
from bot.moderation.desk import Abilities, CardView, Desk, Who
from bot.moderation.wording import card_view, scores, title
from precis.moderation import Case, Kind
from precis.store.moderation_store import Order

PAGE = 5


@dataclass(frozen=True, slots=True)
class Line:
    """A case on the list."""

    card_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Review:
    """A page of the list."""

    title: str
    lines: tuple[Line, ...]
    order: Order
    page: int
    """From 1."""
    pages: int
    place: str | None
    footer: str


class Reviewing:
    """The use case; raises StoreError, PlatformDownError and RefusedError."""

    def __init__(self, context: Context, desk: Desk, deciding: Deciding) -> None:
        self._context = context
        self._desk = desk
        self._deciding = deciding

    async def page(
        self, who: Who, order: Order = "oldest", *, place: str | None = None, page: int = 1
    ) -> Review:
        """A page of what waits on the server where it was asked for."""
        context = self._context
        texts = await context.texts(who.server)
        words = texts.moderation
        if not await self._deciding.is_moderator(who, place):
            shown = await self._desk.place(who.server, place) if place else "…"
            raise RefusedError(words.not_moderator.format(place=shown))
        page = max(1, page)
        cases, total = await self._found(who, order, place, page)
        pages = max(1, -(-total // PAGE))
        if page > pages:  # some were decided meanwhile
            page = pages
            cases, total = await self._found(who, order, place, page)
        lines = []
        for case in cases:
            text = words.review_line.format(
                what=title(case, texts),
                place=await self._desk.place(who.server, case.place),
                when=self._desk.moment(case.said_at or case.created_at),
                scores=scores(case, texts),
            )
            lines.append(Line(case.card_id, text))
        footer = words.review_page.format(page=page, pages=pages) if total else words.review_none
        return Review(
            title=words.review_title.format(count=total),
            lines=tuple(lines),
            order=order,
            page=page,
            pages=pages,
            place=place,
            footer=footer,
        )

    async def _found(
        self, who: Who, order: Order, place: str | None, page: int
    ) -> tuple[list[Case], int]:
        context = self._context
        return await context.blocking(
            context.moderation.open_cases,
            context.platform.name,
            who.server,
            order,
            place=place,
            offset=(page - 1) * PAGE,
            limit=PAGE,
        )

    async def card(self, who: Who, card_id: str) -> CardView:
        """A card from the list, with its buttons, for a moderator of its places."""
        context = self._context
        card = await self._deciding.check(who, card_id, seen=_ALL)
        texts = await context.texts(who.server)
        abilities = Abilities()
        if card.cases[0].kind is Kind.MESSAGE:
            abilities = await self._desk.abilities(card.cases[-1])
        return await card_view(self._desk, card, texts, abilities)


_ALL = 1_000_000
