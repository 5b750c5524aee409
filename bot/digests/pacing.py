"""Spreads what isn't urgent over time: a platform gives so many requests a second to all.

Knows nothing of what waits for its turn.
"""

import asyncio


class Pace:
    """Turns, in the order they are asked for: `a_second` on average, some at once after a pause."""

    def __init__(self, a_second: float, at_once: int) -> None:
        self._seconds = 1.0 / a_second
        self._saved = (at_once - 1) * self._seconds
        self._next = 0.0

    async def turn(self) -> None:
        now = asyncio.get_running_loop().time()
        at = max(self._next, now - self._saved)
        self._next = at + self._seconds
        await asyncio.sleep(max(0.0, at - now))
