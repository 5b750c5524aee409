"""Makes digests when they are due, and sees each through: gathered, worked on, shown once.

Every bot looks for itself; the store says who has which. What a bot leaves halfway, the next one
takes up. Knows no platform.
"""

import asyncio
import logging
from collections import Counter
from datetime import timedelta

from bot.context import Context
from bot.digests.gathering import DigestGathering
from bot.digests.pacing import Pace
from bot.digests.permitting import PausedError, Permitting
from bot.digests.poster import Poster, UnwritableError
from bot.digests.posting import DigestPosting, UnmadeError
from bot.digests.telling import Telling
from bot.holding import LostError, holding
from bot.platform import PlatformDownError
from bot.troubles import Troubles
from precis.ask import ServerSettings
from precis.digest import MOST_LATE, DigestState, PauseReason, SkipReason
from precis.errors import PrecisError, StoreError
from precis.monitoring.context import bound
from precis.monitoring.metrics import DELIVERY_RETRIES, DIGEST_DELAY_SECONDS, DIGESTS
from precis.monitoring.traces import span
from precis.places import where
from precis.store import HeldDigest

logger = logging.getLogger(__name__)

POSTED = "posted"
EVERY = 20.0
"""Seconds between two looks at most."""
GATHERED_AT_ONCE = 4
"""Beside those that people wait for: a platform gives so many pages a second to all."""
POSTED_AT_ONCE = 4
A_SERVER = 2
"""Of them, for one server."""
LOOKED_AT = 16
A_SECOND = 12.0
"""Gathered or posted: of two or three requests each, so that half of Discord's 50 a second are left
for what people wait for."""
AFTER_A_PAUSE = 8
"""Of them, begun at once."""
MOST_TRIES = 5
AGAIN_AFTER = timedelta(seconds=30)
"""A fault; longer with each try."""
CLOSING = 10.0
PREVIEWED_FOR = timedelta(minutes=30)
"""After which nobody waits for a preview any more."""

Task = asyncio.Task[None]


class Running:
    """The use case, for all digests of a platform."""

    def __init__(self, context: Context, poster: Poster) -> None:
        self._context = context
        permitting = Permitting(context, poster)
        self._gathering = DigestGathering(context, poster, permitting)
        self._posting = DigestPosting(context, poster, permitting)
        self._telling = Telling(context, poster)
        self._pace = Pace(A_SECOND, AFTER_A_PAUSE)
        self._woken = asyncio.Event()
        self._in_hand: dict[DigestState, dict[str, Task]] = {
            DigestState.DUE: {},
            DigestState.WORKING: {},
        }
        self._servers: dict[DigestState, Counter[str]] = {
            state: Counter() for state in self._in_hand
        }
        self._stopping = False

    @property
    def in_hand(self) -> list[Task]:
        """What is being gathered and shown just now."""
        return [task for some in self._in_hand.values() for task in some.values()]

    def wake(self) -> None:
        """Look now."""
        self._woken.set()

    async def run(self) -> None:
        """Look until cancelled; an outage is one line in the log."""
        troubles = Troubles(logger, "digests", "digests wait")
        every = min(EVERY, self._context.settings.reconcile_every.total_seconds())
        while True:
            self._woken.clear()
            with troubles.told():
                await self.look()
            try:
                async with asyncio.timeout(every):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Make what is due, and begin what there is room for. Raises StoreError."""
        context, name = self._context, self._context.platform.name
        await context.blocking(context.digests.make_due, name)
        for state, most in (
            (DigestState.WORKING, POSTED_AT_ONCE),
            (DigestState.DUE, GATHERED_AT_ONCE),
        ):
            await self._begin_some(state, most)

    async def _begin_some(self, state: DigestState, most: int) -> None:
        """As many as there is room for, some a server: where reading is slow, others don't wait."""
        in_hand, taken = self._in_hand[state], self._servers[state]
        if len(in_hand) >= most:
            return
        context = self._context
        # As many more as are in hand: those may be among them, not yet claimed.
        found = await context.blocking(
            context.digests.open,
            context.platform.name,
            state,
            LOOKED_AT + len(in_hand),
            [server for server, count in taken.items() if count >= A_SERVER],
        )
        for digest_id, server in found:
            if len(in_hand) < most and digest_id not in in_hand and taken[server] < A_SERVER:
                self._begin(state, digest_id, server)

    async def job_ended(self, job_id: str) -> None:
        """Show what waited for a job, where it was the last. Raises StoreError."""
        for each in await self._context.blocking(self._context.digests.of_job, job_id):
            if each not in self._in_hand[DigestState.WORKING]:
                self.wake()

    async def settled(self) -> None:
        """Wait until no digest that is due is left open. Raises StoreError."""
        context, name = self._context, self._context.platform.name
        while True:
            await self.look()
            if not await context.blocking(context.digests.unended, name):
                return
            await asyncio.sleep(1.0)

    async def close(self) -> None:
        """Leave what is gathered to the next bot; finish what is being shown."""
        self._stopping = True
        for task in self._in_hand[DigestState.DUE].values():
            task.cancel()
        if tasks := self.in_hand:
            await asyncio.wait(tasks, timeout=CLOSING)

    def _begin(self, state: DigestState, digest_id: str, server: str) -> None:
        if self._stopping:
            return
        task = asyncio.create_task(self._take_up(digest_id))
        in_hand, taken = self._in_hand[state], self._servers[state]
        in_hand[digest_id] = task
        taken[server] += 1

        def done(task: Task) -> None:
            in_hand.pop(digest_id, None)
            taken[server] -= 1
            if not taken[server]:
                del taken[server]
            if not task.cancelled() and (error := task.exception()):
                logger.error("digest %s: %s", digest_id, where(error))
                return  # no wake: what fails at once would be tried again at once
            self.wake()

        task.add_done_callback(done)

    async def _take_up(self, digest_id: str) -> None:
        context = self._context
        try:
            held = await context.blocking(context.digests.claim, digest_id)
            if held is None:
                return
            try:
                with bound(request=digest_id), span("digest"):
                    async with holding(context, held, context.digests.extend):
                        await self._see_to(held)
            except asyncio.CancelledError:  # the next bot takes it up
                await asyncio.shield(context.blocking(context.digests.let_go, held))
                raise
            except LostError:
                logger.info("digest %s is another's, or stopped", digest_id)
            except PlatformDownError as error:
                logger.warning("digest %s waits: %s", digest_id, where(error))
                self._count_retry("platform_down")
                await context.blocking(context.digests.let_go, held, AGAIN_AFTER)
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 - the network's many errors, and bugs
                await self._failed(held, error)
        except StoreError as error:  # its lease ends, and it is taken up again
            logger.warning("digest %s waits: %s", digest_id, error)

    async def _see_to(self, held: HeldDigest) -> None:
        if why := self._stale(held):
            if why is SkipReason.PAUSED:  # perhaps by a bot that died before it told
                await self._telling.tell(held)
            await self._skip(held, why)
            return
        if held.digest.preview_for is None:  # somebody waits for a preview
            await self._pace.turn()
        settings = await self._context.server_settings(held.subscription.server)
        try:
            if held.digest.state is DigestState.DUE:
                await self._gather(held, settings)
            else:
                await self._post(held, settings)
        except PausedError as paused:
            await self._pause(held, paused.reason, paused.source)
        except UnwritableError:
            await self._pause(held, PauseReason.UNWRITABLE, None)
        except UnmadeError:
            logger.warning("digest %s: none of it could be summarised", held.id)
            await self._give_up(held)

    def _stale(self, held: HeldDigest) -> SkipReason | None:
        """Why it isn't wanted any more; of one that is half shown the rest is."""
        if held.digest.posted:
            return None
        age = self._context.jobs.now() - held.digest.due_at
        if held.digest.preview_for is not None:
            return SkipReason.LATE if age > PREVIEWED_FOR else None
        if held.subscription.paused is not None:
            return SkipReason.PAUSED
        return SkipReason.LATE if age > MOST_LATE else None

    async def _gather(self, held: HeldDigest, settings: ServerSettings) -> None:
        store, blocking = self._context.digests, self._context.blocking
        begun = await blocking(store.begin, held)
        if begun is None:
            raise LostError
        if await self._gathering.gather(held, begun, settings):
            if not await blocking(store.gathered, held):
                raise LostError
        else:
            await self._quiet(held)

    async def _post(self, held: HeldDigest, settings: ServerSettings) -> None:
        store, blocking = self._context.digests, self._context.blocking
        if await self._posting.post(held, settings):
            if await blocking(store.posted, held):
                self._count_end(held, POSTED)
        else:
            await self._quiet(held)

    async def _quiet(self, held: HeldDigest) -> None:
        if held.digest.preview_for is not None:
            await self._telling.preview(held, lambda words: words.preview_quiet)
        await self._skip(held, SkipReason.QUIET)

    async def _skip(self, held: HeldDigest, why: SkipReason) -> None:
        if await self._context.blocking(self._context.digests.skip, held, why):
            self._count_end(held, why)

    def _count_end(self, held: HeldDigest, outcome: str) -> None:
        """A digest ended; previews aren't counted."""
        if held.digest.preview_for is not None:
            return
        platform = self._context.platform.name
        DIGESTS.inc(platform=platform, outcome=outcome)
        if outcome == POSTED:
            late = self._context.jobs.now() - held.digest.due_at
            DIGEST_DELAY_SECONDS.observe(max(0.0, late.total_seconds()), platform=platform)

    def _count_retry(self, reason: str) -> None:
        platform = self._context.platform.name
        DELIVERY_RETRIES.inc(platform=platform, what="digest", reason=reason)

    async def _pause(self, held: HeldDigest, reason: PauseReason, source: str | None) -> None:
        """A preview pauses nothing: who asked for it is told alone."""
        store, blocking = self._context.digests, self._context.blocking
        if held.digest.preview_for is not None:
            await self._telling.preview(held, lambda words: words.preview_failed)
        else:
            await blocking(store.pause, held.subscription.id, reason, source)
            await self._telling.tell(held)
        await self._skip(held, SkipReason.PAUSED)

    async def _failed(self, held: HeldDigest, error: Exception) -> None:
        """Tried again, later each time; given up where that can't help."""
        store, blocking = self._context.digests, self._context.blocking
        tries = held.digest.tries
        said = str(error) if isinstance(error, PrecisError) else where(error)
        logger.warning("digest %s, try %d: %s", held.id, tries, said)
        if tries < MOST_TRIES:
            self._count_retry("error")
            await blocking(store.let_go, held, AGAIN_AFTER * tries, counts=True)
            return
        logger.error("digest %s is given up after %d tries", held.id, tries)
        await self._give_up(held)

    async def _give_up(self, held: HeldDigest) -> None:
        store, blocking = self._context.digests, self._context.blocking
        if held.digest.preview_for is not None:
            await self._telling.preview(held, lambda words: words.preview_failed)
        if await blocking(store.fail, held):
            self._count_end(held, "failed")
