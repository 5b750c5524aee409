"""Tells people who wait where they are in the queue. Knows no platform."""

import asyncio
import logging
from itertools import chain, repeat

from bot.context import Context
from bot.texts import Texts
from precis.ask import Ask
from precis.places import where

logger = logging.getLogger(__name__)

LOOKS = (1.0, 2.0, 3.0, 5.0, 8.0, 12.0)
"""Seconds between looks at the queue; the last one for ever."""


class Watching:
    """A task for each ask that waits in this process."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._watches: dict[str, tuple[asyncio.Event, asyncio.Task[None]]] = {}

    def begin(self, ask: Ask, job_id: str, count: int, texts: Texts) -> None:
        """Watch a job for an ask until `stop`, or until the job runs."""
        over = asyncio.Event()
        task = asyncio.create_task(self._watch(ask, job_id, count, texts, over))
        self._watches[ask.id] = over, task
        task.add_done_callback(lambda _: self._watches.pop(ask.id, None))

    async def stop(self, ask_id: str) -> None:
        """After this, no line of progress takes the place of an answer.

        A line on its way is waited for rather than cancelled: it might arrive all the same.
        """
        if watch := self._watches.get(ask_id):
            over, task = watch
            over.set()
            await asyncio.wait([task])

    async def close(self) -> None:
        """Stop all watches."""
        for ask_id in list(self._watches):
            await self.stop(ask_id)

    async def _watch(
        self, ask: Ask, job_id: str, count: int, texts: Texts, over: asyncio.Event
    ) -> None:
        context, told = self._context, ""
        try:
            for pause in chain(LOOKS, repeat(LOOKS[-1])):
                ahead = await context.blocking(context.chat.ahead_of, job_id)
                if over.is_set():
                    return
                text = _text(ahead, count, texts)
                if text != told:
                    await context.platform.say(ask.request, text)
                    told = text
                if ahead is None:
                    return
                try:
                    await asyncio.wait_for(over.wait(), pause)
                except TimeoutError:
                    continue
                return
        except Exception as error:  # noqa: BLE001 - progress is not worth an ask
            logger.info("ask %s: no progress is told: %s", ask.id, where(error))


def _text(ahead: int | None, count: int, texts: Texts) -> str:
    if ahead is None:
        return texts.summarising.format(count=count)
    if ahead == 0:
        return texts.queued_next.format(count=count)
    return texts.queued.format(count=count, ahead=ahead)
