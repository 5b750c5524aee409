"""Tells people who wait where they are in the queue. Knows no platform.

A line takes the place of an answer, also of one that another process has just given. So an ask is
claimed while a line is shown, as it is to be answered.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from itertools import chain, repeat

from bot.context import Context
from bot.texts import Texts
from precis.ask import Ask
from precis.places import where

logger = logging.getLogger(__name__)

LOOKS = (0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0)
"""Seconds before each look at the queue; the last one for ever."""


class Watching:
    """A task for each ask that waits in this process."""

    def __init__(self, context: Context, on_end: Callable[[str], Awaitable[None]]) -> None:
        """`on_end` answers those who wait for a job that ended while a line was shown."""
        self._context = context
        self._on_end = on_end
        self._watches: dict[str, tuple[asyncio.Event, asyncio.Task[None]]] = {}

    def begin(self, ask: Ask, job_id: str, count: int, texts: Texts) -> None:
        """Watch a job for an ask until `stop`, or until the job runs."""
        over = asyncio.Event()
        task = asyncio.create_task(self._watch(ask, job_id, count, texts, over))
        self._watches[ask.id] = over, task

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
        await asyncio.gather(*(self.stop(ask_id) for ask_id in list(self._watches)))

    async def tell(self, ask: Ask, text: str) -> bool:
        """Show a line where the answer will be, unless the answer is there or on its way."""
        context = self._context
        held = await context.blocking(context.chat.claim, ask.id, counts=False)
        if held is None:
            return False
        try:
            await context.platform.say(ask.request, text)
        finally:
            await context.blocking(context.chat.let_go, held)
        return True

    async def _watch(
        self, ask: Ask, job_id: str, count: int, texts: Texts, over: asyncio.Event
    ) -> None:
        try:
            try:
                ended = await self._progress(ask, job_id, count, texts, over)
            finally:
                self._watches.pop(ask.id, None)
            if ended and not over.is_set():  # whoever heard of it may have met our claim
                await self._on_end(job_id)
        except Exception as error:  # noqa: BLE001 - progress is not worth an ask
            logger.info("ask %s: no progress is told: %s", ask.id, where(error))

    async def _progress(
        self, ask: Ask, job_id: str, count: int, texts: Texts, over: asyncio.Event
    ) -> bool:
        """Tell how things stand, whenever that has changed, until the job runs.

        Whether the job ended while a line was shown.
        """
        context, told = self._context, ""
        for pause in chain(LOOKS, repeat(LOOKS[-1])):
            try:
                async with asyncio.timeout(pause):
                    await over.wait()
            except TimeoutError:
                pass
            else:
                break
            ahead = await context.blocking(context.chat.ahead_of, job_id)
            if (text := _text(ahead, count, texts)) != told:
                if over.is_set() or not await self.tell(ask, text):
                    break
                told = text
                if (await context.blocking(context.jobs.job, job_id)).state.ended:
                    return True
            if ahead is None:
                break
        return False


def _text(ahead: int | None, count: int, texts: Texts) -> str:
    if ahead is None:
        return texts.summarising.format(count=count)
    if ahead == 0:
        return texts.queued_next.format(count=count)
    return texts.queued.format(count=count, ahead=ahead)
