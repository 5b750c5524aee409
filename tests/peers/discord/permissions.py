"""Permissions as Discord computes them (Topics > Permissions). Knows bits, not events."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.peers.discord.guilds import Guild, Member
    from tests.peers.discord.places import Channel


class Permission(IntFlag):
    """Permissions > Bitwise Permission Flags."""

    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    PRIORITY_SPEAKER = 1 << 8
    STREAM = 1 << 9
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    MUTE_MEMBERS = 1 << 22
    DEAFEN_MEMBERS = 1 << 23
    MOVE_MEMBERS = 1 << 24
    USE_VAD = 1 << 25
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    MANAGE_GUILD_EXPRESSIONS = 1 << 30
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_EVENTS = 1 << 33
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    USE_EXTERNAL_STICKERS = 1 << 37
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EMBEDDED_ACTIVITIES = 1 << 39
    MODERATE_MEMBERS = 1 << 40
    SEND_VOICE_MESSAGES = 1 << 46
    SEND_POLLS = 1 << 49
    USE_EXTERNAL_APPS = 1 << 50
    PIN_MESSAGES = 1 << 51
    BYPASS_SLOWMODE = 1 << 52


P = Permission
ALL = int(sum(P))

# What a new server gives @everyone; MENTION_EVERYONE is among it, so a careless bot does ping.
EVERYONE = int(
    P.CREATE_INSTANT_INVITE | P.ADD_REACTIONS | P.STREAM | P.VIEW_CHANNEL | P.SEND_MESSAGES
    | P.EMBED_LINKS | P.ATTACH_FILES | P.READ_MESSAGE_HISTORY | P.MENTION_EVERYONE
    | P.USE_EXTERNAL_EMOJIS | P.CONNECT | P.SPEAK | P.USE_VAD | P.CHANGE_NICKNAME
    | P.USE_APPLICATION_COMMANDS | P.CREATE_PUBLIC_THREADS | P.CREATE_PRIVATE_THREADS
    | P.SEND_MESSAGES_IN_THREADS | P.SEND_POLLS | P.USE_EXTERNAL_APPS
)  # fmt: skip

# What either side may do in a direct message.
DIRECT = int(
    P.ADD_REACTIONS | P.VIEW_CHANNEL | P.SEND_MESSAGES | P.EMBED_LINKS | P.ATTACH_FILES
    | P.READ_MESSAGE_HISTORY | P.MENTION_EVERYONE | P.USE_EXTERNAL_EMOJIS
)  # fmt: skip

# Permissions > Permissions for Timed Out Members: all that is left to them.
LOOKING_ON = int(P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY)

# Permissions > Implicit Permissions: without leave to send, these mean nothing.
_NEED_SENDING = int(P.MENTION_EVERYONE | P.SEND_TTS_MESSAGES | P.ATTACH_FILES | P.EMBED_LINKS)


def base_permissions(guild: Guild, member: Member) -> int:
    """`compute_base_permissions` of Permissions > Permission Overwrites."""
    if guild.owner is member.user:
        return ALL
    permissions = guild.everyone.permissions
    for role in member.roles:
        permissions |= role.permissions
    if permissions & P.ADMINISTRATOR:
        return ALL
    return permissions & LOOKING_ON if member.timed_out else permissions


def channel_permissions(member: Member, channel: Channel, *, thread: bool = False) -> int:
    """`compute_permissions` of the same section, with what is denied implicitly taken away.

    For a thread pass its parent as `channel` (Permissions > Inherited Permissions (Threads)).
    """
    guild = member.guild
    permissions = base_permissions(guild, member)
    if permissions & P.ADMINISTRATOR:
        return ALL
    allow = deny = 0
    if overwrite := channel.overwrites.get(guild.id):
        permissions = permissions & ~overwrite.deny | overwrite.allow
    for role in member.roles:
        if overwrite := channel.overwrites.get(role.id):
            allow |= overwrite.allow
            deny |= overwrite.deny
    permissions = permissions & ~deny | allow
    if overwrite := channel.overwrites.get(member.user.id):
        permissions = permissions & ~overwrite.deny | overwrite.allow
    if member.timed_out:
        permissions &= LOOKING_ON
    return _without_implied(permissions, voice=channel.is_voice, thread=thread)


def _without_implied(permissions: int, *, voice: bool, thread: bool) -> int:
    if not permissions & P.VIEW_CHANNEL:
        return 0
    if voice and not permissions & P.CONNECT:
        return int(P.VIEW_CHANNEL)
    sending = P.SEND_MESSAGES_IN_THREADS if thread else P.SEND_MESSAGES
    if not permissions & sending:
        permissions &= ~_NEED_SENDING
    return permissions
