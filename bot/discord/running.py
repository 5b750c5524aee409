"""Starts the Discord bot and ends it, with errors that operators understand.

`cli` hands in what it is wired to. Knows nothing of the queue's library.
"""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import aiohttp
import discord
import yarl

from bot.context import JobSender
from bot.discord.bot import PrecisBot
from bot.responsiveness import be_responsive
from precis.errors import PrecisError, SettingsError
from precis.settings import Settings
from precis.store import Store

PORTAL = "https://discord.com/developers/applications"
REFUSED = f"Discord refuses the token; copy it anew from {PORTAL} into PRECIS_DISCORD_TOKEN"
WRONG_TOKEN = 4004
"""The gateway's code for it, also where it was reset meanwhile."""
NETWORK = (OSError, TimeoutError, aiohttp.ClientError)
OnDelivery = Callable[[str, Callable[[], None]], None]
Listening = Callable[[OnDelivery], AbstractContextManager[Any]]
"""Tells of ended jobs while the context lasts; see `worker.deliveries`."""


class BotError(PrecisError):
    """The bot can't run as it is set up."""


def run_bot(settings: Settings, store: Store, sender: JobSender, listening: Listening) -> None:
    """Serve Discord until SIGTERM or SIGINT. Raises BotError, SettingsError."""
    if settings.discord_token is None:
        raise SettingsError(f"no Discord token; make a bot at {PORTAL}, set PRECIS_DISCORD_TOKEN")
    point_at(settings.discord_api)
    token = settings.discord_token.get_secret_value()
    # What the library tells of its work in detail quotes messages and tokens.
    logging.getLogger("discord").setLevel(max(logging.INFO, logging.getLogger().level))
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nobody speaks here
    bot = PrecisBot(settings, store, sender)
    be_responsive()
    try:
        asyncio.run(serve(bot, token, listening))
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
        raise BotError(
            f"Discord can't be reached ({type(error).__name__}); check the network and "
            "PRECIS_DISCORD_API, and start again"
        ) from None


def point_at(api: str) -> None:
    """Let discord.py speak to the API at `api`."""
    discord.http.Route.BASE = api


async def _connect(bot: PrecisBot, token: str) -> None:
    await bot.login(token)
    # discord.py begins anew at a fixed gateway after a session that can't be resumed.
    gateway: Any = await bot.http.request(discord.http.Route("GET", "/gateway"))
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway["url"])
    await bot.connect()


async def serve(bot: PrecisBot, token: str, listening: Listening) -> None:
    """Connect, and serve until `bot.asked_to_stop`, which signals set.

    Raises discord.py's errors.
    """
    loop = asyncio.get_running_loop()
    stop = bot.asked_to_stop
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, RuntimeError):  # not the main thread
            loop.add_signal_handler(name, stop.set)

    def on_delivery(job_id: str, done: Callable[[], None]) -> None:
        loop.call_soon_threadsafe(bot.frontend.deliver, job_id, done)

    async with bot:
        serving = asyncio.create_task(_connect(bot, token))
        stopping = asyncio.create_task(stop.wait())
        connected = asyncio.create_task(bot.connected.wait())
        await asyncio.wait({serving, stopping, connected}, return_when=asyncio.FIRST_COMPLETED)
        connected.cancel()
        # Until then the broker keeps what is to be delivered.
        hearing = listening(on_delivery) if bot.connected.is_set() else contextlib.nullcontext()
        with hearing:
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            await bot.close()
            if stop.is_set():  # what the connection was just doing no longer matters
                serving.cancel()
                await asyncio.gather(serving, return_exceptions=True)
            else:
                await serving
