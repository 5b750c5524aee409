"""Starts the Discord bot and ends it, with errors that operators understand.

`cli` hands in what it is wired to. Knows nothing of the queue's library.
"""

import asyncio
import logging
from typing import Any

import aiohttp
import discord
import yarl

from bot import serving
from bot.context import JobSender
from bot.discord.bot import PrecisBot
from bot.discord.outages import LIMITED
from bot.responsiveness import be_responsive
from bot.serving import BotError, Errand, Listening
from precis.errors import SettingsError
from precis.normalisation.plain_text import shorten, visible
from precis.settings import Settings
from precis.store import Store

PORTAL = "https://discord.com/developers/applications"
REFUSED = f"Discord refuses the token; copy it anew from {PORTAL} into PRECIS_DISCORD_TOKEN"
WRONG_TOKEN = 4004
"""The gateway's code for it, also where it was reset meanwhile."""
MOST_REASON = 300  # characters
NETWORK = (OSError, TimeoutError, aiohttp.ClientError)


def run_bot(
    settings: Settings,
    store: Store,
    sender: JobSender,
    listening: Listening,
    errand: Errand | None = None,
) -> None:
    """Serve Discord until SIGTERM or SIGINT, or do an errand. Raises BotError, SettingsError."""
    if settings.discord_token is None:
        raise SettingsError(f"no Discord token; make a bot at {PORTAL}, set PRECIS_DISCORD_TOKEN")
    point_at(settings.discord_api)
    token = settings.discord_token.get_secret_value()
    # What the library tells of its work in detail quotes messages and tokens.
    logging.getLogger("discord").setLevel(max(logging.INFO, logging.getLogger().level))
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nobody speaks here
    bot = PrecisBot(settings, store, sender, serves=errand is None)
    be_responsive()
    try:
        asyncio.run(serve(bot, token, listening, errand))
    except discord.LoginFailure:
        raise BotError(REFUSED) from None
    except discord.ConnectionClosed as error:
        refused = error.code == WRONG_TOKEN
        closed = (
            f"Discord closed the connection for good (code {error.code}); see its documentation"
        )
        raise BotError(REFUSED if refused else closed) from None
    except discord.PrivilegedIntentsRequired:
        raise BotError(
            "Discord doesn't give this bot what messages say; at "
            f"{PORTAL}, Bot, turn on the Message Content Intent, and start again"
        ) from None
    except (discord.GatewayNotFound, discord.DiscordServerError, *NETWORK) as error:
        raise BotError(f"{unreached(error)}, and start again") from None
    except discord.HTTPException as error:
        raise BotError(unwilling(error)) from None


def unreached(error: Exception) -> str:
    """What to say of a Discord that doesn't answer."""
    return (
        f"Discord can't be reached ({type(error).__name__}); check the network and "
        "PRECIS_DISCORD_API"
    )


def unwilling(error: discord.HTTPException) -> str:
    """What to say of a Discord that refuses a request of the bot's own, in one line.

    Nothing in it is anybody else's: it is about commands, servers and channels.
    """
    if error.status == LIMITED:
        return "Discord limits this bot just now (429); wait some minutes, and start again"
    reason = shorten(visible(error.text), MOST_REASON) or "no reason given"
    return (
        f"Discord refuses a request of the bot's ({error.status}, code {error.code}): {reason}; "
        f"see that the token is the right application's at {PORTAL}, and that this is the latest "
        "version"
    )


def point_at(api: str) -> None:
    """Let discord.py speak to the API at `api`."""
    discord.http.Route.BASE = api


async def _connect(bot: PrecisBot, token: str) -> None:
    await bot.login(token)
    # discord.py begins anew at a fixed gateway after a session that can't be resumed.
    gateway: Any = await bot.http.request(discord.http.Route("GET", "/gateway"))
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway["url"])
    await bot.connect()


async def serve(
    bot: PrecisBot, token: str, listening: Listening, errand: Errand | None = None
) -> None:
    """Connect, and serve until `bot.asked_to_stop`. Raises discord.py's errors."""
    async with bot:
        await serving.serve(bot, _connect(bot, token), listening, errand)
