"""Keeps a process quick to respond while its threads compute and much is in its memory.

The garbage collector stops everything while it looks at all that is in memory: tenths of a second
where a channel of 10,000 messages is being read. So it doesn't look at what stays for good, and
looks at all else only while nobody asks. What is dropped soon it collects as ever.

Knows nothing of what the process does.
"""

import asyncio
import gc
import sys
from collections.abc import Callable

SWITCH = 0.001
"""Seconds that a thread may compute while the event loop waits for it; Python's own is 5 ms."""
YOUNG = (5_000, 5)
"""Objects made until the youngest are looked at, and such looks until those that were left are."""
NEVER = 1_000_000
TIDY_EVERY = 60.0  # seconds
MOST_UNTIDY = 15 * 60.0
"""Seconds after which all is looked at even if somebody always asks."""


def be_responsive() -> None:
    """Call it when all is loaded, before the event loop runs."""
    sys.setswitchinterval(SWITCH)
    gc.set_threshold(*YOUNG, NEVER)
    gc.collect()
    gc.freeze()


def spare_what_stays() -> None:
    """Let the garbage collector never look again at what there is now, if it was told so before."""
    if gc.get_freeze_count():
        gc.freeze()


async def tidy(idle: Callable[[], bool]) -> None:
    """Collect all garbage now and then, while nobody asks; until cancelled."""
    untidy = 0.0
    while True:
        await asyncio.sleep(TIDY_EVERY)
        untidy += TIDY_EVERY
        if idle() or untidy >= MOST_UNTIDY:
            gc.collect()
            untidy = 0.0
