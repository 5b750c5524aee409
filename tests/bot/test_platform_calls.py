"""A bot's calls are counted by the class of their status."""

import asyncio

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.platform_calls import counting
from tests.measuring import Rise

CLASSES = ("2xx", "3xx", "4xx", "429", "5xx", "none")


async def called(status):
    """Make one call that is answered with a status; with None the connection is lost."""

    async def answer(request):
        if status is None:
            request.transport.abort()
        return web.Response(status=status or 200)

    app = web.Application()
    app.router.add_get("/", answer)
    async with (
        TestServer(app) as server,
        aiohttp.ClientSession(trace_configs=[counting("slack")]) as session,
    ):
        try:
            async with session.get(server.make_url("/"), allow_redirects=False):
                pass
        except aiohttp.ClientError:
            assert status is None


@pytest.mark.parametrize(
    ("status", "counted"),
    [(200, "2xx"), (304, "3xx"), (403, "4xx"), (429, "429"), (503, "5xx"), (None, "none")],
)
def test_a_call_counts_once(status, counted):
    rises = {
        each: Rise("precis_platform_responses_total", platform="slack", status=each)
        for each in CLASSES
    }
    asyncio.run(called(status))
    assert {each: rise.by for each, rise in rises.items() if rise.by} == {counted: 1}
