"""Makes a conversation of a platform's history: the window that was asked for, and no more.

People who opted out are left out, before anything is stored. Knows no platform.
"""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from bot.platform import Heard
from precis.ask import AskRequest
from precis.conversation import Conversation, Message

AT_ONCE = 100
"""Messages between two looks at who opted out, and two reports; fewer where they come slowly."""
FEWEST = 20
"""The same where few are asked for: what isn't needed may be slow to come."""
SLOW = 5.0
"""Seconds after which what there is so far is looked at: some platforms give a page a minute."""
MOST_LOOKED = 30_000
"""Messages that are looked at, also of those that say nothing: some channels are all bots."""

OptedOut = Callable[[Sequence[str]], Awaitable[set[str]]]
OnProgress = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Gathered:
    conversation: Conversation
    partial: bool
    """Whether the window held more than may be read at once."""


async def gather(
    history: AsyncIterator[Heard],
    request: AskRequest,
    place: str,
    most: int,
    opted_out: OptedOut,
    on_progress: OnProgress,
) -> Gathered:
    """The window's messages in the order they were sent, at most the latest `most`.

    `on_progress` is told how many there are so far. Where a platform gives replies with what they
    answer, a history is not quite in order; what is made of it is.
    """
    wanted = request.wanted
    capped = wanted.window.last is None or wanted.window.last > most
    room = most if capped else wanted.window.last or most
    kept: list[Message] = []
    looked, at_once = 0, min(AT_ONCE, max(FEWEST, room + capped))
    # An async generator left halfway would be closed at some later time, in some other task.
    async with aclosing(_parts(history, request, at_once)) as parts:
        async for part, count in parts:
            silent = await opted_out(list({message.author_id for message in part}))
            kept += [message for message in part if message.author_id not in silent]
            await on_progress(min(len(kept), room))
            looked += count
            # Where the cap decides, one message more tells that there was more.
            if len(kept) >= room + capped or looked >= MOST_LOOKED:
                break
    kept.sort(key=_when, reverse=True)
    conversation = Conversation(
        source=request.platform, channel=place[:200], messages=tuple(reversed(kept[:room]))
    )
    return Gathered(conversation, (capped and len(kept) > room) or looked >= MOST_LOOKED)


def _when(message: Message) -> datetime:
    return message.time or datetime.min.replace(tzinfo=UTC)


async def _parts(
    history: AsyncIterator[Heard], request: AskRequest, at_once: int
) -> AsyncGenerator[tuple[list[Message], int]]:
    """What is in the window and says something, in parts; how many were looked at for each."""
    wanted, window = request.wanted, request.wanted.window
    part: list[Message] = []
    looked, begun = 0, time.monotonic()
    async with aclosing(cast("AsyncGenerator[Heard]", history)) as heard:
        async for each in heard:
            if wanted.since_own and each.author_id == request.person:
                break
            if window.since and each.time < window.since:
                break
            late = window.until is not None and each.time > window.until
            if each.message is not None and not late:
                part.append(each.message)
            looked += 1
            if looked == at_once or time.monotonic() - begun > SLOW:
                yield part, looked
                part, looked, begun = [], 0, time.monotonic()
            if wanted.after is not None and each.id == wanted.after:
                break
    yield part, looked
