"""Tells moderators once a day how things stand: flags, how often the gate was right, suggestions.

One bot tells a server of a day, whichever is first; nothing is ever changed by itself. Knows no
platform.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from bot.context import Context
from bot.moderation.desk import Desk, NoDeskError
from bot.platform import PlatformDownError
from bot.texts import Texts
from precis.errors import DamagedError, StoreError
from precis.moderation import Day, LabelDecisions
from precis.places import where
from precis.suggesting import suggest

logger = logging.getLogger(__name__)

HOUR = 9
"""Of PRECIS_TIMEZONE, from which a day's line is told."""
EVERY = 300.0  # seconds
MOST_LABELS = 8


class Daily:
    """Looks now and then whether a day is to be told of."""

    def __init__(
        self, context: Context, desk: Desk, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._context = context
        self._desk = desk
        self._now = now
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def tell(self) -> None:
        """Tell each server of the last day, if it is time and nobody has. Raises StoreError."""
        context, name = self._context, self._context.platform.name
        local = self._now().astimezone(context.settings.zone)
        if local.hour < HOUR:
            return
        for server in await context.blocking(context.moderation.known_servers, name):
            try:
                await self._tell(server, local.date().isoformat())
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 - other servers are not to suffer
                logger.error("a daily line: %s", where(error))  # noqa: TRY400 - may quote

    async def _run(self) -> None:
        while True:
            try:
                await self.tell()
            except StoreError as error:
                logger.warning("the daily line waits: %s", error)
            except Exception as error:  # noqa: BLE001 - a bug here must not end all lines
                logger.error("the daily line: %s", where(error))  # noqa: TRY400 - may quote
            await asyncio.sleep(EVERY)

    async def _tell(self, server: str, day: str) -> None:
        context, store = self._context, self._context.moderation
        name = context.platform.name
        try:
            settings = await context.server_settings(server)
        except DamagedError:
            return
        if settings.moderators_channel is None:
            return
        if not await context.blocking(store.claim_day, name, server, day):
            return
        now = self._now()
        found = await context.blocking(store.day, name, server, now - timedelta(days=1), now)
        if not (found.opened or found.closed or found.waiting):
            return
        text = "\n".join(lines(found, context.texts_of(settings.language)))
        try:
            await self._desk.tell(settings.moderators_channel, text, server, f"day-{day}")
        except (NoDeskError, PlatformDownError) as error:
            logger.warning("the daily line of a server waits: %s", where(error))
            await context.blocking(store.unclaim_day, name, server, day)


def lines(day: Day, texts: Texts) -> Sequence[str]:
    """The daily line, and one for each label that something was decided of."""
    words = texts.moderation
    told = [words.daily.format(opened=day.opened, closed=day.closed, waiting=day.waiting)]
    ranked = sorted(day.labels, key=lambda each: -len(each.toxic) - len(each.harmless))
    for label in ranked[:MOST_LABELS]:
        told += _label(label, texts)
    return told


def _label(decisions: LabelDecisions, texts: Texts) -> Sequence[str]:
    words = texts.moderation
    if decisions.precision is None:
        return []
    told = [
        words.daily_label.format(
            label=decisions.label,
            right=len(decisions.toxic),
            decided=len(decisions.toxic) + len(decisions.harmless),
            share=decisions.precision,
        )
    ]
    if suggestion := suggest(decisions):
        told.append(
            words.daily_suggestion.format(
                label=suggestion.label,
                threshold=suggestion.suggested,
                now=suggestion.threshold,
                toxic=suggestion.then.count,
                harmless=suggestion.then.of - suggestion.then.count,
                missed=suggestion.kept.of - suggestion.kept.count,
            )
        )
    return told
