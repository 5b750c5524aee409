"""Who can read what on Discord, as its documentation has it.

https://discord.com/developers/docs/topics/permissions#permission-hierarchy and, for threads,
https://discord.com/developers/docs/topics/threads#permissions.
"""

import discord
from discord import app_commands

from bot.discord.history import Listed, Readable
from bot.platform import Refusal


async def refusal_of_person(channel: Listed, member: discord.Member) -> Refusal | None:
    """Why a member can't read a channel and its history; None where they can."""
    if await _hidden(channel, member):
        return Refusal.PERSON_CANNOT_VIEW
    if not channel.permissions_for(member).read_message_history:
        return Refusal.PERSON_CANNOT_READ_HISTORY
    return None


async def refusal_of_bot(channel: Listed) -> Refusal | None:
    """Why the bot can't read a channel and its history; None where it can."""
    me = channel.guild.me
    if refusal := await _hidden(channel, me):
        return refusal
    if not channel.permissions_for(me).read_message_history:
        return Refusal.BOT_CANNOT_READ_HISTORY
    return None


def refusal_of_unseen(guild: discord.Guild | None) -> Refusal:
    """Why the bot can't read what Discord neither tells it of nor shows it.

    Of a server's channels it is told, also of those that it can't view; so that is a thread.
    """
    return Refusal.BOT_CANNOT_VIEW if guild is None else Refusal.BOT_NOT_IN_THREAD


def same_readers(source: Readable | app_commands.AppCommandThread, place: Readable) -> bool:
    """Whether everybody who reads `place` reads `source` and its history too, as far as is known
    without asking about each.

    Who reads a public thread reads its channel, and who reads a private one at least that. Between
    two channels nothing is known. Where anybody may be kept from the history, so is a summary.
    """
    if not _all_read_history(place):
        return False
    if source.id == place.id:
        return True
    if source.type is discord.ChannelType.private_thread:
        return False
    return _base(source) == _base(place)


def _all_read_history(place: Readable) -> bool:
    """Whether nothing takes Read Message History from anybody who can view a channel."""
    channel = place.parent if isinstance(place, discord.Thread) else place
    if channel is None:
        return False
    given = channel.guild.default_role.permissions.read_message_history
    taken = (each.read_message_history is False for each in channel.overwrites.values())
    return given and not any(taken)


def _base(channel: Readable | app_commands.AppCommandThread) -> int:
    threads = (discord.Thread, app_commands.AppCommandThread)
    return channel.parent_id if isinstance(channel, threads) else channel.id


async def _hidden(channel: Listed, member: discord.Member) -> Refusal | None:
    """Why a member, said as of the bot, can't see a channel; None where they can."""
    allowed = channel.permissions_for(member)
    if not allowed.view_channel:
        return Refusal.BOT_CANNOT_VIEW
    # A voice channel's chat is for those who may join it.
    if isinstance(channel, discord.VoiceChannel | discord.StageChannel) and not allowed.connect:
        return Refusal.BOT_CANNOT_CONNECT
    if channel.type is not discord.ChannelType.private_thread or allowed.manage_threads:
        return None
    try:
        await channel.fetch_member(member.id)
    except (discord.NotFound, discord.Forbidden):
        return Refusal.BOT_NOT_IN_THREAD
    return None
