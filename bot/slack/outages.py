"""Tells outages, of the network or of Slack, from refusals and bugs."""

from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from slack_sdk.errors import SlackApiError

from bot.platform import PlatformDownError, UnreachableError
from bot.slack.api import NETWORK, code_of
from bot.slack.workspaces import WorkspaceGoneError

Given = ParamSpec("Given")
Made = TypeVar("Made")

PASSING = frozenset(
    {
        "fatal_error",
        "internal_error",
        "message_limit_exceeded",
        "rate_limited",
        "ratelimited",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
    }
)
"""Slack's codes for what trying again later may heal."""
GONE = frozenset(
    {
        "account_inactive",
        "invalid_auth",
        "not_authed",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
"""Slack's codes for a workspace that has thrown the bot out, or never let it in."""
ENDED = frozenset({"account_inactive", "team_access_not_granted", "token_revoked"})
"""Those of them that say so for good; the others may be a mistake of whoever set the bot up."""
TOO_MANY = 429
DOWN = 500


@contextmanager
def outages() -> Iterator[None]:
    """Raise PlatformDownError in the place of what trying again later may heal.

    And UnreachableError where the workspace doesn't have the bot any more.
    """
    try:
        yield
    except NETWORK as error:
        raise PlatformDownError from error
    except WorkspaceGoneError as error:
        raise UnreachableError from error
    except SlackApiError as error:
        status, code = _status(error), code_of(error)
        # Without a code it isn't Slack that answered, but something on the way to it.
        if status >= DOWN or status == TOO_MANY or code in PASSING or not code:
            raise PlatformDownError from error
        if code in GONE:
            raise UnreachableError from error
        raise


def telling_outages(
    method: Callable[Given, Awaitable[Made]],
) -> Callable[Given, Coroutine[Any, Any, Made]]:
    """The same for all of a method."""

    @wraps(method)
    async def telling(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        with outages():
            return await method(*args, **kwargs)

    return telling


def _status(error: SlackApiError) -> int:
    # What wasn't JSON comes as the HTTP library's own response.
    status = getattr(error.response, "status_code", None)
    status = getattr(error.response, "status", None) if status is None else status
    return status if isinstance(status, int) else 0


def has_ended(error: UnreachableError) -> bool:
    """Whether a workspace has thrown the bot out for sure."""
    cause = error.__cause__
    return isinstance(cause, SlackApiError) and code_of(cause) in ENDED
