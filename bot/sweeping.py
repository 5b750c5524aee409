"""Takes up what was left: asks of a bot that died, deliveries that the broker lost.

Any number of bots may do so at once: what is taken up is claimed. Knows no platform.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from bot.asking import Asking
from bot.context import Context
from bot.delivering import Delivering
from bot.troubles import Troubles
from precis.ask import AskState
from precis.errors import StoreError
from precis.places import where
from precis.store.asks import MOST_TRIES

logger = logging.getLogger(__name__)

AT_ONCE = 100
BESIDE = 16
"""Taken up side by side: one of a server that isn't available just now waits for seconds."""


class Sweeping:
    """Looks into the store now and then."""

    def __init__(self, context: Context, asking: Asking, delivering: Delivering) -> None:
        self._context = context
        self._asking = asking
        self._delivering = delivering
        self._resumed: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Sweep until cancelled; an outage is one line in the log."""
        troubles = Troubles(logger, "sweeping", "sweeping waits")
        while True:
            with troubles.told():
                await self.sweep()
            await asyncio.sleep(self._context.settings.reconcile_every.total_seconds())

    async def sweep(self) -> None:
        """Take up all that is due. Raises StoreError."""
        context = self._context
        name = context.platform.name
        jobs = await context.blocking(context.jobs.pending_deliveries, name, AT_ONCE)
        failures = await self._all(self._delivering.job_ended, jobs)
        due = await context.blocking(context.chat.due, name, AT_ONCE)
        for failure in failures + await self._all(self._take_up, due):
            raise failure

    async def _all(
        self, do: Callable[[str], Awaitable[None]], ids: Sequence[str]
    ) -> list[StoreError]:
        """Do it for each, some at a time; none suffers for another, nor for the store's errors."""
        room = asyncio.Semaphore(BESIDE)

        async def one(each: str) -> StoreError | None:
            async with room:
                try:
                    await do(each)
                except StoreError as error:
                    return error
                except Exception as error:  # noqa: BLE001 - the others are not to suffer
                    logger.error("%s: %s", each, where(error))  # noqa: TRY400 - may quote
            return None

        outcomes = await asyncio.gather(*(one(each) for each in ids))
        return [failure for failure in outcomes if failure]

    async def close(self) -> None:
        """Stop what was taken up; it is left to the next bot."""
        for task in self._resumed:
            task.cancel()
        await asyncio.gather(*self._resumed, return_exceptions=True)

    async def _take_up(self, ask_id: str) -> None:
        context = self._context
        ask = await context.blocking(context.chat.ask, ask_id)
        if ask is None or ask.state.ended:
            return
        if ask.state is AskState.WAITING:
            await self._delivering.ask(ask_id)
            return
        held = await context.blocking(context.chat.claim, ask_id)
        if held is None:
            return
        if held.ask.tries > MOST_TRIES:
            await self._asking.give_up(held)
            return
        task = asyncio.create_task(self._asking.resume(held))
        self._resumed.add(task)
        task.add_done_callback(self._resumed.discard)
