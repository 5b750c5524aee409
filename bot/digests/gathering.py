"""Gathers what is new for a digest, place by place, and makes jobs of it. Knows no platform.

Each place goes on after the last message that its subscription was told of. Where a bot dies
halfway, what it stored stays, and the next bot goes on with the other places.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.context import Context
from bot.digests.describing import about
from bot.digests.permitting import Permitted, Permitting
from bot.digests.poster import Poster
from bot.gathering import gather
from bot.holding import LostError
from bot.platform import Refusal
from bot.submitting import forget_gone
from precis.ask import AskRequest, Place, ServerSettings, Wanted
from precis.conversation import Conversation, Message
from precis.digest import LONGEST_SPAN, Mark, Part
from precis.job import DIGEST_QUEUE, INTERACTIVE_QUEUE, JobRequest
from precis.store import HeldDigest
from precis.window import Window

STILL_OPEN_FOR = timedelta(days=7)
READ_APART = timedelta(hours=1)
ASKED_AGAIN_FOR = 30.0
"""Seconds that a digest takes at most to see what became of what was left open; some platforms
answer once a minute.
"""


@dataclass(frozen=True, slots=True)
class _Found:
    """What is new in a place."""

    permitted: Permitted
    place: Place
    conversation: Conversation
    partial: bool


class DigestGathering:
    def __init__(self, context: Context, poster: Poster, permitting: Permitting) -> None:
        self._context = context
        self._poster = poster
        self._permitting = permitting

    async def gather(self, held: HeldDigest, begun: datetime, settings: ServerSettings) -> bool:
        """Store a part with a job for each place with something new; False if it isn't worth it.

        All places are read up to when it was `begun`, also where that is tried again: else one
        could be passed by the mark of another, which was read later.
        Raises PausedError, PlatformDownError, StoreError, LostError.
        """
        sources = await self._permitting.permitted(held, settings)
        least = 1 if held.digest.preview_for else held.subscription.least
        count = sum(part.messages for part in held.digest.parts)
        waiting: list[_Found] = []
        patience = asyncio.get_running_loop().time() + ASKED_AGAIN_FOR
        async for found in self._new(held, begun, sources, settings):
            waiting.append(found)
            count += len(found.conversation.messages)
            if count >= least:  # until then nothing is stored, nor worked on for nothing
                for each in waiting:
                    await self._store(held, each, settings, patience)
                waiting.clear()
        return count >= least

    async def _new(
        self,
        held: HeldDigest,
        begun: datetime,
        sources: Sequence[Permitted],
        settings: ServerSettings,
    ) -> AsyncIterator[_Found]:
        context, subscription = self._context, held.subscription
        there = {part.place for part in held.digest.parts}
        marks = await context.blocking(context.digests.marks, subscription.id)
        earliest = context.jobs.now() - LONGEST_SPAN
        first = max(earliest, subscription.created_at - subscription.schedule.span)
        for each in sources:
            start = marks.get(each.source, Mark(at=first, message="-"))
            start = start if start.at >= earliest else Mark(at=earliest, message="-")
            told = await self._told(held, each.source)
            async for place in self._places(subscription.server, each.source, start):
                if place.place in there:
                    continue
                mark = marks.get(place.place, start)
                mark = mark if mark.at >= earliest else start
                found = await self._found(held, each, place, mark, begun, settings, told)
                told |= {message.id for message in found.conversation.messages}
                if found.conversation.messages:
                    yield found

    async def _places(self, server: str, source: str, start: Mark) -> AsyncIterator[Place]:
        """The channel first, and read before its threads are listed: one that begins meanwhile has
        nothing older than the channel's new mark.

        A thread may have been read a little before its channel was.
        """
        yield Place(server=server, place=source)
        for place in await self._poster.places(server, source, start.at - READ_APART):
            if place.place != source:
                yield place

    async def _told(self, held: HeldDigest, source: str) -> set[str]:
        """Messages of the channel that an earlier try has stored."""
        jobs = self._context.jobs
        parts = [part for part in held.digest.parts if part.place == source and part.job_id]
        found = [
            await self._context.blocking(jobs.conversation, str(part.job_id)) for part in parts
        ]
        return {message.id for each in found for message in each.messages}

    async def _found(
        self,
        held: HeldDigest,
        permitted: Permitted,
        place: Place,
        mark: Mark,
        until: datetime,
        settings: ServerSettings,
        told: set[str],
    ) -> _Found:
        """`told`: messages that the source has already; a thread's first one may be among them."""
        context = self._context
        request = _reading(held, place.place, mark.at, until)
        name, nothing = permitted.info.name, Conversation(source=context.platform.name)
        if place.place != permitted.source:
            info = await context.platform.source(request)
            if isinstance(info, Refusal) or settings.forbids(info.within):
                return _Found(permitted, place, nothing, partial=False)
            name = info.name
        most = min(settings.largest_window, context.settings.max_messages)
        gathered = await gather(
            context.platform.history(request), request, name, most, context.opted_out, _ignore
        )
        new = tuple(
            message
            for message in gathered.conversation.messages
            if _is_after(message, mark) and message.id not in told
        )
        conversation = gathered.conversation.model_copy(update={"messages": new})
        return _Found(permitted, place, conversation, gathered.partial)

    async def _store(
        self, held: HeldDigest, found: _Found, settings: ServerSettings, patience: float
    ) -> None:
        context, subscription = self._context, held.subscription
        name, new = context.platform.name, found.conversation.messages
        carried = await self._left_open(held, found, patience)
        whole = found.conversation.model_copy(update={"messages": (*carried, *new)})
        texts = {message.id: message.text for message in whole.messages}
        request = JobRequest(
            task="digest",
            # Somebody waits for a preview.
            queue=INTERACTIVE_QUEUE if held.digest.preview_for else DIGEST_QUEUE,
            frontend=name,
            style=subscription.style or settings.style,
            thresholds=settings.thresholds_in(_within(found)),
            judged=await context.blocking(
                context.moderation.judged, name, list(texts), texts=texts
            ),
            carried=tuple(each.id for each in carried),
        )
        part = Part(
            source=found.permitted.source,
            place=found.place.place,
            messages=len(new),
            mark=_last(new),
            partial=found.partial,
        )
        kept = await context.blocking(
            context.digests.add_part,
            held,
            part,
            request,
            whole,
            context.settings.requeue_after,
            found.place,
        )
        if kept is None:
            raise LostError
        await forget_gone(context, whole)
        job_id, is_new = kept
        if job_id is not None and is_new:
            await context.send(job_id, request.queue)

    async def _left_open(
        self, held: HeldDigest, found: _Found, patience: float
    ) -> tuple[Message, ...]:
        """What the last digest of a place left open, as it is now.

        It is asked for again, for nobody tells of edits and deletions while no bot runs; until
        `patience` (the event loop's time).
        """
        context, place = self._context, found.place.place
        since = context.jobs.now() - STILL_OPEN_FOR
        stored = await context.blocking(
            context.digests.left_open, held.subscription.id, place, since
        )
        new = {message.id for message in found.conversation.messages}
        request = about(held.subscription, place)
        carried = [
            await self._as_now(request, each, patience) for each in stored if each.id not in new
        ]
        return tuple(each for each in carried if each is not None)

    async def _as_now(
        self, request: AskRequest, message: Message, patience: float
    ) -> Message | None:
        """As the platform has it, or as it is stored, where the platform lets the bot wait."""
        if asyncio.get_running_loop().time() >= patience:
            return message
        try:
            async with asyncio.timeout_at(patience):
                return await self._poster.as_now(request, message)
        except TimeoutError:
            return message


async def _ignore(_count: int) -> None:
    """Nobody waits who would be told of progress."""


def _reading(held: HeldDigest, place: str, since: datetime, until: datetime) -> AskRequest:
    wanted = Wanted(window=Window(since=min(since, until), until=until), thorough=True)
    return about(held.subscription, place).model_copy(update={"wanted": wanted})


def _is_after(message: Message, mark: Mark) -> bool:
    """Whether a message is none that was told of; of two at one moment the greater id is later."""
    if message.time is None or message.time < mark.at:
        return False
    return message.time > mark.at or _order(message.id) > _order(mark.message)


def _order(identifier: str) -> tuple[int, str]:
    return len(identifier), identifier


def _last(messages: Sequence[Message]) -> Mark | None:
    timed = [(each.time, _order(each.id), each.id) for each in messages if each.time]
    if not timed:
        return None
    at, _, last = max(timed)
    return Mark(at=at, message=last)


def _within(found: _Found) -> list[str]:
    """Ids of the place and of what it is in, its own first."""
    return list(dict.fromkeys((found.place.place, *found.permitted.info.within)))
