"""Waits as long as Slack says where there were too many calls.

Some apps may read one page of 15 messages a minute
(https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps/): that is
slow, and no reason to give up. Only for calls that may be made twice.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.api import code_of

LIMITED = frozenset({"ratelimited", "rate_limited"})
TOO_MANY = 429
LONGEST_WAIT = 300.0
"""Seconds; what Slack asks for is a minute at most."""
RELAXED = 600.0
"""Seconds without too many calls, after which they are made side by side again."""

Made = TypeVar("Made")


@dataclass(slots=True)
class _Turns:
    """Of the callers of a method that is limited just now."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    not_before: float = 0.0


class Patience:
    """For each method, in each workspace, by turns once there were too many calls."""

    def __init__(self) -> None:
        self._turns: dict[tuple[str, str], _Turns] = {}

    async def __call__(self, team: str, method: str, call: Callable[[], Awaitable[Made]]) -> Made:
        """What `call` returns once it is let through, however often it has to be made again.

        Raises what it raises otherwise.
        """
        key = (team, method)
        while True:
            turns = self._turns.get(key)
            if turns is not None and time.monotonic() > turns.not_before + RELAXED:
                del self._turns[key]
                turns = None
            try:
                if turns is None:
                    return await call()
                async with turns.lock:
                    await asyncio.sleep(max(0.0, turns.not_before - time.monotonic()))
                    return await call()
            except SlackApiError as error:
                if not _limited(error):
                    raise
                turns = self._turns.setdefault(key, _Turns())
                turns.not_before = max(turns.not_before, time.monotonic() + _wait(error))


def waiting_for_nothing(client: AsyncWebClient) -> AsyncWebClient:
    """The client, for calls that wait here: by itself it would wait beside others' turns."""
    client.retry_handlers = [
        handler
        for handler in client.retry_handlers
        if not isinstance(handler, AsyncRateLimitErrorRetryHandler)
    ]
    return client


def _limited(error: SlackApiError) -> bool:
    return getattr(error.response, "status_code", 0) == TOO_MANY or code_of(error) in LIMITED


def _wait(error: SlackApiError) -> float:
    headers = getattr(error.response, "headers", None) or {}
    said = next((str(v) for name, v in headers.items() if name.lower() == "retry-after"), "")
    return min(float(said), LONGEST_WAIT) if said.isdecimal() else 1.0
