"""Slack's messages as a conversation's: those of a channel with their replies, or of a thread.

Replies are given where they were sent, not where their thread began. A thread may have begun long
before; so one page more is looked at than is asked for, and replies in threads that began before
that are not found. Where nobody waits and all is to be told of, some pages more are looked at.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from bot.platform import Heard
from bot.slack.ids import split_message
from bot.slack.kept import NOW, KeptPages
from bot.slack.names import Known, Names
from bot.slack.pages import BEGINNING, Page, Pages, Raw, is_parent, latest_reply, seconds
from bot.slack.reading import heard
from precis.ask import AskRequest, Wanted

READER = ThreadPoolExecutor(1, "reader")
"""One thread for all: several would take turns with the event loop, which then comes last."""


@dataclass(frozen=True, slots=True)
class Where:
    """The channel that is read, and what it takes to say whose its messages are."""

    team: str
    channel: str
    name: str
    url: str
    """Of the workspace, as `auth.test` gives it."""
    bot_user: str


class History:
    """One request's messages."""

    def __init__(
        self, where: Where, request: AskRequest, pages: Pages, names: Names, kept: KeptPages
    ) -> None:
        self._where = where
        self._request = request
        self._pages = pages
        self._names = names
        self._kept = kept
        self._oldest = _oldest(request.wanted)
        until = request.wanted.window.until
        self._until = until.timestamp() if until else NOW
        self._thorough = request.wanted.thorough
        if self._thorough:
            # Of what is said while it reads, it would find a reply, and not what came before that.
            self._until = min(self._until, time.time())
        self._held: dict[str, tuple[Raw, Heard]] = {}
        self._given: set[str] = set()

    async def of_thread(self, ts: str) -> AsyncGenerator[Heard]:
        """The first message of a thread and its replies, latest first."""
        messages = await self._kept_thread(ts)
        if messages is None:
            messages = await self._pages.thread(ts, self._oldest)
        await self._hold(messages)
        for each in self._take(BEGINNING):
            yield each

    async def one(self, ts: str, thread: str | None) -> Heard | None:
        """A message of the channel or of a thread in it; None where it is gone."""
        stretches = await self._kept.stretches()
        if any(each.start <= float(ts) <= each.end for each in stretches):
            found = await self._kept.between(float(ts), float(ts))
        else:
            found = await self._pages.message(ts, thread)
        await self._hold(found)
        return self._held[ts][1] if ts in self._held else None

    async def of_channel(self) -> AsyncGenerator[Heard]:
        """A channel's messages and all replies, latest first as far as that is known."""
        edge, fresh = NOW, _Fresh(self._until)
        waiting: list[Raw] = []
        if self._thorough and self._oldest > BEGINNING:
            await self._read(await self._pages.parents_before(self._oldest))
        async with aclosing(self._pages.down(self._until, surely=self._thorough)) as pages:
            async for page in pages:
                await self._hold(page.messages)
                parents = [] if page.whole else [each for each in page.messages if is_parent(each)]
                # Replies among what is already here; the others are due with this page.
                late = [each for each in parents if latest_reply(each) >= edge]
                await self._read([*waiting, *late])
                await self._keep(edge, fresh)
                reached = page.low if page.whole else edge
                for each in self._take(reached):
                    yield each
                if reached <= self._oldest:
                    return
                waiting = [each for each in parents if latest_reply(each) < edge]
                fresh.go_on(page)
                edge = page.low
        await self._read(waiting)
        await self._keep(edge, fresh)
        for each in self._take(BEGINNING):
            yield each

    async def _kept_thread(self, ts: str) -> list[Raw] | None:
        """What is kept of a thread, if that is all of it."""
        start = max(float(ts), self._oldest)
        for stretch in await self._kept.stretches():
            if stretch.start <= start and stretch.end >= self._until:
                found = await self._kept.between(start, stretch.end)
                return [each for each in found if ts in (each["ts"], each.get("thread_ts"))]
        return None

    async def _read(self, parents: Sequence[Raw]) -> None:
        await self._hold(await self._pages.threads(parents, self._oldest))

    async def _hold(self, messages: Iterable[Raw]) -> None:
        """Make of messages what they say."""
        new = {
            each["ts"]: each
            for each in messages
            if each["ts"] not in self._held
            and each["ts"] not in self._given
            and seconds(each) <= self._until
        }
        if not new:
            return
        where = self._where
        names = await self._names.of(where.team, new.values())
        loop = asyncio.get_running_loop()
        made = await loop.run_in_executor(READER, _all_heard, list(new.values()), where, names)
        self._held |= {ts: (new[ts], each) for ts, each in zip(new, made, strict=True)}
        if self._request.wanted.since_own:  # that is where the window begins
            own = [seconds(raw) for raw, each in self._held.values() if self._is_own(each)]
            self._oldest = max([self._oldest, *own])

    def _is_own(self, heard: Heard) -> bool:
        return heard.author_id == self._request.person

    async def _keep(self, edge: float, fresh: "_Fresh") -> None:
        """Keep what was read of a stretch down to `edge`, for whoever reads it next."""
        if fresh.read_at is not None:
            start = max(edge, self._oldest)
            # Also later replies, of which only what was read just now has told.
            messages = [raw for raw, _ in self._held.values() if seconds(raw) >= start]
            if start <= fresh.top:
                await self._kept.keep(messages, start, fresh.top, fresh.read_at)

    def _take(self, edge: float) -> list[Heard]:
        """What was sent since `edge`, latest first; of that, what is in the window."""
        ready = [ts for ts, (raw, _) in self._held.items() if seconds(raw) >= edge]
        taken = [self._held.pop(ts) for ts in sorted(ready, key=float, reverse=True)]
        self._given.update(ready)
        return [each for raw, each in taken if seconds(raw) >= self._oldest]


class _Fresh:
    """The stretch that was read and isn't kept yet."""

    def __init__(self, until: float) -> None:
        self.top = until
        self.read_at: datetime | None = None
        self._low = until

    def go_on(self, page: Page) -> None:
        """What was before is kept; this page comes next."""
        self.read_at = None if page.whole else page.read_at
        self.top = page.read_at.timestamp() if self._low == NOW else self._low
        self._low = page.low


def _all_heard(messages: Sequence[Raw], where: Where, names: Known) -> list[Heard]:
    """Away from the event loop: a page takes as long to read as many clicks."""
    return [
        heard(
            each,
            team=where.team,
            channel=where.channel,
            people=names.people,
            channels={**names.channels, where.channel: where.name},
            groups=names.groups,
            workspace_url=where.url,
            bot_user=where.bot_user,
        )
        for each in messages
    ]


def _oldest(wanted: Wanted) -> float:
    """Seconds since 1970 at which the window begins, as far as that is known before it is read."""
    bounds = [BEGINNING]
    if wanted.window.since:
        bounds.append(wanted.window.since.timestamp())
    if wanted.after:
        bounds.append(float(split_message(wanted.after)[2]))
    return max(bounds)
