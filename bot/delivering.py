"""Shows people the summaries they wait for: once, and only what they may still read.

Told of ended jobs by the broker (`job_ended`), and by the store for what the broker lost (`due`).
An ask is claimed before it is answered; a process that dies halfway loses its claim, and another
answers. Knows no platform.
"""

import asyncio
import logging
from collections.abc import Iterator

from bot.context import Context
from bot.holding import LostError, holding
from bot.platform import Answer, OnPosted, PlatformDownError, Refusal, UnreachableError
from bot.refusals import refused
from bot.request_metrics import Outcome, count_answer
from bot.texts import Texts
from bot.watching import Watching
from precis.ask import Ask, AskRequest, AskState
from precis.errors import PurgedError, StoreError
from precis.job import Job, JobState
from precis.monitoring.context import bound
from precis.monitoring.metrics import DELIVERY_RETRIES
from precis.monitoring.traces import span
from precis.places import where
from precis.store import HeldAsk
from precis.store.asks import MOST_TRIES

logger = logging.getLogger(__name__)


class Delivering:
    """The use case, for all who wait on a platform."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.watching = Watching(context, self.job_ended)
        self._in_hand: set[asyncio.Task[bool]] = set()

    @property
    def in_hand(self) -> set[asyncio.Task[bool]]:
        """Answers on their way: to be finished, or they would be shown again."""
        return set(self._in_hand)

    async def job_ended(self, job_id: str) -> None:
        """Answer all who wait for a job. Raises StoreError; what else goes wrong is tried again."""
        context = self._context
        waiting = await context.blocking(context.chat.waiting_for, job_id)
        done = await asyncio.gather(*(self.ask(each) for each in waiting))
        if all(done):
            await context.blocking(context.jobs.mark_delivered, job_id)

    async def ask(self, ask_id: str) -> bool:
        """Answer an ask whose job has ended; whether nothing is left to be done for it.

        Goes on if who waits for it is cancelled: what is shown must be noted. Raises StoreError.
        """
        task = asyncio.create_task(self._ask(ask_id))
        self._in_hand.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[bool]) -> None:
        self._in_hand.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, also where nobody waits any more

    async def _ask(self, ask_id: str) -> bool:
        with bound(request=ask_id):
            return await self._delivered(ask_id)

    async def _delivered(self, ask_id: str) -> bool:
        context = self._context
        await self.watching.stop(ask_id)
        held = await context.blocking(context.chat.claim, ask_id)
        if held is None:  # another process does, or did
            return False
        try:
            with bound(job=held.ask.job_id), span("deliver"):
                async with holding(context, held):
                    outcome = await self._answered(held)
        except StoreError:
            raise
        except LostError:
            return False
        except Exception as error:  # noqa: BLE001 - the network's many errors, and bugs
            return await self._failed(held, error)
        if outcome is None:
            await context.blocking(context.chat.let_go, held)
            return False
        return await self._end(held, *outcome)

    async def _end(self, held: HeldAsk, state: AskState, outcome: Outcome) -> bool:
        """End an ask; it counts once, for whoever's claim it was."""
        context = self._context
        ended = await context.blocking(context.chat.end, held, state)
        if ended:
            with bound(job=held.ask.job_id):
                logger.info("ask %s: %s", held.id, outcome)
                count_answer(held.ask, outcome, context.jobs.now())
        return ended

    async def _failed(self, held: HeldAsk, error: Exception) -> bool:
        """Its lease ends, and it is tried again; for ever only where that must help one day."""
        context = self._context
        logger.warning("ask %s, try %d: %s", held.id, held.ask.tries, where(error))
        if isinstance(error, PlatformDownError):
            self._count_retry(held, "platform_down")
            await context.blocking(context.chat.forgive, held)
            return False
        if not isinstance(error, UnreachableError):
            if held.ask.tries < MOST_TRIES:
                self._count_retry(held, "error")
                return False
            texts = await context.texts(held.ask.request.server)
            try:
                await context.platform.withdraw(
                    held.ask.request, texts.broken, posted=held.ask.posted
                )
            except PlatformDownError:  # it is said when it can be
                self._count_retry(held, "platform_down")
                await context.blocking(context.chat.forgive, held)
                return False
            except Exception as failure:  # noqa: BLE001 - there is no other way to say it
                logger.warning("ask %s, the last word: %s", held.id, where(failure))
        return await self._end(held, AskState.FAILED, "failed")

    @staticmethod
    def _count_retry(held: HeldAsk, reason: str) -> None:
        DELIVERY_RETRIES.inc(platform=held.ask.request.platform, what="answer", reason=reason)

    async def _answered(self, held: HeldAsk) -> tuple[AskState, Outcome] | None:
        """The state to end in, and what that means to whoever asked; None while the job goes on."""
        context, ask = self._context, held.ask
        if ask.job_id is None:
            return None
        job = await context.blocking(context.jobs.job, ask.job_id)
        if not job.state.ended:
            return None
        texts = await context.texts(ask.request.server)
        if refusal := await self.refusal(ask.request, texts):
            await context.platform.withdraw(ask.request, refusal, posted=ask.posted)
            return AskState.FAILED, "refused"
        answer = await self._answer(ask, job, texts)
        if isinstance(answer, str):
            await context.platform.say(ask.request, answer, final=True)
            withheld = job.state is JobState.WITHHELD
            return AskState.ANSWERED, "withheld" if withheld else "failed"
        await context.platform.answer(ask, answer, self._noting(held))
        return AskState.ANSWERED, "answered"

    def _noting(self, held: HeldAsk) -> OnPosted:
        """Notes each message with a part of the answer, so that it isn't shown again."""
        there = list(held.ask.posted)

        async def posted(message: str) -> None:
            there.append(message)
            await self._context.blocking(self._context.chat.note_posted, held, there)

        return posted

    async def refusal(self, request: AskRequest, texts: Texts) -> str | None:
        """Why its summary may not be shown: roles and settings change while one waits."""
        context = self._context
        place = await context.platform.source(request)
        if isinstance(place, Refusal):
            return refused(place, texts, "…")
        settings = await context.server_settings(request.server)
        if settings.forbids(place.within):
            return refused(Refusal.NEVER_READ, texts, place.shown)
        if refusal := await context.platform.refusal(request, again=True):
            return refused(refusal, texts, place.shown)
        if not request.private and not await context.platform.audience_fits(request):
            return texts.cannot_share.format(place=place.shown)
        return None

    async def _answer(self, ask: Ask, job: Job, texts: Texts) -> Answer | str:
        """The answer, or the line that takes its place."""
        context = self._context
        if job.state is JobState.FAILED:
            return texts.failed.format(reason=job.reason or "")
        if job.state is JobState.WITHHELD:
            return texts.withheld
        try:
            return await answer_of(context, ask, job.id, texts)
        except PurgedError:
            return texts.gone


async def answer_of(context: Context, ask: Ask, job_id: str, texts: Texts) -> Answer | str:
    """The summary of a job as it is shown, or the line that takes its place.

    Raises StoreError; PurgedError where there was a summary.
    """
    result = await context.blocking(context.jobs.result, job_id)
    if result is None:  # not yet: a button with a forged id
        return texts.gone
    if result.summary is None:
        return texts.withheld
    if not result.summary.sentences:
        return texts.forgotten
    covered = await context.blocking(context.chat.covered, job_id)
    settings = await context.server_settings(ask.request.server)
    return Answer(
        ask_id=ask.id,
        job_id=job_id,
        place=covered.channel,
        style=result.summary.style,
        sentences=result.summary.sentences,
        messages=covered.messages,
        first_time=covered.first_time,
        last_time=covered.last_time,
        model=result.model.generator,
        adapter=result.model.adapter,
        language=settings.language,
        private=ask.request.private,
        notes=tuple(_notes(ask, covered.messages, texts)),
    )


def _notes(ask: Ask, messages: int, texts: Texts) -> Iterator[str]:
    if ask.partial:
        yield texts.partial.format(count=messages)
    if ask.request.wanted.made_private:
        yield texts.went_private
