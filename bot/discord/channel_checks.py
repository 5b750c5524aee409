"""Which text channels the bot can't read although its server lets it, for `precis doctor`.

Channels' permission overwrites, as Discord's documentation has them:
https://discord.com/developers/docs/topics/permissions#permission-overwrites
"""

from collections.abc import Mapping, Sequence
from typing import Any

import discord

MOST_SERVERS = 20
"""Two requests each, and `precis doctor` is to take seconds."""
MOST_NAMED = 5
TEXT = frozenset({0, 5, 15, 16})
"""Types of channels that people write in: text, announcements, forums, media."""


async def unread_channels(client: discord.Client, guilds: Sequence[Mapping[str, Any]]) -> str:
    """How many channels it can't read, and which, by their ids; and what wasn't looked at."""
    assert client.user is not None, "logged in"  # noqa: S101 - for the type checker
    looked: list[str] = []
    unread: list[str] = []
    for guild in guilds[:MOST_SERVERS]:
        member: Any = await client.http.get_member(guild["id"], client.user.id)
        channels: Any = await client.http.get_all_guild_channels(guild["id"])
        for channel in (each for each in channels if each["type"] in TEXT):
            looked.append(channel["id"])
            if not readable(channel, guild, member):
                unread.append(channel["id"])
    return _told(looked, unread, left_out=len(guilds) - MOST_SERVERS)


def readable(
    channel: Mapping[str, Any], guild: Mapping[str, Any], member: Mapping[str, Any]
) -> bool:
    """Whether a member can read a channel and its history.

    `guild` has the member's permissions before any channel's overwrites.
    """
    has = discord.Permissions(int(guild.get("permissions", "0")))
    if has.administrator:
        return True
    overwrites = {each["id"]: each for each in channel.get("permission_overwrites", [])}
    everyone = [guild["id"]]
    for ids in (everyone, member["roles"], [member["user"]["id"]]):
        theirs = [overwrites[each] for each in ids if each in overwrites]
        allow = deny = 0
        for each in theirs:
            allow |= int(each["allow"])
            deny |= int(each["deny"])
        has.handle_overwrite(allow, deny)
    return has.view_channel and has.read_message_history


def _told(looked: Sequence[str], unread: Sequence[str], *, left_out: int) -> str:
    more = ""
    if left_out > 0:
        more = f" (of the first {MOST_SERVERS} servers; the others' channels weren't looked at)"
    if not unread:
        return f"it can read each text channel that Discord shows it, {len(looked):,} in all{more}"
    named = ", ".join(unread[:MOST_NAMED])
    others = f" and {len(unread) - MOST_NAMED:,} more" if len(unread) > MOST_NAMED else ""
    return f"it can't read {len(unread):,} of {len(looked):,} text channels: {named}{others}{more}"
