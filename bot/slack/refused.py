"""What operators are told where Slack won't have the bot; each is one line, and quotes nothing."""

from slack_sdk.errors import SlackApiError

from bot.serving import BotError
from bot.slack.api import code_of
from bot.slack.setup import APPS

PASSING = frozenset(
    {
        "fatal_error",
        "internal_error",
        "ratelimited",
        "request_timeout",
        "service_unavailable",
        "slack_connection_error",
    }
)
"""Slack's codes for what is its own trouble."""


def passes(error: SlackApiError) -> bool:
    """Whether trying again may help. Without a code it isn't Slack that answered."""
    code = code_of(error)
    return not code or code in PASSING


def refused_bot(error: SlackApiError) -> BotError:
    """The bot token is no good."""
    if passes(error):
        return unreachable(error)
    return BotError(
        f"Slack refuses the bot token ({code_of(error)}); copy it anew from {APPS}, "
        "OAuth & Permissions, into PRECIS_SLACK_BOT_TOKEN"
    )


def refused_app(error: SlackApiError) -> BotError:
    """The app-level token is no good."""
    if passes(error):
        return unreachable(error)
    return BotError(
        f"Slack refuses the app-level token ({code_of(error)}); make one with connections:write "
        f"at {APPS}, Basic Information, and set PRECIS_SLACK_APP_TOKEN; and turn Socket Mode on"
    )


def not_a_bot() -> BotError:
    return BotError(
        f"PRECIS_SLACK_BOT_TOKEN isn't a bot's token; copy the one that begins with xoxb- from "
        f"{APPS}, OAuth & Permissions"
    )


def unreachable(error: BaseException) -> BotError:
    why = (isinstance(error, SlackApiError) and code_of(error)) or type(error).__name__
    return BotError(
        f"Slack can't be reached ({why}); check the network and PRECIS_SLACK_API, and start again"
    )
