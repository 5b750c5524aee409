"""Digests on one platform: what adapters hand commands and clicks to. Knows no platform.

Ids that commands and clicks bring may be forged: each is looked up in its own server, and for what
whoever brings it may see. Methods raise StoreError and PlatformDownError; InputError's text is for
who asked.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from bot.context import Context
from bot.digests.describing import Describing, about, next_day
from bot.digests.poster import Poster, Subscriber
from bot.digests.running import Running
from bot.digests.subscribing import Subscribing, Wanted
from bot.platform import PlatformDownError
from bot.texts import told_length
from precis.conversation import Message
from precis.digest import PauseReason, Subscription
from precis.errors import StoreError
from precis.places import where
from precis.store import TooMany

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listed:
    """A subscription that somebody may see and change."""

    id: str
    label: str
    """Plain, one line, for menus; untrusted."""
    text: str
    """As it is shown."""
    subscription: Subscription


class Digests:
    """The use cases, put together."""

    def __init__(self, context: Context, poster: Poster) -> None:
        self._context = context
        self._poster = poster
        self.running = Running(context, poster)
        self._describing = Describing(context, poster)
        self._subscribing = Subscribing(context, poster, self._describing)
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self.running.run())

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.running.close()

    def wake(self) -> None:
        """Look now for what is to be done."""
        self.running.wake()

    async def subscribe(self, who: Subscriber, wanted: Wanted) -> str:
        """Subscribe a target to a channel, or change what it gets; the line to show."""
        texts = await self._context.texts(who.server)
        return await self._subscribing.subscribe(who, wanted, texts)

    async def listing(self, who: Subscriber, *, labels: bool = True) -> Sequence[Listed]:
        """What somebody may see and change: their own, those they made, all for managers.

        Without `labels` those are empty: a platform may be slow to tell what channels are called.
        """
        texts = await self._context.texts(who.server)
        name = self._context.platform.name
        found = await self._context.blocking(self._context.digests.subscriptions, name, who.server)
        return [
            Listed(
                each.id,
                await self._describing.label(each, texts) if labels else "",
                await self._describing.line(each, texts),
                each,
            )
            for each in found
            if _may_change(who, each)
        ]

    async def pause(self, who: Subscriber, subscription_id: str) -> str:
        words = (await self._context.texts(who.server)).digests.words
        if await self._found(who, subscription_id) is None:
            return words.not_there
        store = self._context.digests
        done = await self._context.blocking(store.pause, subscription_id, PauseReason.ASKED)
        return words.now_paused if done else words.already_paused

    async def resume(self, who: Subscriber, subscription_id: str) -> str:
        words = (await self._context.texts(who.server)).digests.words
        before = await self._found(who, subscription_id)
        after = before and await self._context.blocking(
            self._context.digests.resume, subscription_id
        )
        if before is None or after is None:
            return words.not_there
        form = words.now_resumed if before.paused else words.still_runs
        return form.format(day=next_day(after, words))

    async def without(self, who: Subscriber, subscription_id: str) -> str:
        """Take out the channel that it was paused for, and go on with the others."""
        context = self._context
        words = (await context.texts(who.server)).digests.words
        before = await self._found(who, subscription_id)
        if before is None:
            return words.not_there
        source = before.paused_for or ""
        resume = partial(context.digests.resume, without=source)
        after = await context.blocking(resume, subscription_id)
        if after is None:
            return words.not_there
        if after.paused:  # for something else: somebody was faster
            return words.already_paused
        if source not in before.sources or source in after.sources:
            return words.still_runs.format(day=next_day(after, words))
        place = await self._poster.place(who.server, source)
        return words.now_without.format(source=place, day=next_day(after, words))

    async def stop(self, who: Subscriber, subscription_id: str) -> str:
        words = (await self._context.texts(who.server)).digests.words
        if await self._found(who, subscription_id) is None:
            return words.not_there
        await self._context.blocking(self._context.digests.stop, subscription_id)
        return words.stopped

    async def preview(self, who: Subscriber, subscription_id: str) -> str:
        """What the next digest would be now, to who asks alone, of what they can read."""
        context = self._context
        texts = await context.texts(who.server)
        words = texts.digests.words
        found = await self._found(who, subscription_id)
        if found is None:
            return words.not_there
        asked = about(found, found.sources[0], who.person)
        made = await context.blocking(
            context.digests.preview, subscription_id, asked, context.limits
        )
        if isinstance(made, TooMany):
            form = texts.too_many_person if made.whose == "person" else texts.too_many_server
            return form.format(wait=told_length(made.wait, texts))
        self.wake()
        return words.not_there if made is None else words.previewing

    async def edited(self, message_id: str, fresh: Callable[[], Awaitable[Message | None]]) -> None:
        """A message was edited; `fresh` gives it as it is now, None where it says nothing.

        What a digest left open it may tell of again: not as it was.
        """
        context, name = self._context, self._context.platform.name
        try:
            if not await context.blocking(context.digests.carries, name, message_id):
                return
            message = await fresh()
            if message is None:
                await context.blocking(context.chat.forget_messages, name, [message_id])
            else:
                await context.blocking(context.digests.rewrite, name, message)
        except (StoreError, PlatformDownError) as error:
            logger.warning("an edited message is not heard: %s", str(error) or where(error))

    async def _found(self, who: Subscriber, subscription_id: str) -> Subscription | None:
        found = await self._context.blocking(self._context.digests.subscription, subscription_id)
        if found is None or found.platform != self._context.platform.name:
            return None
        return found if found.server == who.server and _may_change(who, found) else None


def _may_change(who: Subscriber, subscription: Subscription) -> bool:
    """A personal one is its person's alone."""
    if subscription.target.kind == "person":
        return subscription.target.id == who.person
    return who.manager or subscription.created_by == who.person
