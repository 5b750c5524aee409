"""Checks a Discord bot's token, intents and permissions, for `precis doctor`."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot.discord.channel_checks import unread_channels
from bot.discord.running import NETWORK, PORTAL, REFUSED, point_at, unreached, unwilling
from precis.errors import PrecisError
from precis.settings import Settings

NEEDED = discord.Permissions(
    view_channel=True,
    read_message_history=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
)
"""What it takes to read, and to answer late: least privilege. Summaries answered in time need no
permission to send."""
OPTIONAL = {
    "for moderators": {"manage_messages": "remove messages", "moderate_members": "time people out"},
    "for long digests": {"create_public_threads": "make threads"},
}
"""What it may do besides, by permission; all else works without."""
SCOPES = ("bot", "applications.commands")
MOST_NAMED = 5
SECONDS = 20.0


def check_discord(settings: Settings) -> str:
    """Who the bot is and what it may do. Raises PrecisError for what is missing."""
    token = settings.discord_token.get_secret_value() if settings.discord_token else ""
    point_at(settings.discord_api)
    try:
        return asyncio.run(asyncio.wait_for(_checked(token), SECONDS))
    except discord.LoginFailure:
        raise PrecisError(REFUSED) from None
    except (discord.GatewayNotFound, discord.DiscordServerError, *NETWORK) as error:
        raise PrecisError(unreached(error)) from None
    except discord.HTTPException as error:
        raise PrecisError(unwilling(error)) from None


def invite(application_id: int) -> str:
    """The link by which a server's managers let the bot in."""
    return discord.utils.oauth_url(application_id, permissions=NEEDED, scopes=SCOPES)


async def _checked(token: str) -> str:
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client.login(token)
        application = await client.application_info()
        flags = application.flags
        if not (flags.gateway_message_content or flags.gateway_message_content_limited):
            raise PrecisError(
                f"{application.name} isn't given what messages say; at {PORTAL}, Bot, turn on the "
                "Message Content Intent"
            )
        guilds = await _guilds(client)
        short = [each for each in (_missing(guild) for guild in guilds) if each]
        if short:
            more = f"; and {len(short) - MOST_NAMED} more" if len(short) > MOST_NAMED else ""
            raise PrecisError(
                f"permissions are missing: {'; '.join(short[:MOST_NAMED])}{more}; grant them, or "
                f"let the bot in again: {invite(application.id)}"
            )
        if not guilds:
            return f"{application.name}, on no server yet; let it in: {invite(application.id)}"
        servers = "1 server" if len(guilds) == 1 else f"{len(guilds):,} servers"
        said = f"{application.name}, on {servers}, with all it needs"
        return f"{said}; {_optional(guilds)}; {await unread_channels(client, guilds)}"


def _optional(guilds: Sequence[Mapping[str, Any]]) -> str:
    """On how many servers it may do what helps moderators and digests."""
    has = [discord.Permissions(int(each.get("permissions", "0"))) for each in guilds]
    told = []
    for whom, what in OPTIONAL.items():
        said = []
        for name, does in what.items():
            able = sum(each.administrator or getattr(each, name) for each in has)
            where = "all" if able == len(guilds) else f"{able:,}" if able else "none"
            said.append(f"{does} on {where} ({name.replace('_', ' ').title()})")
        told.append(f"{whom} it may {' and '.join(said)}")
    return f"{', '.join(told)}, which is optional"


async def _guilds(client: discord.Client) -> list[dict[str, Any]]:
    """Servers by pages of 200, with the bot's permissions in each."""
    found: list[dict[str, Any]] = []
    after: int | None = None
    while True:
        page: Any = await client.http.get_guilds(200, after=after, with_counts=False)
        found += page
        if len(page) < 200:
            return found
        after = int(page[-1]["id"])


def _missing(guild: dict[str, Any]) -> str | None:
    """A server by its id, and what the bot lacks there."""
    has = discord.Permissions(int(guild.get("permissions", "0")))
    if has.administrator:
        return None
    lacking = [name for name, needed in NEEDED if needed and not getattr(has, name)]
    named = ", ".join(name.replace("_", " ").title() for name in lacking)
    return f"server {guild['id']}: {named}" if lacking else None
