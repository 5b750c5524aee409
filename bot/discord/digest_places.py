"""A channel and its public threads, as digests read them; each thread is a place of its own."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime

import discord

from bot.discord.history import Listed
from precis.ask import Place

PUBLIC = (discord.ChannelType.public_thread, discord.ChannelType.news_thread)
WITH_THREADS = (discord.TextChannel, discord.ForumChannel)


async def places_of(channel: Listed, since: datetime) -> list[Place]:
    """The channel, then those of its threads in which something was written since, oldest first.

    The library knows the threads that are active, for Discord tells of them; of archived ones it
    is asked, latest first, for as long as anything can have been written in them since.
    """
    found: dict[int, discord.Thread] = {}
    if isinstance(channel, WITH_THREADS):
        found |= {each.id: each for each in _active(channel)}
        async for each in _archived(channel, since):
            found[each.id] = each
        found |= {each.id: each for each in _active(channel)}  # what came back meanwhile
    oldest = discord.utils.time_snowflake(since)
    server, base = str(channel.guild.id), str(channel.id)
    alive = sorted(one for one, each in found.items() if _latest(each) >= oldest)
    threads = (Place(server=server, place=str(each), parent=base) for each in alive)
    return [Place(server=server, place=base), *threads]


def _active(channel: discord.TextChannel | discord.ForumChannel) -> Iterator[discord.Thread]:
    return (each for each in channel.threads if each.type in PUBLIC and not each.archived)


async def _archived(
    channel: discord.TextChannel | discord.ForumChannel, since: datetime
) -> AsyncIterator[discord.Thread]:
    """Nothing is written in a thread after it was archived."""
    async for each in channel.archived_threads(limit=None):
        if each.archive_timestamp < since:
            return
        if each.type in PUBLIC:
            yield each


def _latest(thread: discord.Thread) -> int:
    """The id of its last message; at least its own, which is of the time when it began."""
    return max(thread.last_message_id or 0, thread.id)
