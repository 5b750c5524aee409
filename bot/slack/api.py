"""Clients of Slack's API: where it is, how long they try, and what they never do twice.

Knows nothing of what is called.
"""

import logging
import re
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.platform_calls import counting
from precis.monitoring.metrics import RESPONSES
from precis.settings import Settings

NETWORK = (OSError, TimeoutError, aiohttp.ClientError)
OK = 200
SECONDS = 30
"""That a call may take."""
TRIES = 2
"""That follow the first one."""
ONCE = ("chat.postMessage", "chat.postEphemeral")
"""Methods that do something each time they are called."""
_CODE = re.compile("[a-z_]{1,80}")

_quiet = logging.getLogger("slack_sdk.web")
_quiet.setLevel(logging.WARNING)  # in detail it writes down all that is sent and received


def make_session() -> aiohttp.ClientSession:
    """Connections that clients share; to be closed. Only where there is an event loop."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=SECONDS), trace_configs=[counting("slack")]
    )


def make_client(
    settings: Settings, token: str | None = None, session: aiohttp.ClientSession | None = None
) -> AsyncWebClient:
    """A client of the API that the settings name; without a session, each call connects anew."""
    return _Client(
        token=token,
        base_url=settings.slack_api,
        timeout=SECONDS,
        session=session,
        logger=_quiet,
        retry_handlers=[
            _Connection(max_retry_count=TRIES),
            _Server(max_retry_count=TRIES),
            AsyncRateLimitErrorRetryHandler(max_retry_count=TRIES),
        ],
    )


def code_of(error: SlackApiError) -> str:
    """Slack's code for what went wrong; empty where it didn't say. Nothing else of its answer."""
    data = getattr(error.response, "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


class _Client(AsyncWebClient):
    """Counts the errors that Slack reports with status 200."""

    async def api_call(self, *args: Any, **kwargs: Any) -> AsyncSlackResponse:
        try:
            return await super().api_call(*args, **kwargs)
        except SlackApiError as error:
            if getattr(error.response, "status_code", 0) == OK:
                RESPONSES.inc(platform="slack", status="refused")
            raise


class _Connection(AsyncConnectionErrorRetryHandler):
    """What may have come through isn't sent again where that would do it twice."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        if request.url.endswith(ONCE) and not isinstance(error, aiohttp.ClientConnectorError):
            return False
        return await super()._can_retry_async(
            state=state, request=request, response=response, error=error
        )


class _Server(AsyncServerErrorRetryHandler):
    """The same for what fails at Slack's end, halfway perhaps."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        return not request.url.endswith(ONCE) and await super()._can_retry_async(
            state=state, request=request, response=response, error=error
        )


def granted(said: AsyncSlackResponse) -> frozenset[str]:
    """The scopes of the token that a call was made with."""
    headers = {name.lower(): value for name, value in said.headers.items()}
    return frozenset(s.strip() for s in headers.get("x-oauth-scopes", "").split(",") if s.strip())
