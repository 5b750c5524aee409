"""HTTP routes of the application, users, guilds, channels and threads; who may see what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.peers.discord import render
from tests.peers.discord.errors import error
from tests.peers.discord.http import Call, Routes
from tests.peers.discord.permissions import P
from tests.peers.discord.places import DirectMessages, Place, Thread
from tests.peers.discord.state import World, iso

if TYPE_CHECKING:
    from tests.peers.discord.guilds import Guild

Json = dict[str, Any]


def place_in_view(call: Call, name: str = "channel_id") -> Place:
    """The channel of the path: 10003 for none, 50001 without VIEW_CHANNEL."""
    place = call.world.channels.get(call.id(name))
    if place is None:
        raise error(10003)
    if not place.visible_to(call.world.bot):
        raise error(50001)
    return place


def guild_of(call: Call) -> Guild:
    """The guild of the path, if the bot is in it."""
    guild = call.world.guilds.get(call.id("guild_id"))
    if guild is None or guild.bot_member is None:
        raise error(10004)
    return guild


def me(call: Call) -> Json:
    return {**render.user(call.world.bot), "verified": True, "mfa_enabled": False, "flags": 0}


def application(call: Call) -> Json:
    """Application > Get Current Application."""
    app = call.world.application
    return {
        "id": str(app.id),
        "name": app.name,
        "icon": None,
        "description": "",
        "summary": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "owner": render.user(app.owner),
        "team": None,
        "flags": app.flags,
        "approximate_guild_count": len(call.world.guilds),
        "integration_types_config": {"0": {}},
    }


def user(call: Call) -> Json:
    found = call.world.users.get(call.id("user_id"))
    if found is None:
        raise error(10013)
    return render.user(found)


def open_dm(call: Call) -> Json:
    """User > Create DM: works with everybody; sending may not."""
    recipient = call.world.users.get(int(call.body.get("recipient_id", 0)))
    if recipient is None or recipient is call.world.bot:
        raise error(10013) if recipient is None else error(50007)
    return render.direct_messages(dm_with(call.world, recipient.id))


def dm_with(world: World, user_id: int) -> DirectMessages:
    return world.dms.get(user_id) or DirectMessages(world, world.users[user_id])


def my_guilds(call: Call) -> list[Json]:
    world = call.world
    return [
        {"id": str(g.id), "name": g.name, "icon": None, "owner": False, "features": [],
         "permissions": str(int(g.bot_member.permissions))}
        for g in world.guilds.values() if g.bot_member
    ]  # fmt: skip


def channel(call: Call) -> Json:
    return render.place(place_in_view(call), call.world.bot)


def guild(call: Call) -> Json:
    found = guild_of(call)
    data = render.guild(found)
    if call.request.query.get("with_counts") in {"1", "true", "True"}:
        data["approximate_member_count"] = len(found.members)
        data["approximate_presence_count"] = len(found.members)
    return data


def guild_channels(call: Call) -> list[Json]:
    """Guild > Get Guild Channels: without threads, and without what the bot cannot see."""
    bot = call.world.bot
    seen = [c for c in guild_of(call).channels.values() if c.visible_to(bot)]
    return [render.channel(c, bot) for c in seen]


def guild_roles(call: Call) -> list[Json]:
    return [render.role(role) for role in guild_of(call).roles.values()]


def guild_member(call: Call) -> Json:
    guild = guild_of(call)
    user_id = call.id("user_id")
    if user_id not in call.world.users:
        raise error(10013)
    if user_id not in guild.members:
        raise error(10007)
    return render.member(guild.members[user_id])


def guild_members(call: Call) -> list[Json]:
    """Guild > List Guild Members: needs the GUILD_MEMBERS intent."""
    guild = guild_of(call)
    if "members" not in call.world.application.intents:
        raise error(50001)
    query = call.request.query
    after, limit = int(query.get("after", 0)), int(query.get("limit", 1))
    found = sorted((m for i, m in guild.members.items() if i > after), key=lambda m: m.id)
    return [render.member(member) for member in found[:limit]]


def _listed(threads: list[Thread], world: World) -> Json:
    """Channel > List … Archived Threads > Response Body."""
    mine = [thread for thread in threads if world.bot.id in thread.member_since]
    return {
        "threads": [render.thread(thread, world.bot) for thread in threads],
        "members": [render.thread_member(thread, world.bot) for thread in mine],
    }


def active_threads(call: Call) -> Json:
    """Guild > List Active Guild Threads."""
    threads = guild_of(call).threads.values()
    found = [t for t in threads if not t.archived and t.visible_to(call.world.bot)]
    return _listed(sorted(found, key=lambda t: -t.id), call.world)


def _archived(call: Call, *, private: bool, joined: bool = False) -> Json:
    place: Any = place_in_view(call)
    bot = call.world.bot
    has = place.permissions_for(bot)
    if not has & P.READ_MESSAGE_HISTORY:
        raise error(50001)
    if private and not joined and not has & P.MANAGE_THREADS:
        # Channel > List Private Archived Threads: READ_MESSAGE_HISTORY and MANAGE_THREADS
        raise error(50001)
    found = [t for t in place.threads if t.archived and t.private == private]
    if joined:
        found = [t for t in found if bot.id in t.member_since]
    found.sort(key=lambda t: t.archive_timestamp, reverse=True)
    limit = int(call.request.query.get("limit", 50))
    if before := call.request.query.get("before"):
        found = [t for t in found if iso(t.archive_timestamp) < before]
    return {**_listed(found[:limit], call.world), "has_more": len(found) > limit}


def thread_of(call: Call) -> Thread:
    place = place_in_view(call)
    if not isinstance(place, Thread):
        raise error(50024)
    return place


def thread_members(call: Call) -> list[Json]:
    """Channel > List Thread Members: restricted by the GUILD_MEMBERS intent."""
    thread = thread_of(call)
    if "members" not in call.world.application.intents:
        raise error(50001)
    users = call.world.users
    return [render.thread_member(thread, users[i]) for i in sorted(thread.member_since)]


def thread_member(call: Call) -> Json:
    """Channel > Get Thread Member: 404 for who is not in the thread."""
    thread = thread_of(call)
    whose = call.request.params["user_id"]
    user_id = call.world.bot.id if whose == "@me" else call.id("user_id")
    if user_id not in thread.member_since:
        raise error(10007)
    data = render.thread_member(thread, call.world.users[user_id])
    if call.request.query.get("with_member") in {"1", "true", "True"}:
        data["member"] = render.member(thread.guild.members[user_id])
    return data


def join_thread(call: Call) -> None:
    thread = thread_of(call)
    if thread.archived:
        raise error(50083)
    thread.add_member(call.world.bot)


def leave_thread(call: Call) -> None:
    thread_of(call).remove_member(call.world.bot)


ROUTES: Routes = {
    "GET /users/@me": me,
    "GET /users/@me/guilds": my_guilds,
    "POST /users/@me/channels": open_dm,
    "GET /users/{user_id}": user,
    "GET /applications/@me": application,
    "GET /oauth2/applications/@me": application,
    "GET /channels/{channel_id}": channel,
    "GET /guilds/{guild_id}": guild,
    "GET /guilds/{guild_id}/channels": guild_channels,
    "GET /guilds/{guild_id}/roles": guild_roles,
    "GET /guilds/{guild_id}/members": guild_members,
    "GET /guilds/{guild_id}/members/{user_id}": guild_member,
    "GET /guilds/{guild_id}/threads/active": active_threads,
    "GET /channels/{channel_id}/threads/archived/public": lambda c: _archived(c, private=False),
    "GET /channels/{channel_id}/threads/archived/private": lambda c: _archived(c, private=True),
    "GET /channels/{channel_id}/users/@me/threads/archived/private": lambda c: _archived(
        c, private=True, joined=True
    ),
    "GET /channels/{channel_id}/thread-members": thread_members,
    "GET /channels/{channel_id}/thread-members/{user_id}": thread_member,
    "PUT /channels/{channel_id}/thread-members/@me": join_thread,
    "DELETE /channels/{channel_id}/thread-members/@me": leave_thread,
}
