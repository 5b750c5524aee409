"""Reads a channel of Slack page by page, latest first; what is kept already isn't asked for.

Slack's pages hold no replies: those are read by the message that they are under. Knows nothing of
windows, nor of what messages say.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.api import code_of
from bot.slack.kept import AHEAD, NOW, KeptPages, Stretch
from bot.slack.membership import next_cursor
from bot.slack.patience import Patience, waiting_for_nothing

Raw = dict[str, Any]

BEGINNING = 0.0
THREADS_AT_ONCE = 4
MOST_PAGES = 1_000
"""Of a thread."""
SLICE = 3_600.0
"""Seconds of what is kept that are looked at first; twice as many each time there are few."""
FEW = 200
LATE = 600.0
"""Seconds for which what is said may not have been heard of yet, or in another order."""
LOOKED_BACK = 30 * 24 * 3_600.0
"""Seconds before a moment in which threads may have begun that are gone on with after it."""
MOST_LOOKED_BACK = 5
"""Pages of those; one where Slack gives but a few messages a minute."""
RESTRICTED = 15


@dataclass(frozen=True, slots=True)
class Page:
    """Messages of a stretch of a channel, which goes down to `low` and begins where the page
    before ended.
    """

    messages: list[Raw]
    low: float
    whole: bool
    """Whether replies are among them."""
    read_at: datetime


class Pages:
    """One channel's pages and threads, for one reader."""

    def __init__(
        self,
        client: AsyncWebClient,
        patience: Patience,
        team: str,
        channel: str,
        size: int,
        kept: KeptPages,
    ) -> None:
        self._client = waiting_for_nothing(client)
        self._patience = patience
        self._team = team
        self._channel = channel
        self._size = size
        self._kept = kept
        self._room = asyncio.Semaphore(THREADS_AT_ONCE)

    async def down(self, until: float = NOW, *, surely: bool = False) -> AsyncGenerator[Page]:
        """Pages from `until` (seconds since 1970, included) to the channel's beginning.

        `surely`: what was said just now is asked for, whatever was heard of it.
        """
        stretches = await self._kept.stretches()
        if not stretches or stretches[0].end < NOW:
            await self._kept.follow()
        if surely:
            late = datetime.now(UTC).timestamp() - LATE
            stretches = [Stretch(s.start, min(s.end, late)) for s in stretches if s.start < late]
        top, more, first = until, True, True
        while more:
            here = next((s for s in stretches if s.start < top <= s.end), None)
            if here is None:
                page, more = await self._read(top, inclusive=first)
                yield page
                top = page.low
            else:
                async with aclosing(self._kept_of(here, top)) as slices:
                    async for page in slices:
                        yield page
                top, more = here.start, here.start > BEGINNING
            first = False

    async def parents_before(self, moment: float) -> list[Raw]:
        """Messages before a moment with replies since, as far back as they are looked for.

        Always asked for: what is kept of a message doesn't tell of all its later replies.
        """
        found: list[Raw] = []
        top, more = moment, True
        for _ in range(MOST_LOOKED_BACK):
            page, more = await self._read(top, inclusive=False)
            found += [each for each in page.messages if latest_reply(each) >= moment]
            restricted = len(page.messages) <= RESTRICTED < self._size
            if not more or restricted or page.low < moment - LOOKED_BACK:
                break
            top = page.low
        return [each for each in found if is_parent(each)]

    async def thread(self, ts: str, oldest: float = BEGINNING) -> list[Raw]:
        """A thread's first message and its replies since `oldest`, in the order they were sent.

        Empty where the thread is gone.
        """
        kept = self._kept.of_thread(ts)
        start = max(oldest, float(ts))
        begun = next((s for s in await kept.stretches() if s.start <= start <= s.end), None)
        known = await kept.between(start, begun.end) if begun else []
        made: dict[str, Raw] = {each["ts"]: each for each in known}
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            read_at = datetime.now(UTC)
            call = partial(
                self._client.conversations_replies,
                channel=self._channel,
                ts=ts,
                limit=self._size,
                oldest=as_ts(begun.end if begun else start),
                inclusive=True,
                cursor=cursor,
            )
            try:
                page = await self._patience(self._team, "conversations.replies", call)
            except SlackApiError as error:
                if code_of(error) != "thread_not_found":
                    raise
                return []
            new = {each["ts"]: each for each in page.get("messages") or ()}
            made |= new
            if not (cursor := next_cursor(page)):
                break
            reached = max(map(seconds, made.values()))
            if reached > start:
                await kept.keep(new.values(), start, reached, read_at)
        return [each for each in made.values() if seconds(each) >= oldest or each["ts"] == ts]

    async def message(self, ts: str, thread: str | None) -> list[Raw]:
        """One message as it is now, of the channel or of a thread; maybe with what it answers.

        Empty where the thread is gone.
        """
        only: dict[str, Any] = {
            "channel": self._channel,
            "oldest": ts,
            "latest": ts,
            "inclusive": True,
            "limit": 2,  # a thread's first message may be along
        }
        if thread is None or thread == ts:
            method, call = "history", partial(self._client.conversations_history, **only)
        else:
            method, call = "replies", partial(self._client.conversations_replies, ts=thread, **only)
        try:
            page = await self._patience(self._team, f"conversations.{method}", call)
        except SlackApiError as error:
            if code_of(error) != "thread_not_found":
                raise
            return []
        return list(page.get("messages") or ())

    async def threads(self, parents: Iterable[Raw], oldest: float) -> list[Raw]:
        """The replies since `oldest` under these messages."""
        going_on = [each for each in parents if latest_reply(each) >= max(oldest, seconds(each))]

        async def replies(parent: Raw) -> list[Raw]:
            async with self._room:
                all_of_it = await self.thread(parent["ts"], oldest)
            return [each for each in all_of_it if each["ts"] != parent["ts"]]

        tasks = [asyncio.create_task(replies(each)) for each in going_on]
        try:
            found = await asyncio.gather(*tasks)
        finally:  # where one fails, the others would go on for nothing
            for task in tasks:
                task.cancel()
        return [each for some in found for each in some]

    async def _read(self, top: float, *, inclusive: bool) -> tuple[Page, bool]:
        """A page of Slack's, and whether there is more before it."""
        latest: dict[str, Any] = {"latest": as_ts(top), "inclusive": inclusive}
        if top == NOW:
            latest = {}
        read_at = datetime.now(UTC)
        call = partial(
            self._client.conversations_history, channel=self._channel, limit=self._size, **latest
        )
        answer = await self._patience(self._team, "conversations.history", call)
        messages = [each for each in answer.get("messages") or () if each.get("ts")]
        more = bool(answer.get("has_more")) and bool(messages)
        low = min(map(seconds, messages)) if more else BEGINNING
        return Page(messages, low, whole=False, read_at=read_at), more

    async def _kept_of(self, stretch: Stretch, top: float) -> AsyncGenerator[Page]:
        read_at = datetime.now(UTC)
        end, length = min(top, read_at.timestamp() + AHEAD), SLICE
        while end > stretch.start:
            start = max(stretch.start, end - length)
            messages = await self._kept.between(start, end)
            yield Page(messages, start, whole=True, read_at=read_at)
            length *= 2 if len(messages) < FEW else 1
            end = start


def seconds(message: Raw) -> float:
    """When a message was sent."""
    return float(message["ts"])


def as_ts(moment: float) -> str:
    return f"{moment:.6f}"


def is_parent(message: Raw) -> bool:
    """Whether there are replies under it."""
    return message.get("thread_ts") == message["ts"] and latest_reply(message) > BEGINNING


def latest_reply(message: Raw) -> float:
    """When the latest reply under it was sent."""
    if not message.get("reply_count"):
        return BEGINNING
    said = message.get("latest_reply")
    return float(said) if isinstance(said, str) and said else NOW
