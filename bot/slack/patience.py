"""Waits as long as Slack says where there were too many calls.

Some apps may read one page of 15 messages a minute
(https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps/): that is
slow, and no reason to give up. Only for calls that may be made twice.
"""

import asyncio
from collections.abc import Awaitable, Callable

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.api import code_of

LIMITED = frozenset({"ratelimited", "rate_limited"})
TOO_MANY = 429
LONGEST_WAIT = 300.0
"""Seconds; what Slack asks for is a minute at most."""


async def patiently(call: Callable[[], Awaitable[AsyncSlackResponse]]) -> AsyncSlackResponse:
    """What `call` returns once it is let through, however often it has to be made again.

    Raises what it raises otherwise.
    """
    while True:
        try:
            return await call()
        except SlackApiError as error:
            if not _limited(error):
                raise
            await asyncio.sleep(_wait(error))


def _limited(error: SlackApiError) -> bool:
    return getattr(error.response, "status_code", 0) == TOO_MANY or code_of(error) in LIMITED


def _wait(error: SlackApiError) -> float:
    headers = getattr(error.response, "headers", None) or {}
    said = next((str(v) for name, v in headers.items() if name.lower() == "retry-after"), "")
    return min(float(said), LONGEST_WAIT) if said.isdecimal() else 1.0
