"""Whether a digest's sources may be told of, as of now; what pauses its subscription.

Asked before anything is read, and again before anything is shown. Knows no platform.
"""

from dataclasses import dataclass

from bot.context import Context
from bot.digests.describing import about
from bot.digests.poster import Poster
from bot.platform import Refusal, SourceInfo
from precis.ask import ServerSettings
from precis.digest import PauseReason, Subscription, Target
from precis.store import HeldDigest


class PausedError(Exception):
    """The subscription is to be paused."""

    def __init__(self, reason: PauseReason, source: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.source = source


@dataclass(frozen=True, slots=True)
class Permitted:
    """A source that may be told of."""

    source: str
    info: SourceInfo


class Permitting:
    def __init__(self, context: Context, poster: Poster) -> None:
        self._context = context
        self._poster = poster

    async def permitted(self, held: HeldDigest, settings: ServerSettings) -> list[Permitted]:
        """The sources that may be told of, in their order.

        For one person: those that they can read now. For a channel all, or PausedError says why
        not. Raises PlatformDownError.
        """
        target = target_of(held)
        if not await self._poster.may_write(held.subscription.server, target):
            raise PausedError(PauseReason.UNWRITABLE)
        if target.kind == "person" and not await self._may_ask(held, target.id, settings):
            return []
        found = []
        for source in held.subscription.sources:
            info = await self._readable(held.subscription, source, settings)
            if await self._for_target(held.subscription.server, source, target):
                found.append(Permitted(source, info))
        return found

    async def _may_ask(self, held: HeldDigest, person: str, settings: ServerSettings) -> bool:
        """Who may not ask for a summary gets no digest either."""
        server = held.subscription.server
        return not settings.roles or await self._poster.may_ask(server, person, settings.roles)

    async def _readable(
        self, subscription: Subscription, source: str, settings: ServerSettings
    ) -> SourceInfo:
        info = await self._context.platform.source(about(subscription, source))
        if isinstance(info, Refusal) or settings.forbids(info.within):
            raise PausedError(PauseReason.UNREADABLE, source)
        if await self._poster.bot_refusal(subscription.server, source):
            raise PausedError(PauseReason.UNREADABLE, source)
        return info

    async def _for_target(self, server: str, source: str, target: Target) -> bool:
        if target.kind == "person":
            return await self._poster.reader_refusal(server, source, target.id) is None
        if not await self._poster.all_may_read(server, source, target.id):
            raise PausedError(PauseReason.AUDIENCE, source)
        return True


def target_of(held: HeldDigest) -> Target:
    """Where a digest goes; a preview to who asked for it."""
    if held.digest.preview_for is not None:
        return Target(kind="person", id=held.digest.preview_for)
    return held.subscription.target
