"""The JSON of things, as API v10 and gateway v10 send it.

Knows the shapes of Discord's resources (Resources > Guild, Channel, Message, User; Permissions >
Role Object) and what is blanked for whom; decides nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.peers.discord.messages import HAS_THREAD, REPLY, THREAD_STARTER_MESSAGE
from tests.peers.discord.state import MESSAGE_CONTENT, User, iso

if TYPE_CHECKING:
    from tests.peers.discord.gateway import Session
    from tests.peers.discord.guilds import Guild, Member, Role
    from tests.peers.discord.messages import Message
    from tests.peers.discord.places import Channel, DirectMessages, Place, Thread

CHANNEL_OBFUSCATED = 1 << 17  # Channel > Channel Flags
FILE_LIMIT = 10 * 1024 * 1024
_VIEW_CHANNEL = 1 << 10


def user(somebody: User) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": str(somebody.id),
        "username": somebody.name,
        "discriminator": "0000" if somebody.bot else "0",
        "global_name": somebody.global_name,
        "avatar": None,
        "public_flags": 0,
    }
    if somebody.bot:
        data["bot"] = True
    return data


def role(it: Role) -> dict[str, Any]:
    """A role; that of a bot says whose it is (Permissions > Role Tags Structure)."""
    tags = {"tags": {"bot_id": str(it.world.bot.id)}} if it.managed else {}
    return {
        **tags,
        "id": str(it.id),
        "name": it.name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "position": it.position,
        "permissions": str(int(it.permissions)),
        "managed": it.managed,
        "mentionable": it.mentionable,
        "flags": 0,
    }


def partial_member(it: Member) -> dict[str, Any]:
    """A member without `user`, as it stands in messages and resolved data."""
    return {
        "nick": it.nick,
        "avatar": None,
        "roles": [str(role.id) for role in it.roles],
        "joined_at": iso(it.joined_at),
        "premium_since": None,
        "pending": False,
        "communication_disabled_until": iso(it.timed_out_until) if it.timed_out_until else None,
        "deaf": False,
        "mute": False,
        "flags": 0,
    }


def member(it: Member) -> dict[str, Any]:
    return {**partial_member(it), "user": user(it.user)}


def channel(it: Channel, viewer: User) -> dict[str, Any]:
    """A guild channel; obfuscated for a viewer without VIEW_CHANNEL (Channel > Obfuscated
    Channels).
    """
    data: dict[str, Any] = {
        "id": str(it.id),
        "type": it.type,
        "guild_id": str(it.guild.id),
        "position": it.position,
        "parent_id": str(it.parent.id) if it.parent else None,
        "name": it.name,
        "topic": it.topic,
        "nsfw": it.nsfw,
        "rate_limit_per_user": 0,
        "last_message_id": str(it.last_message_id) if it.last_message_id else None,
        "flags": 0,
        "permission_overwrites": [
            {"id": str(i), "type": o.type, "allow": str(int(o.allow)), "deny": str(int(o.deny))}
            for i, o in it.overwrites.items()
        ],
    }
    if it.is_voice:
        data |= {"bitrate": 64000, "user_limit": 0, "rtc_region": None}
    if it.type == 15:
        data |= {"available_tags": [], "default_reaction_emoji": None, "default_sort_order": None}
    if not it.visible_to(viewer):
        hide = {"id": str(it.guild.id), "type": 0, "allow": "0", "deny": str(_VIEW_CHANNEL)}
        data |= {"name": "___hidden___", "topic": None, "nsfw": False, "last_message_id": None}
        data |= {"flags": CHANNEL_OBFUSCATED, "permission_overwrites": [hide]}
    return data


def thread_member(it: Thread, somebody: User) -> dict[str, Any]:
    joined = it.member_since.get(somebody.id, it.created_at)
    return {
        "id": str(it.id),
        "user_id": str(somebody.id),
        "join_timestamp": iso(joined),
        "flags": 0,
    }


def thread(it: Thread, viewer: User) -> dict[str, Any]:
    # Channel > Channel Structure: the initial message is not counted.
    started = it.from_message is not None or it.parent.type == 15
    count = max(0, len(it.log) - started)
    data: dict[str, Any] = {
        "id": str(it.id),
        "type": it.type,
        "guild_id": str(it.guild.id),
        "parent_id": str(it.parent.id),
        "owner_id": str(it.owner.id),
        "name": it.name,
        "last_message_id": str(it.last_message_id) if it.last_message_id else None,
        "rate_limit_per_user": 0,
        "message_count": count,
        "total_message_sent": count,
        "member_count": min(50, len(it.member_since)),
        "flags": 0,
        "thread_metadata": {
            "archived": it.archived,
            "archive_timestamp": iso(it.archive_timestamp),
            "auto_archive_duration": 1440,
            "locked": it.locked,
            "create_timestamp": iso(it.created_at),
        },
    }
    if it.private:
        data["thread_metadata"]["invitable"] = True
    if it.parent.type == 15:
        data["applied_tags"] = []
    if viewer.id in it.member_since:
        data["member"] = thread_member(it, viewer)
    return data


def direct_messages(it: DirectMessages) -> dict[str, Any]:
    return {
        "id": str(it.id),
        "type": 1,
        "last_message_id": str(it.last_message_id) if it.last_message_id else None,
        "flags": 0,
        "recipients": [user(it.recipient)],
    }


_PARTIAL_CHANNEL = {
    "id", "name", "type", "last_message_id", "parent_id", "guild_id", "flags", "topic",
    "rate_limit_per_user", "position", "nsfw", "thread_metadata", "owner_id", "member_count",
    "message_count", "total_message_sent", "recipients",
}  # fmt: skip


def partial_channel(it: Place, viewer: User) -> dict[str, Any]:
    """A channel as interactions show it, with the permissions of the person who started one.

    Interactions > Resolved Data Structure **.
    """
    whole = place(it, viewer)
    partial = {key: value for key, value in whole.items() if key in _PARTIAL_CHANNEL}
    return {**partial, "permissions": str(int(it.permissions_for(viewer)))}


def place(it: Place, viewer: User) -> dict[str, Any]:
    """Any place, by its kind."""
    some: Any = it
    if it.guild is None:
        return direct_messages(some)
    return thread(some, viewer) if it.is_thread else channel(some, viewer)


def guild(it: Guild) -> dict[str, Any]:
    return {
        "id": str(it.id),
        "name": it.name,
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "description": None,
        "banner": None,
        "owner_id": str(it.owner.id),
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "roles": [role(r) for r in it.roles.values()],
        "emojis": [],
        "stickers": [],
        "features": [],
        "mfa_level": 0,
        "nsfw_level": 0,
        "application_id": None,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": "en-US",
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
    }


def guild_create(it: Guild) -> dict[str, Any]:
    """Gateway Events > Guild Create.

    Without the presences intent its members are the bot alone; the rest comes by Request Guild
    Members.
    """
    viewer = it.world.bot
    own = it.bot_member
    threads = [t for t in it.threads.values() if not t.archived and t.visible_to(viewer)]
    return {
        **guild(it),
        "joined_at": iso(own.joined_at) if own else None,
        "large": len(it.members) >= 250,
        "unavailable": False,
        "member_count": len(it.members),
        "voice_states": [],
        "members": [member(own)] if own else [],
        "channels": [channel(c, viewer) for c in it.channels.values()],
        "threads": [thread(t, viewer) for t in threads],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def thread_list_sync(it: Guild, channels: list[Channel], viewer: User) -> dict[str, Any]:
    found = [t for t in it.threads.values() if t.parent in channels and not t.archived]
    found = [t for t in found if t.visible_to(viewer)]
    return {
        "guild_id": str(it.id),
        "channel_ids": [str(c.id) for c in channels],
        "threads": [thread(t, viewer) for t in found],
        "members": [thread_member(t, viewer) for t in found if viewer.id in t.member_since],
    }


def message(it: Message, *, content: bool = True) -> dict[str, Any]:
    """A message; `content` False blanks what the message content intent guards.

    Gateway > Message Content Intent: the app's own messages, direct messages, and those that
    mention it stay.
    """
    world = it.place.world
    bot = world.bot
    exempt = it.author is bot or it.place.guild is None or bot in it.mentions.users
    shown = content or exempt
    thread_flag = HAS_THREAD if it.thread and it.thread is not it.place else 0
    data: dict[str, Any] = {
        "id": str(it.id),
        "channel_id": str(it.place.id),
        "type": it.type,
        "author": user(it.author),
        "content": it.content if shown else "",
        "embeds": it.embeds if shown else [],
        "attachments": it.attachments if shown else [],
        "components": it.components if shown else [],
        "timestamp": iso(it.at),
        "edited_timestamp": iso(it.edited_at) if it.edited_at else None,
        "tts": False,
        "mention_everyone": it.mentions.everyone,
        "mentions": [user(somebody) for somebody in it.mentions.users],
        "mention_roles": [str(r.id) for r in it.mentions.roles],
        "pinned": False,
        "flags": it.flags | thread_flag,
    }
    if it.reactions:
        data["reactions"] = _reactions(it)
    if thread_flag and it.thread:
        data["thread"] = thread(it.thread, bot)
    if it.nonce is not None:
        data["nonce"] = it.nonce
    _add_reference(data, it, content=content)
    if it.interaction is not None:
        data |= {"webhook_id": str(bot.id), "application_id": str(bot.id)}
        data["interaction_metadata"] = it.interaction.metadata()
    return data


def _reactions(it: Message) -> list[dict[str, Any]]:
    return [
        {
            "count": 1,
            "count_details": {"burst": 0, "normal": 1},
            "me": True,
            "me_burst": False,
            "emoji": {"id": None, "name": emoji},
            "burst_colors": [],
        }
        for emoji in it.reactions
    ]


def _add_reference(data: dict[str, Any], it: Message, *, content: bool) -> None:
    if it.type not in {REPLY, THREAD_STARTER_MESSAGE} or it.reply_to is None:
        return
    to = it.reply_to
    reference = {"type": 0, "message_id": str(to.id), "channel_id": str(to.place.id)}
    if to.place.guild:
        reference["guild_id"] = str(to.place.guild.id)
    data["message_reference"] = reference
    if to.deleted:
        data["referenced_message"] = None
    elif to.reply_to is None:
        data["referenced_message"] = message(to, content=content)
    else:
        # One level deep only, as Discord does it.
        shallow = message(to, content=content)
        shallow.pop("referenced_message", None)
        data["referenced_message"] = shallow


def message_event(it: Message, session: Session) -> dict[str, Any]:
    """A message as in Message Create and Update: with `guild_id` and the author's `member`."""
    data = message(it, content=bool(session.intents & MESSAGE_CONTENT))
    guild_of = it.place.guild
    if guild_of is not None:
        data["guild_id"] = str(guild_of.id)
        author = guild_of.members.get(it.author.id)
        if author is not None and it.interaction is None:
            data["member"] = partial_member(author)
    return data
