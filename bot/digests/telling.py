"""Tells who made a subscription that it is paused, once. Knows no platform."""

import logging
from collections.abc import Callable

from bot.context import Context
from bot.digests.poster import Poster, UnwritableError
from bot.texts.digest_words import DigestWords
from precis.digest import PauseReason, Subscription
from precis.store import HeldDigest

logger = logging.getLogger(__name__)


class Telling:
    def __init__(self, context: Context, poster: Poster) -> None:
        self._context = context
        self._poster = poster

    async def tell(self, held: HeldDigest) -> None:
        """Tell who made the digest's subscription that it is paused, if nobody has.

        Who holds the digest tells, so two bots don't; who can't be reached isn't tried again.
        Raises PlatformDownError, StoreError: then it is told once the digest is taken up again.
        """
        store, blocking = self._context.digests, self._context.blocking
        untold = await blocking(store.untold, self._context.platform.name)
        for each in [each for each in untold if each.id == held.subscription.id]:
            try:
                await self._tell(each, f"paused-{held.id}")
            except UnwritableError:
                logger.info("nobody can be told that digest %s is paused", each.id)
            await blocking(store.told, each.id)

    async def _tell(self, subscription: Subscription, key: str) -> None:
        words = (await self._context.texts(subscription.server)).digests.words
        forms = {
            PauseReason.UNREADABLE: words.told_unreadable,
            PauseReason.AUDIENCE: words.told_audience,
            PauseReason.UNWRITABLE: words.told_unwritable,
        }
        form = forms.get(subscription.paused) if subscription.paused else None
        if form is None or subscription.created_by is None:
            return
        server = subscription.server
        source = subscription.paused_for or subscription.sources[0]
        target = subscription.target
        text = form.format(
            source=await self._poster.place(server, source),
            target=await self._poster.place(server, target.id)
            if target.kind == "channel"
            else words.to_you,
        )
        if subscription.can_do_without:
            text = f"{text} {words.told_without}"
        await self._poster.tell(server, subscription.created_by, text, key)

    async def preview(self, held: HeldDigest, form: Callable[[DigestWords], str]) -> None:
        """A line to who waits for a preview, instead of it."""
        person, server = held.digest.preview_for, held.subscription.server
        if person is None:
            return
        words = (await self._context.texts(server)).digests.words
        try:
            await self._poster.tell(server, person, form(words), f"preview-{held.id}")
        except UnwritableError:
            logger.info("nobody can be told of preview %s", held.id)
