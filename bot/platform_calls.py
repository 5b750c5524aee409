"""Counts the calls that a bot makes to its platform's API, for the metrics.

By the class of their status alone: addresses may hold tokens. Knows no platform's library.
"""

from collections.abc import Callable
from types import SimpleNamespace

import aiohttp

from precis.monitoring.metrics import RESPONSES

LIMITED = 429
SWITCHING_PROTOCOLS = 101

OnResponse = Callable[[aiohttp.TraceRequestEndParams], None]


def counting(platform: str, on_response: OnResponse = lambda _params: None) -> aiohttp.TraceConfig:
    """What an `aiohttp.ClientSession` counts its calls with; `on_response` hears of each answer."""
    trace = aiohttp.TraceConfig()

    async def answered(
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        if params.response.status != SWITCHING_PROTOCOLS:  # a WebSocket, which is no call
            RESPONSES.inc(platform=platform, status=status_class(params.response.status))
        on_response(params)

    async def failed(
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        _params: aiohttp.TraceRequestExceptionParams,
    ) -> None:
        RESPONSES.inc(platform=platform, status="none")

    trace.on_request_end.append(answered)
    trace.on_request_exception.append(failed)
    return trace


def status_class(status: int) -> str:
    """Such as `2xx`; of rate limits the status itself."""
    return str(status) if status == LIMITED else f"{status // 100}xx"
