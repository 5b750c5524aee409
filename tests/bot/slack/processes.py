"""`precis bot slack` as a process of its own."""

from contextlib import contextmanager

from tests.bot.processes import PRECIS, running
from tests.services import wait_until


def pointed_at(server, **more):
    """The variables of a bot in Socket Mode; `more` are settings, such as its token."""
    return {
        "PRECIS_SLACK_API": server.api,
        "PRECIS_SLACK_APP_TOKEN": server.app_token,
        **{f"PRECIS_{name.upper()}": value for name, value in more.items()},
    }


@contextmanager
def bot_process(server, variables, *options, flags=(), connected=1, **more):
    """The bot, once it is connected to the loopback Slack; `connected` counts all bots."""
    variables = {**pointed_at(server, **more), **variables}
    with running([*PRECIS, "bot", "slack", *options], variables, *flags) as process:
        wait_until(
            lambda: process.over or server.connected >= connected, 60, "the bot's connection"
        )
        assert not process.over, process.log
        yield process
