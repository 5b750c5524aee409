"""Tells who made a subscription that it is paused, once. Knows no platform."""

import logging
from collections.abc import Callable

from bot.context import Context
from bot.digests.poster import Poster, UnwritableError
from bot.platform import PlatformDownError
from bot.texts.digest_words import DigestWords
from precis.digest import PauseReason, Subscription
from precis.errors import StoreError
from precis.places import where
from precis.store import HeldDigest

logger = logging.getLogger(__name__)


class Telling:
    def __init__(self, context: Context, poster: Poster) -> None:
        self._context = context
        self._poster = poster

    async def tell(self) -> None:
        """Tell all who are to be told; not again who can't be reached. Raises StoreError."""
        store, name = self._context.digests, self._context.platform.name
        for each in await self._context.blocking(store.untold, name):
            try:
                await self._tell(each)
            except StoreError:
                raise
            except PlatformDownError as error:  # when it is back
                logger.warning("a paused digest is told of later: %s", where(error))
                continue
            except UnwritableError:
                logger.info("nobody can be told that digest %s is paused", each.id)
            except Exception as error:  # noqa: BLE001 - others are not to suffer
                logger.error("a paused digest: %s", where(error))  # noqa: TRY400 - may quote
            await self._context.blocking(store.told, each.id)

    async def _tell(self, subscription: Subscription) -> None:
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
        key = f"paused-{subscription.id}-{subscription.paused}-{source}"
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
