"""The Discord bot with a monitor in its event loop, for `bench.discord_load`.

The same as `precis bot discord`; when it ends, it writes how long its loop stood still at a time to
the file that it is given.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from bot.discord import running
from bot.discord.bot import PrecisBot
from cli.main import main

LOOK = 0.005  # seconds
WORTH_TELLING = 0.02  # seconds


class Watched(PrecisBot):
    """Notes each stall: how long it was, how much of it the loop computed, and this process."""

    file = Path("stalls.json")

    async def setup_hook(self) -> None:
        await super().setup_hook()
        self.stalls: list[tuple[float, float, float]] = []
        self.watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            began, own, all_own = time.perf_counter(), time.thread_time(), time.process_time()
            await asyncio.sleep(LOOK)
            stall = time.perf_counter() - began - LOOK
            if stall > WORTH_TELLING:
                computed = time.thread_time() - own, time.process_time() - all_own
                self.stalls.append((stall, *computed))

    async def close(self) -> None:
        self.watching.cancel()
        self.file.write_text(json.dumps(self.stalls))
        await super().close()


if __name__ == "__main__":
    running.PrecisBot = Watched  # type: ignore[misc]
    Watched.file = Path(sys.argv[1])
    sys.argv = ["precis", "bot", "discord"]
    main()
