"""Somebody asks for a summary: may they, what of, and off it goes to the workers.

What is begun here and left (a restart, a fault) is taken up again from the store, by `resume`.
The platform has acknowledged the command before anything here runs. Knows no platform.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Sequence

from bot.context import Context
from bot.delivering import Delivering
from bot.gathering import Gathered, gather
from bot.platform import Refusal, SourceInfo
from bot.refusals import refused
from bot.texts import Texts, texts_in, told_length
from precis.ask import AskRequest, AskState, ServerSettings
from precis.errors import PrecisError, StoreError
from precis.job import JobRequest, QueueName
from precis.places import where
from precis.store import HeldAsk, TooMany

logger = logging.getLogger(__name__)

BETWEEN_REPORTS = 2.0  # seconds between two lines of progress


class RefusedError(PrecisError):
    """Whoever asks is told why there is no summary."""


class Asking:
    """The use case, for all who ask on a platform."""

    def __init__(self, context: Context, delivering: Delivering) -> None:
        self._context = context
        self._delivering = delivering

    async def ask(
        self, request: AskRequest, roles: Collection[str] = (), *, manager: bool = False
    ) -> None:
        """From a command to a waiting job, or to a line that says why not. Raises nothing.

        `roles` are ids of who asks; a `manager` may always ask.
        """
        texts = texts_in("en")
        try:
            settings = await self._context.server_settings(request.server)
            texts = texts_in(settings.language)
            allowed = manager or not settings.roles or bool(set(roles) & set(settings.roles))
            begun = await self._begun(request, texts, allowed=allowed)
        except Exception as error:  # noqa: BLE001 - nobody is left without a word
            await self._tell(request, _told(error, texts))
            return
        await self._work(begun, settings)

    async def _begun(self, request: AskRequest, texts: Texts, *, allowed: bool) -> HeldAsk:
        if not allowed:
            raise RefusedError(texts.wrong_roles)
        begun = await self._context.blocking(
            self._context.chat.begin, request, self._context.limits
        )
        if isinstance(begun, TooMany):
            text = texts.too_many_person if begun.whose == "person" else texts.too_many_server
            raise RefusedError(text.format(wait=told_length(begun.wait, texts)))
        return begun

    async def resume(self, held: HeldAsk) -> None:
        """Take up an ask that was left while its messages were gathered. Raises StoreError."""
        await self._work(held, await self._context.server_settings(held.ask.request.server))

    async def _work(self, held: HeldAsk, settings: ServerSettings) -> None:
        context, request = self._context, held.ask.request
        texts = texts_in(settings.language)
        try:
            async with context.gathering:
                gathered = await self._gathered(held, settings, texts)
                job_id, new = await self._submitted(held, gathered, settings)
            count = len(gathered.conversation.messages)
            del gathered
            await self._sent(held, job_id, count, texts, new=new)
        except asyncio.CancelledError:  # the process stops; another takes it up
            await asyncio.shield(self._left(held, texts))
            raise
        except StoreError as error:
            logger.warning("ask %s: %s", held.id, error)
            await self._tell(request, texts.store_down)  # its lease ends, and it is taken up again
        except Exception as error:  # noqa: BLE001 - nobody is left without a word
            await self._tell(request, _told(error, texts), final=True)
            await self._ended(held)

    async def _gathered(self, held: HeldAsk, settings: ServerSettings, texts: Texts) -> Gathered:
        context, request = self._context, held.ask.request
        place = await context.platform.source(request)
        if isinstance(place, Refusal):
            raise RefusedError(refused(place, texts, "…"))
        refusal = never_read(place, settings) or await context.platform.refusal(request)
        if refusal:
            raise RefusedError(refused(refusal, texts, place.shown))
        await self._tell(request, texts.gathering)
        most = min(settings.largest_window, context.settings.max_messages)
        gathered = await gather(
            context.platform.history(request),
            request,
            place.name,
            most,
            self._opted_out,
            self._reporting(held, texts),
        )
        if not gathered.conversation.messages:
            raise RefusedError(texts.empty_own if request.wanted.since_own else texts.empty)
        return gathered

    async def _submitted(
        self, held: HeldAsk, gathered: Gathered, settings: ServerSettings
    ) -> tuple[str, bool]:
        context = self._context
        job = JobRequest(
            style=held.ask.request.wanted.style or settings.style,
            thresholds=settings.thresholds,
            frontend=context.platform.name,
            requested_by=held.ask.request.person,
        )
        job_id, new = await context.blocking(
            context.jobs.submit_or_join, job, gathered.conversation, context.settings.requeue_after
        )
        await context.blocking(context.chat.wait_for, held, job_id, partial=gathered.partial)
        return job_id, new

    async def _sent(
        self, held: HeldAsk, job_id: str, count: int, texts: Texts, *, new: bool
    ) -> None:
        context = self._context
        job = await context.blocking(context.jobs.job, job_id)
        if job.state.ended:  # the same was asked before, and nothing has changed since
            await self._delivering.job_ended(job_id)
            return
        if new and not await self._reaches_queue(job_id, job.request.queue):
            await self._tell(held.ask.request, texts.queue_down)
            return
        self._delivering.watching.begin(held.ask, job_id, count, texts)

    async def _reaches_queue(self, job_id: str, queue: QueueName) -> bool:
        try:
            return await self._context.blocking(self._context.sender.send, job_id, queue)
        except StoreError:  # the broker hangs; the reconciler sends the job when it doesn't
            return False

    async def _opted_out(self, people: Sequence[str]) -> set[str]:
        context = self._context
        return await context.blocking(context.chat.opted_out, context.platform.name, people)

    def _reporting(self, held: HeldAsk, texts: Texts) -> Callable[[int], Awaitable[None]]:
        """Reports progress now and then, and keeps hold of the ask."""
        context, request = self._context, held.ask.request
        told = time.monotonic()

        async def report(count: int) -> None:
            nonlocal told
            if time.monotonic() - told < BETWEEN_REPORTS:
                return
            told = time.monotonic()
            if not await context.blocking(context.chat.extend, held):
                raise StoreError("another process took the question up")
            await self._tell(request, texts.gathered.format(count=count))

        return report

    async def _left(self, held: HeldAsk, texts: Texts) -> None:
        try:
            await self._context.blocking(self._context.chat.let_go, held)
            await self._tell(held.ask.request, texts.restarting)
        except PrecisError as error:
            logger.warning("ask %s: %s", held.id, error)

    async def _ended(self, held: HeldAsk) -> None:
        try:
            await self._context.blocking(self._context.chat.end, held, AskState.FAILED)
        except StoreError as error:
            logger.warning("ask %s: %s", held.id, error)

    async def _tell(self, request: AskRequest, text: str, *, final: bool = False) -> None:
        try:
            await self._context.platform.say(request, text, final=final)
        except Exception as error:  # noqa: BLE001 - a line of progress is not worth an ask
            logger.warning("a line to %s was not shown: %s", request.platform, where(error))


def never_read(place: SourceInfo, settings: ServerSettings) -> Refusal | None:
    """A refusal where a server's managers keep a channel, or what it is in, from being read."""
    return Refusal.NEVER_READ if set(place.within) & set(settings.never_read) else None


def _told(error: Exception, texts: Texts) -> str:
    """What whoever asked is told of an error, in one line."""
    if isinstance(error, RefusedError):
        return str(error)
    if isinstance(error, StoreError):
        return texts.store_down
    if isinstance(error, PrecisError):
        return texts.failed.format(reason=error)
    logger.error("an ask failed: %s", where(error))
    return texts.broken
