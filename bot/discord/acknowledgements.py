"""How long it took until Discord knew that a command, a button or a form was heard.

Discord waits three seconds from when it made the interaction, which the interaction's id tells.
"""

import re
from datetime import UTC, datetime

import aiohttp
import discord

from precis.monitoring.metrics import ACKNOWLEDGEMENT_SECONDS

_CALLBACK = re.compile(r"/interactions/(\d+)/[^/]+/callback$")


def observe_acknowledgement(params: aiohttp.TraceRequestEndParams) -> None:
    """Observe a call if it is an acknowledgement that Discord took."""
    found = _CALLBACK.search(params.url.path)
    if params.response.ok and found:
        made = discord.utils.snowflake_time(int(found[1]))
        seconds = max(0.0, (datetime.now(UTC) - made).total_seconds())
        ACKNOWLEDGEMENT_SECONDS.observe(seconds, platform="discord")
