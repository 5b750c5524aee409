"""`precis bot discord` as a process of its own, and what goes with it."""

from contextlib import contextmanager

from tests.bot.processes import (
    PRECIS,
    QUICKLY,
    Running,
    deployed,
    held_worker_process,
    running,
    settings_of,
    worker_process,
    worker_thread,
)
from tests.services import wait_until

__all__ = [
    "PRECIS",
    "QUICKLY",
    "Running",
    "bot_process",
    "deployed",
    "held_worker_process",
    "running",
    "settings_of",
    "worker_process",
    "worker_thread",
]


@contextmanager
def bot_process(server, variables, *options, flags=(), connected=1):
    """The bot, once it is connected to the loopback Discord; `connected` counts all bots."""
    pointed = {
        "PRECIS_DISCORD_API": server.api,
        "PRECIS_DISCORD_TOKEN": server.token,
        **variables,
    }
    arguments = [*PRECIS, "bot", "discord", *options]
    with running(arguments, pointed, *flags) as process:
        wait_until(
            lambda: process.over or server.connected >= connected, 60, "the bot's connection"
        )
        assert not process.over, process.log
        yield process
