"""A chat frontend without its platform: the use cases, put together, and what ends with them.

Each platform's bot has one, and hands it what people asked and which jobs have ended.
"""

import logging
from collections.abc import Callable, Collection

from bot.asking import Asking
from bot.clicking import Clicking
from bot.context import Context, JobSender
from bot.delivering import Delivering
from bot.digests.digesting import Digests
from bot.digests.poster import Poster
from bot.forgetting import Forgetting
from bot.managing import Managing
from bot.moderation.desk import Desk
from bot.moderation.moderating import Moderation
from bot.platform import ChatPlatform
from bot.privacy import Privacy
from bot.responsiveness import tidy
from bot.sweeping import Sweeping
from bot.working import Task, Work
from precis.ask import AskRequest
from precis.errors import PrecisError
from precis.places import where
from precis.settings import Settings
from precis.store import ChatStore, Store

logger = logging.getLogger(__name__)

CLOSING = 15.0
"""Seconds for what is in hand in the end; longer than a call to the store may hang."""


class Frontend:
    """The use cases behind a bot, on one platform."""

    def __init__(
        self,
        platform: ChatPlatform,
        settings: Settings,
        store: Store,
        sender: JobSender,
        elsewhere: Callable[[], set[Task]] = set,
        desk: Desk | None = None,
        poster: Poster | None = None,
    ) -> None:
        """`elsewhere` gives tasks that the platform's library began, to be finished in the end.

        `desk`: what moderation needs of the platform; without it there is none. `poster`: the same
        for digests.
        """
        self.context = Context(platform, settings, store, ChatStore(store, settings.lease), sender)
        self.delivering = Delivering(self.context)
        self.asking = Asking(self.context, self.delivering)
        self.sweeping = Sweeping(self.context, self.asking, self.delivering)
        self.managing = Managing(self.context)
        self.privacy = Privacy(self.context)
        self.forgetting = Forgetting(self.context)
        self.clicking = Clicking(self.context, self.delivering)
        self._moderation = Moderation(self.context, desk, self.delivering) if desk else None
        self._digests = Digests(self.context, poster) if poster else None
        self.work = Work(elsewhere=lambda: elsewhere() | self.delivering.in_hand)
        self.stopping = False
        self._started = False

    @property
    def moderation(self) -> Moderation:
        """Of a frontend that has a desk."""
        assert self._moderation is not None, "a desk"  # noqa: S101 - for the type checker
        return self._moderation

    @property
    def digests(self) -> Digests:
        """Of a frontend that has a poster."""
        assert self._digests is not None, "a poster"  # noqa: S101 - for the type checker
        return self._digests

    def start(self) -> None:
        """Take up what was left, from now on and until `close`. Again, it does nothing."""
        if self._started or self.stopping:
            return
        self._started = True
        self.work.begin(self.sweeping.run())
        self.work.begin(self.forgetting.run())
        self.work.begin(tidy(lambda: self.asking.idle))
        if self._moderation:
            self._moderation.begin()
        if self._digests:
            self._digests.begin()

    def ask(
        self, request: AskRequest, roles: Collection[str] = (), *, manager: bool = False
    ) -> None:
        """Go to work for somebody whose command was acknowledged; see `Asking.ask`."""
        self.work.begin(self.asking.ask(request, roles, manager=manager))

    def deliver(self, job_id: str, done: Callable[[], None]) -> None:
        """The broker tells of a job that has ended; `done` acknowledges that, afterwards.

        While the bot stops nothing is begun: the broker gives the message to the next one.
        """
        if not self.stopping:
            self.work.begin(self._deliver(job_id, done), finish=True)

    async def close(self) -> None:
        """Leave what is in hand to the next bot, and tell who waits; the platform still listens.

        `context.blocking` stays open: what ends after this may have something to put down.
        """
        if self.stopping:
            return
        self.stopping = True
        self.asking.stop()
        await self.work.end(CLOSING, self.context.delays.before_end)
        if self._moderation:
            await self._moderation.close()
        if self._digests:
            await self._digests.close()
        await self.sweeping.close()
        await self.delivering.watching.close()

    async def _deliver(self, job_id: str, done: Callable[[], None]) -> None:
        """Deliver, then acknowledge; what can't be delivered now, the store keeps for later."""
        try:
            await self.delivering.job_ended(job_id)
            if self._digests:
                await self._digests.running.job_ended(job_id)
        except PrecisError as error:
            logger.warning("job %s is delivered later: %s", job_id, error)
        except Exception as error:  # noqa: BLE001 - a bug must not stop the other deliveries
            logger.error("job %s: %s", job_id, where(error))  # noqa: TRY400 - a trace may quote
        if self._moderation:
            self._moderation.job_ended()
        done()
