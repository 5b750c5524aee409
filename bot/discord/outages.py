"""Tells outages, of the network or of Discord, from refusals and bugs."""

from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import aiohttp
import discord

from bot.platform import PlatformDownError

Given = ParamSpec("Given")
Made = TypeVar("Made")

LIMITED = 429
"""Where the library has waited for long enough, and in vain."""


@contextmanager
def outages() -> Iterator[None]:
    """Raise PlatformDownError in the place of what trying again later may heal."""
    try:
        yield
    except (OSError, TimeoutError, aiohttp.ClientError, discord.DiscordServerError) as error:
        raise PlatformDownError from error
    except discord.HTTPException as error:
        if error.status != LIMITED:
            raise
        raise PlatformDownError from error


def telling_outages(
    method: Callable[Given, Awaitable[Made]],
) -> Callable[Given, Coroutine[Any, Any, Made]]:
    """The same for all of a method."""

    @wraps(method)
    async def telling(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        with outages():
            return await method(*args, **kwargs)

    return telling
