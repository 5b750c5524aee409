"""Brings what the moderators' channels show up to what there is in the store.

A card is claimed while it is shown, so that several bots show it once. Knows no platform.
"""

import asyncio
import logging
import time

from bot.context import Context
from bot.moderation.desk import Abilities, Desk, NoDeskError
from bot.moderation.wording import card_view
from bot.platform import PlatformDownError
from bot.troubles import Troubles
from precis.errors import DamagedError, StoreError
from precis.moderation import Kind
from precis.places import where
from precis.store import HeldCard

logger = logging.getLogger(__name__)

AT_ONCE = 100
BESIDE = 8
"""Cards shown side by side."""
MOST_REMEMBERED = 10_000
FINISH_SECONDS = 3.0
"""For the cards that are being shown when a bot stops; else the next one waits for their leases."""


class Cards:
    """Looks which cards are due, when it is told to and now and then."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._context = context
        self._desk = desk
        self._due = asyncio.Event()
        self._shown_at: dict[str, float] = {}
        self._task: asyncio.Task[None] | None = None
        self._trouble: dict[str, str] = {}
        self._closing = False

    def begin(self) -> None:
        """Show cards from now on, until `close`. Again, it does nothing."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """What is being shown is finished; the rest is the next bot's."""
        if self._task:
            self._closing = True
            self.wake()
            await asyncio.wait({self._task}, timeout=FINISH_SECONDS)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        """Something changed: look at once. Returns at once."""
        self._due.set()

    async def show_due(self) -> float | None:
        """Show all that is due now; seconds until more is, None where nothing is known to be.

        Raises StoreError.
        """
        context, name = self._context, self._context.platform.name
        due = await context.blocking(context.moderation.due, name, AT_ONCE)
        room = asyncio.Semaphore(BESIDE)
        waits = [self._wait(card_id) for card_id in due]
        ready = [card_id for card_id, wait in zip(due, waits, strict=True) if wait <= 0]

        async def one(card_id: str) -> None:
            async with room:
                if not self._closing:
                    await self._show(card_id)

        outcomes = await asyncio.gather(*(one(each) for each in ready), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, StoreError):
                raise outcome
            if isinstance(outcome, Exception):
                logger.error("a card: %s", where(outcome))
        if len(due) >= AT_ONCE and ready:  # there may be more
            return 0.0
        return min((wait for wait in waits if wait > 0), default=None)

    async def _run(self) -> None:
        """An outage is one line in the log."""
        troubles = Troubles(logger, "cards", "cards wait")
        every = self._context.settings.reconcile_every.total_seconds()
        while not self._closing:
            again: float | None = None
            with troubles.told():
                again = await self.show_due()
            await self._rest(min(every, again) if again is not None else every)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._due.wait()
        except TimeoutError:
            return
        self._due.clear()

    def _wait(self, card_id: str) -> float:
        """Seconds until a card may be changed again."""
        between = self._context.delays.card_updates
        return self._shown_at.get(card_id, 0.0) + between - time.monotonic()

    async def _show(self, card_id: str) -> None:
        context = self._context
        held = await context.blocking(context.moderation.hold, card_id)
        if held is None:  # another bot does
            return
        try:
            await self._shown(held)
        except NoDeskError:  # held until its lease ends: others are not to wait behind it
            self._complain(held.card.server, "the moderators' channel can't be written to")
        except PlatformDownError as error:
            self._complain(held.card.server, "the platform doesn't answer", where(error))
        else:
            self._trouble.pop(held.card.server, None)
            self._remember(card_id)
            await context.blocking(context.moderation.let_go, held, held.card.version)

    async def _shown(self, held: HeldCard) -> None:
        """Show a card as it is now; where there is nowhere, that is it until there is."""
        context, card, desk = self._context, held.card, self._desk
        try:
            settings = await context.server_settings(card.server)
        except DamagedError:
            return
        channel = card.channel or settings.moderators_channel
        if channel is None or not card.cases:
            return
        message = card.message
        if message and card.open_cases and settings.moderators_channel not in (None, channel):
            await desk.take_away(channel, message, card.server)
            channel, message = str(settings.moderators_channel), None
        texts = context.texts_of(settings.language)
        abilities = Abilities()
        if card.cases[0].kind is Kind.MESSAGE:
            abilities = await desk.abilities(card.cases[-1])
        view = await card_view(desk, card, texts, abilities)
        if message is not None:
            if await desk.update(channel, message, view, card.server):
                return
            if view.closed:  # somebody deleted it, and there is nothing left to decide
                return
            channel = settings.moderators_channel or channel
        message = await desk.post(channel, view, card.server)
        await context.blocking(context.moderation.note_posted, held, channel, message)

    def _remember(self, card_id: str) -> None:
        if len(self._shown_at) >= MOST_REMEMBERED:
            self._shown_at.clear()
        self._shown_at[card_id] = time.monotonic()

    def _complain(self, server: str, trouble: str, found: str = "") -> None:
        if self._trouble.get(server) != trouble:  # told once, not with every look
            logger.warning("cards of a server wait: %s %s", trouble, found)
        self._trouble[server] = trouble
