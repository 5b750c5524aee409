"""Keeps what is heard in channels whose pages are kept, so that those needn't be read again.

What is said is told of in any order and by whichever process; see `bot.slack.kept` for what rests
on all of it being kept.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.context import Context
from bot.slack.callers import NAME
from bot.slack.kept import KeptPages, kept_message
from precis.errors import PrecisError, StoreError
from precis.places import where
from precis.store.heard import Span

logger = logging.getLogger(__name__)

MOST_WAITING = 20_000
"""Messages in memory while the store is down; what comes then is missed, and read again later."""
AGAIN_AFTER = 5.0  # seconds
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Said:
    """A message, new or edited, as an event tells of it."""

    team: str
    channel: str
    message: Mapping[str, Any]
    edited: bool = False


class Following:
    """Told of messages, it keeps those that belong to kept pages."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._waiting: deque[Said] = deque()
        self._anew: dict[str, datetime] = {}
        """By workspace, since when nothing is missed; as yet untold."""
        self._some = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Keep from now on, until `close`. Again, it does nothing."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Keep what waits; once, for the process ends."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._keep_all()

    def hear(self, said: Said) -> None:
        """Somebody wrote or edited a message."""
        if len(self._waiting) >= MOST_WAITING:
            for team in {each.team for each in self._waiting} | {said.team}:
                self.listen_anew(team)
            self._waiting.clear()
        self._waiting.append(said)
        self._some.set()

    def listen_anew(self, team: str) -> None:
        """Something may have been missed of a workspace until now; from now on nothing is."""
        self._anew[team] = datetime.now(UTC)
        self._some.set()

    async def caught_up(self, team: str) -> None:
        """Once it is stored where a workspace may have been missed: until then, pages that are kept
        may be out of date and not look it. Raises StoreError.
        """
        while (since := self._anew.get(team)) is not None:
            await self._context.blocking(self._context.chat.listening, NAME, team, since)
            if self._anew.get(team) == since:
                del self._anew[team]

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            if not await self._keep_all():
                await asyncio.sleep(AGAIN_AFTER)
                self._some.set()

    async def _keep_all(self) -> bool:
        """Whether nothing waits any more."""
        try:
            for team in list(self._anew):
                await self.caught_up(team)
            while self._waiting:
                team, channel = self._waiting[0].team, self._waiting[0].channel
                some = [s for s in self._waiting if (s.team, s.channel) == (team, channel)]
                await self._keep(team, channel, some[:AT_ONCE])
                done = set(map(id, some[:AT_ONCE]))
                self._waiting = deque(s for s in self._waiting if id(s) not in done)
        except StoreError as error:
            logger.warning("%d messages wait to be kept: %s", len(self._waiting), error)
            return False
        except Exception as error:  # noqa: BLE001 - a bug here must not end all keeping
            logger.error("keeping: %s", where(error))  # noqa: TRY400 - a trace may quote
            for team in {said.team for said in self._waiting}:
                self._anew[team] = datetime.now(UTC)
            self._waiting.clear()
            return False
        return True

    async def _keep(self, team: str, channel: str, some: list[Said]) -> None:
        """Keep messages of a channel, if its pages are kept. Raises StoreError."""
        context, chat = self._context, self._context.chat
        spans = await context.blocking(chat.heard_spans, NAME, team, channel)
        try:
            settings = await context.server_settings(team)
        except StoreError:
            raise
        except PrecisError:  # damaged: nobody can ask, and nothing is to be read
            settings = None
        if settings is None or settings.forbids((channel,)):
            if spans:  # from here on there is a gap
                await context.blocking(chat.listening, NAME, team, datetime.now(UTC))
            return
        if not spans:
            if channel not in settings.follows:
                return
            await KeptPages(chat, context.blocking, NAME, team, channel).follow()
        kept = [
            kept_message(said.message, team=team, channel=channel)
            for said in some
            if not said.edited or await self._is_kept(said, spans)
        ]
        gone = context.deleted.among([each.id for each in kept])
        there = [each for each in kept if each.id not in gone]
        await context.blocking(chat.keep_heard, NAME, team, channel, there, None)

    async def _is_kept(self, said: Said, spans: Sequence[Span]) -> bool:
        """Of what is edited, nothing is kept that wasn't before."""
        ts = float(said.message["ts"])
        if any(span.start <= ts for span in spans):
            return True
        context = self._context
        between = context.chat.heard_between
        return bool(await context.blocking(between, NAME, said.team, said.channel, ts, ts))
