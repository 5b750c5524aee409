"""Moderation on one platform: what adapters hand clicks, messages and settings to.

Knows no platform; `Desk` brings it.
"""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from bot.context import Context
from bot.delivering import Delivering
from bot.managing import UnsavableError
from bot.moderation.cards import Cards
from bot.moderation.daily import Daily
from bot.moderation.deciding import NOTHING, Deciding, Given
from bot.moderation.desk import Action, CardView, Desk, Shown, Who
from bot.moderation.effects import Effects
from bot.moderation.listening import Listening
from bot.moderation.reporting import Reporting
from bot.moderation.reviewing import Review, Reviewing
from bot.moderation.wording import MOST_LINES
from bot.troubles import Troubles
from precis.ask import Place, ServerSettings
from precis.conversation import Message
from precis.errors import StoreError
from precis.moderation import Decided
from precis.places import where
from precis.store.moderation_store import Order

logger = logging.getLogger(__name__)

CLOSING = 5.0
"""Seconds for what decisions set going, when the bot stops."""
LOOKED_BACK = timedelta(days=7)
"""For previews of thresholds."""


@dataclass(frozen=True, slots=True)
class Previewed:
    """What thresholds that are thought of would have flagged, in words."""

    text: str
    changes: dict[str, Any]
    """What to save, if that is what is wanted."""


class Moderation:
    """The use cases, put together.

    Methods that people set going raise StoreError, PlatformDownError and RefusedError, whose words
    are for them.
    """

    def __init__(self, context: Context, desk: Desk, delivering: Delivering) -> None:
        self._context = context
        self._desk = desk
        self._delivering = delivering
        self.listening = Listening(context)
        self.cards = Cards(context, desk)
        self._deciding = Deciding(context, desk)
        self._effects = Effects(context, desk)
        self._reporting = Reporting(context)
        self._reviewing = Reviewing(context, desk, self._deciding)
        self._daily = Daily(context, desk)
        self._sweep: asyncio.Task[None] | None = None
        self._following: set[asyncio.Task[None]] = set()

    def begin(self) -> None:
        """Listen, show cards and tell of days from now on, until `close`."""
        if self._sweep is None:
            self.listening.begin()
            self.cards.begin()
            self._daily.begin()
            self._sweep = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._sweep:
            self._sweep.cancel()
            await asyncio.gather(self._sweep, return_exceptions=True)
        if self._following:  # the next bot's sweep sees to what takes too long
            await asyncio.wait(self._following, timeout=CLOSING)
        await self._daily.close()
        await self.listening.close()
        await self.cards.close()

    def job_ended(self) -> None:
        """A job may have made cases: look. Returns at once."""
        self.cards.wake()

    async def act(
        self, who: Who, action: Action, card_id: str, seen: int, given: Given = NOTHING
    ) -> str | Shown:
        """What a click on a card does; what to tell whoever clicked, alone."""
        if action is Action.SHOW:
            return await self._deciding.show(who, card_id, seen)
        try:
            if action is Action.NOTE:
                return await self._deciding.note(who, card_id, seen, given.text or "")
            said, decided = await self._deciding.decide(who, action, card_id, seen, given=given)
        finally:
            self.cards.wake()  # also after a click on a card that is out of date
        self._begin(self._follow(decided))
        return said

    async def editable(self, who: Who, card_id: str, seen: int) -> str:
        """The text that the form to edit a summary begins from."""
        return await self._deciding.editable(who, card_id, seen)

    async def check(self, who: Who, card_id: str, seen: int) -> None:
        """Before a form opens: whether somebody may do something with a card."""
        await self._deciding.check(who, card_id, seen)

    async def is_moderator(self, who: Who, place: str | None = None) -> bool:
        return await self._deciding.is_moderator(who, place)

    async def report_message(self, who: Who, place: Place, message: Message) -> str:
        """Somebody reports a message that they see; what to tell them."""
        return await self._reporting.message(who, place, message)

    async def report_summary(self, who: Who, ask_id: str) -> str:
        """Somebody reports a summary; what to tell them."""
        return await self._reporting.summary(who, ask_id)

    async def review(
        self, who: Who, order: Order = "oldest", *, place: str | None = None, page: int = 1
    ) -> Review:
        """A page of what waits."""
        return await self._reviewing.page(who, order, place=place, page=page)

    async def open_card(self, who: Who, card_id: str) -> CardView:
        """A card from the list, for one moderator."""
        return await self._reviewing.card(who, card_id)

    async def preview(self, server: str, changes: Mapping[str, Any]) -> Previewed:
        """What the last 7 days would have been by `changes` (fields of ServerSettings)."""
        context = self._context
        now = await context.server_settings(server)
        words = context.texts_of(now.language).moderation
        try:
            then = ServerSettings.model_validate({**now.model_dump(), **changes})
        except ValidationError:
            raise UnsavableError("that can't be saved; choose other values") from None
        found = await context.blocking(
            context.moderation.preview,
            context.platform.name,
            server,
            now,
            then,
            datetime.now(UTC) - LOOKED_BACK,
        )
        if not found.messages:
            return Previewed(words.preview_none, dict(changes))
        said = words.preview.format(count=found.messages, then=found.then, now=found.now)
        ranked = sorted(found.by_label.items(), key=lambda each: -each[1])[:MOST_LINES]
        labels = [words.preview_label.format(label=label, count=count) for label, count in ranked]
        return Previewed("\n".join([said, *labels]), dict(changes))

    async def settings_changed(
        self, who: Who, before: ServerSettings, after: ServerSettings
    ) -> None:
        """Begin and end watching, move cards to another channel, and log thresholds."""
        context, name = self._context, self._context.platform.name
        store, server = context.moderation, who.server
        self.listening.settings_changed(server)
        # Of what begins too: a bot that had a batch in hand, as it was watched before, may have
        # left word of how far it had come. What was written in between is nobody's.
        if changed := set(before.watched) ^ set(after.watched):
            await context.blocking(store.stop_watching, name, server, list(changed))
        for place in set(after.watched) - set(before.watched):
            await context.blocking(store.start_watching, name, server, place, None)
        if before.thresholds != after.thresholds:
            await self._log(who, after.thresholds, None)
        for place in {*before.channel_thresholds, *after.channel_thresholds}:
            own = after.channel_thresholds.get(place, {})
            if before.channel_thresholds.get(place, {}) != own:
                await self._log(who, own, place)
        if before.moderators_channel != after.moderators_channel:
            await self._move(server)

    async def _log(self, who: Who, thresholds: Mapping[str, float], place: str | None) -> None:
        context = self._context
        await context.blocking(
            context.moderation.log_thresholds,
            context.platform.name,
            who.server,
            who.person,
            thresholds,
            place,
        )

    async def _move(self, server: str) -> None:
        """Open cards are shown in the channel that is set now, and no longer in another."""
        context, name = self._context, self._context.platform.name
        for channel, message in await context.blocking(context.moderation.repost, name, server):
            try:
                await self._desk.take_away(channel, message, server)
            except Exception as error:  # noqa: BLE001 - it may be gone, or out of reach
                logger.info("a card was not taken away: %s", where(error))
        self.cards.wake()

    async def _follow(self, decided: Decided) -> None:
        """What a decision asks for beyond itself; the sweep sees to what fails here."""
        self.cards.wake()
        due = [case.id for case in decided.cases if case.effect is not None]
        released = {case.job_id for case in decided.cases if case.said and case.said.sentences}
        try:
            if due:
                await self._effects.carry_out(due)
            for job_id in released:
                if job_id is not None:
                    await self._delivering.job_ended(job_id)
        except StoreError as error:
            logger.warning("a decision is followed up later: %s", error)
        except Exception as error:  # noqa: BLE001 - it is decided all the same
            logger.error("after a decision: %s", where(error))  # noqa: TRY400 - may quote
        self.cards.wake()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._following.add(task)
        task.add_done_callback(self._following.discard)

    async def _run(self) -> None:
        troubles = Troubles(logger, "verdicts", "verdicts wait to be carried out")
        while True:
            with troubles.told():
                await self._effects.carry_out()
            await asyncio.sleep(self._context.settings.reconcile_every.total_seconds())
