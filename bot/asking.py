"""Somebody asks for a summary: may they, what of, and off it goes to the workers.

What is begun here and left (a restart, a fault) is taken up again from the store, by `resume`.
The platform has acknowledged the command before anything here runs. Knows no platform.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress

from bot.context import Context
from bot.delivering import Delivering
from bot.gathering import Gathered, gather
from bot.holding import LostError, holding
from bot.platform import PlatformDownError, Refusal
from bot.refusals import refused
from bot.request_metrics import Outcome, count_request
from bot.submitting import submit
from bot.texts import Texts, told_length
from precis.ask import AskRequest, AskState, Place, ServerSettings
from precis.errors import PrecisError, StoreError, UnansweredError
from precis.job import JobRequest
from precis.monitoring.context import bind_job, bound
from precis.monitoring.traces import span
from precis.places import where
from precis.store import HeldAsk, Known, TooMany

logger = logging.getLogger(__name__)

BETWEEN_REPORTS = 2.0  # seconds between two lines of progress


class RefusedError(PrecisError):
    """Whoever asks is told why there is no summary."""


class LimitedError(RefusedError):
    """There were too many requests of late."""


class Asking:
    """The use case, for all who ask on a platform."""

    def __init__(self, context: Context, delivering: Delivering) -> None:
        self._context = context
        self._delivering = delivering
        self._stopping = False
        self._reading = 0

    @property
    def idle(self) -> bool:
        """Whether no messages are read for anybody just now."""
        return self._reading == 0

    def stop(self) -> None:
        """From now on, asks are taken and left to the next process."""
        self._stopping = True

    async def ask(
        self, request: AskRequest, roles: Collection[str] = (), *, manager: bool = False
    ) -> None:
        """From a command to a waiting job, or to a line that says why not. Raises nothing.

        `roles` are ids of who asks; a `manager` may always ask. Cancelled, it leaves the ask to
        the next process, and says so.
        """
        taking = asyncio.create_task(self._taken(request, roles, manager=manager))
        try:
            taken = await asyncio.shield(taking)
        except asyncio.CancelledError:
            if taken := await taking:
                await self._left(*taken)
            raise
        if taken and self._stopping:
            await self._left(*taken)
        elif taken:
            await self._work(*taken)

    async def _taken(
        self, request: AskRequest, roles: Collection[str], *, manager: bool
    ) -> tuple[HeldAsk, ServerSettings] | None:
        """None where whoever asks was told why not, and where this is known already."""
        texts = self._context.last_texts(request.server)
        try:
            settings = await self._context.server_settings(request.server)
            texts = self._context.texts_of(settings.language)
            allowed = manager or not settings.roles or bool(set(roles) & set(settings.roles))
            begun = await self._begun(request, texts, allowed=allowed)
        except Exception as error:  # noqa: BLE001 - nobody is left without a word
            await self._refuse(request, error, texts)
            return None
        return None if begun is None else (begun, settings)

    async def _begun(self, request: AskRequest, texts: Texts, *, allowed: bool) -> HeldAsk | None:
        if not allowed:
            raise RefusedError(texts.wrong_roles)
        try:
            begun = await self._context.blocking(
                self._context.chat.begin, request, self._context.limits
            )
        except UnansweredError as error:  # it may be taken: then it is swept up, and answered
            raise RefusedError(texts.store_unsure) from error
        if isinstance(begun, TooMany):
            text = texts.too_many_person if begun.whose == "person" else texts.too_many_server
            raise LimitedError(text.format(wait=told_length(begun.wait, texts)))
        return None if isinstance(begun, Known) else begun

    async def resume(self, held: HeldAsk) -> None:
        """Take up an ask that was left while its messages were gathered."""
        try:
            settings = await self._context.server_settings(held.ask.request.server)
        except PrecisError as error:  # its lease ends, and it is taken up again
            logger.warning("ask %s: %s", held.id, error)
            return
        await self._work(held, settings)

    async def _work(self, held: HeldAsk, settings: ServerSettings) -> None:
        with bound(request=held.id):
            logger.info("ask %s: try %d begins", held.id, held.ask.tries)
            await self._worked(held, settings)

    async def _worked(self, held: HeldAsk, settings: ServerSettings) -> None:
        request, texts = held.ask.request, self._context.texts_of(settings.language)
        try:
            with span("gather"):
                job_id, count, new = await self._stored(held, settings, texts)
            bind_job(job_id)
            logger.info("ask %s waits for job %s of %d messages", held.id, job_id, count)
            await self._going_on(held, job_id, count, texts, new=new)
        except asyncio.CancelledError:  # the process stops; another takes it up
            await asyncio.shield(self._left(held, settings))
            raise
        except LostError:
            logger.info("ask %s was taken up by another process", held.id)
        except PlatformDownError as error:  # its lease ends, and it is taken up again
            logger.warning("ask %s, try %d: %s", held.id, held.ask.tries, where(error))
            await forgiven(self._context, held)
        except StoreError as error:  # likewise
            logger.warning("ask %s: %s", held.id, error)
            await self._tell(request, texts.store_lost)
        except Exception as error:  # noqa: BLE001 - nobody is left without a word
            if await self._refuse(request, error, texts):
                await self._ended(held)
            else:
                await forgiven(self._context, held)

    async def _stored(
        self, held: HeldAsk, settings: ServerSettings, texts: Texts
    ) -> tuple[str, int, bool]:
        """The job that the ask waits for from now on, its number of messages, whether it is new."""
        context = self._context
        async with holding(context, held), context.gathering:
            self._reading += 1
            try:
                gathered, place = await self._gathered(held, settings, texts)
                job_id, new = await self._submitted(held, gathered, place, settings)
            finally:
                self._reading -= 1
        partial = gathered.partial
        if not await context.blocking(context.chat.wait_for, held, job_id, partial=partial):
            raise LostError
        return job_id, len(gathered.conversation.messages), new

    async def _gathered(
        self, held: HeldAsk, settings: ServerSettings, texts: Texts
    ) -> tuple[Gathered, Place]:
        context, request = self._context, held.ask.request
        place = await context.platform.source(request)
        if isinstance(place, Refusal):
            raise RefusedError(refused(place, texts, "…"))
        if settings.forbids(place.within):
            raise RefusedError(refused(Refusal.NEVER_READ, texts, place.shown))
        if refusal := await context.platform.refusal(request):
            raise RefusedError(refused(refusal, texts, place.shown))
        await self._tell(request, texts.gathering)
        most = min(settings.largest_window, context.settings.max_messages)
        gathered = await gather(
            context.platform.history(request),
            request,
            place.name,
            most,
            context.opted_out,
            self._reporting(held, texts),
        )
        if not gathered.conversation.messages:
            raise RefusedError(texts.empty_own if request.wanted.since_own else texts.empty)
        return gathered, Place(server=request.server, place=request.source, parent=place.parent)

    async def _submitted(
        self, held: HeldAsk, gathered: Gathered, place: Place, settings: ServerSettings
    ) -> tuple[str, bool]:
        context, name = self._context, self._context.platform.name
        texts = {message.id: message.text for message in gathered.conversation.messages}
        within = [place.place, *([place.parent] if place.parent else ())]
        job = JobRequest(
            style=held.ask.request.wanted.style or settings.style,
            thresholds=settings.thresholds_in(within),
            judged=await context.blocking(
                context.moderation.judged, name, list(texts), texts=texts
            ),
            frontend=name,
            requested_by=held.ask.request.person,
        )
        return await submit(context, job, gathered.conversation, place)

    async def _going_on(
        self, held: HeldAsk, job_id: str, count: int, texts: Texts, *, new: bool
    ) -> None:
        """From here on the ask waits, and may be answered by anybody at any time.

        So whatever goes wrong, no line may take the answer's place; the sweep sees to the rest.
        """
        try:
            await self._sent(held, job_id, count, texts, new=new)
        except StoreError as error:
            logger.warning("ask %s: %s", held.id, error)
            with suppress(StoreError):  # told where nobody has answered, or does just now
                await self._delivering.watching.tell(held.ask, texts.store_lost)
        except Exception as error:  # noqa: BLE001 - it is answered all the same
            logger.error("ask %s: %s", held.id, where(error))  # noqa: TRY400 - a trace may quote

    async def _sent(
        self, held: HeldAsk, job_id: str, count: int, texts: Texts, *, new: bool
    ) -> None:
        context = self._context
        job = await context.blocking(context.jobs.job, job_id)
        if job.state.ended:  # the same was asked before, and nothing has changed since
            await self._delivering.job_ended(job_id)
            return
        watching = self._delivering.watching
        if new and not await context.send(job_id, job.request.queue):
            await watching.tell(held.ask, texts.queue_down)
            return
        watching.begin(held.ask, job_id, count, texts)

    def _reporting(self, held: HeldAsk, texts: Texts) -> Callable[[int], Awaitable[None]]:
        """Reports progress now and then."""
        told = time.monotonic()

        async def report(count: int) -> None:
            nonlocal told
            if time.monotonic() - told < BETWEEN_REPORTS:
                return
            told = time.monotonic()
            await self._tell(held.ask.request, texts.gathered.format(count=count))

        return report

    async def give_up(self, held: HeldAsk) -> None:
        """End an ask that was taken up too often, once who asked is told. Raises StoreError."""
        texts = await self._context.texts(held.ask.request.server)
        if not await self._shown(held.ask.request, texts.broken):
            await forgiven(self._context, held)  # its lease ends, and it is given up then
            return
        logger.warning("ask %s is given up after %d tries", held.id, held.ask.tries - 1)
        if await self._context.blocking(self._context.chat.end, held, AskState.FAILED):
            count_request(held.ask.request, "failed")

    async def _left(self, held: HeldAsk, settings: ServerSettings) -> None:
        """Leave an ask to another process, and say so while nobody else can answer it."""
        context, texts = self._context, self._context.texts_of(settings.language)
        text = texts.restarting
        try:
            if await context.blocking(context.chat.extend, held):
                await self._tell(held.ask.request, text)
                await context.blocking(context.chat.let_go, held)
            else:  # it waits for its job already
                await self._delivering.watching.tell(held.ask, text)
        except StoreError as error:
            logger.warning("ask %s: %s", held.id, error)
            await self._tell(held.ask.request, text)

    async def _ended(self, held: HeldAsk) -> None:
        try:
            await self._context.blocking(self._context.chat.end, held, AskState.FAILED)
        except StoreError as error:
            logger.warning("ask %s: %s", held.id, error)

    async def _refuse(self, request: AskRequest, error: Exception, texts: Texts) -> bool:
        """Tell who asked why there is no summary; False where that is still to be said."""
        if not await self._shown(request, _told(error, texts)):
            return False
        count_request(request, _outcome(error))
        return True

    async def _shown(self, request: AskRequest, text: str) -> bool:
        """Show a last line to who asked, and nobody else.

        False where the platform is down: there is something left to be said when it is back.
        """
        try:
            await self._context.platform.withdraw(request, text)
        except PlatformDownError as failure:
            logger.warning("a line to %s waits: %s", request.platform, where(failure))
            return False
        except Exception as failure:  # noqa: BLE001 - there is no other way to say it
            logger.warning("a line to %s was not shown: %s", request.platform, where(failure))
        return True

    async def _tell(self, request: AskRequest, text: str) -> None:
        try:
            await self._context.platform.say(request, text)
        except Exception as error:  # noqa: BLE001 - a line of progress is not worth an ask
            logger.warning("a line to %s was not shown: %s", request.platform, where(error))


async def forgiven(context: Context, held: HeldAsk) -> None:
    """Don't count a try that failed for the platform alone: it may be down for hours."""
    try:
        await context.blocking(context.chat.forgive, held)
    except StoreError as error:
        logger.warning("ask %s: %s", held.id, error)


def _outcome(error: Exception) -> Outcome:
    if isinstance(error, LimitedError):
        return "limited"
    return "refused" if isinstance(error, RefusedError) else "failed"


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
