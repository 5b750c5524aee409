"""Turns: some at once after a pause, then one after another."""

import asyncio

from bot.digests.pacing import Pace


async def test_a_burst_is_let_through_and_the_rest_is_spread():
    loop, pace = asyncio.get_running_loop(), Pace(a_second=100, at_once=3)
    began = loop.time()

    async def turn():
        await pace.turn()
        return loop.time() - began

    took = await asyncio.gather(*(turn() for _ in range(8)))
    assert took == sorted(took)
    assert took[2] < took[3]
    assert took[7] >= 0.04
