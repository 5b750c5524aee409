"""Guilds, their roles and members, and what of it the bot is told.

Every change that Discord announces is announced; what comes into or goes out of the bot's sight by
a change of roles or overwrites is told too (Permissions > Channel Visibility, in force for bots
since November 2026).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.peers.discord import places, render
from tests.peers.discord.permissions import EVERYONE, P, base_permissions
from tests.peers.discord.places import Channel, Place, Thread
from tests.peers.discord.state import GUILD_MEMBERS, GUILDS, User, World, user_of
from tests.peers.loop import on_loop

# The least a bot like ours asks for.
BOT_PERMISSIONS = int(
    P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY | P.SEND_MESSAGES | P.SEND_MESSAGES_IN_THREADS
    | P.EMBED_LINKS
)  # fmt: skip


@dataclass(eq=False)
class Role:
    id: int
    guild: Guild
    name: str
    permissions: int
    position: int
    mentionable: bool = False
    managed: bool = False

    @property
    def mention(self) -> str:
        return f"<@&{self.id}>"

    @property
    def world(self) -> World:
        return self.guild.world

    @on_loop
    def set_permissions(self, permissions: int) -> None:
        """Replace the role's permissions (Gateway Events > Guild Role Update)."""
        self.permissions = int(permissions)
        data = {"guild_id": str(self.guild.id), "role": render.role(self)}
        self.world.emit("GUILD_ROLE_UPDATE", data, guild=self.guild, intent=GUILDS)
        self.guild.refresh_bots_view()

    @on_loop
    def move(self, position: int) -> None:
        """Put it higher or lower among the roles (Gateway Events > Guild Role Update)."""
        self.position = position
        data = {"guild_id": str(self.guild.id), "role": render.role(self)}
        self.world.emit("GUILD_ROLE_UPDATE", data, guild=self.guild, intent=GUILDS)

    def __repr__(self) -> str:
        return f"<Role {self.name}>"


@dataclass(eq=False)
class Member:
    guild: Guild
    user: User
    joined_at: datetime
    nick: str | None = None
    roles: list[Role] = field(default_factory=list)
    timed_out_until: datetime | None = None

    @property
    def world(self) -> World:
        return self.guild.world

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def permissions(self) -> int:
        """The bits that hold in the whole guild, before a channel's overwrites."""
        return base_permissions(self.guild, self)

    @property
    def timed_out(self) -> bool:
        """Whether they may only look on (Guild > Guild Member > communication_disabled_until)."""
        until = self.timed_out_until
        return until is not None and until > self.world.clock.moment()

    @property
    def highest(self) -> int:
        """The position of their highest role (Permissions > Permission Hierarchy)."""
        return max((role.position for role in self.roles), default=0)

    @on_loop
    def time_out(self, until: datetime | None) -> None:
        """Keep them from writing until then; None lets them write again."""
        self.timed_out_until = until
        self.changed()

    @on_loop
    def add_role(self, role: Role) -> None:
        if role not in self.roles:
            self.roles.append(role)
        self.changed()

    @on_loop
    def remove_role(self, role: Role) -> None:
        if role in self.roles:
            self.roles.remove(role)
        self.changed()

    @on_loop
    def set_nick(self, nick: str | None) -> None:
        self.nick = nick
        self.changed()

    def changed(self) -> None:
        """Gateway > Caveats: the bot's own updates come without the GUILD_MEMBERS intent."""
        own = self.user is self.world.bot
        data = {**render.member(self), "guild_id": str(self.guild.id)}
        intent = 0 if own else GUILD_MEMBERS
        self.world.emit("GUILD_MEMBER_UPDATE", data, guild=self.guild, intent=intent)
        if own:
            self.guild.refresh_bots_view()

    def __repr__(self) -> str:
        return f"<Member {self.user.name}>"


class Guild:
    """A server. Made by `server.add_guild`; @everyone has what a new server on Discord grants."""

    def __init__(self, world: World, name: str, owner: User) -> None:
        self.world = world
        self.id = world.guild_snowflake()
        self.name = name
        self.owner = owner
        self.roles: dict[int, Role] = {}
        self.members: dict[int, Member] = {}
        self.channels: dict[int, Channel] = {}
        self.threads: dict[int, Thread] = {}
        self.everyone = Role(self.id, self, "@everyone", EVERYONE, 0)
        self.roles[self.id] = self.everyone
        self.bot_role: Role | None = None
        self._seen: dict[int, bool] = {}
        world.guilds[self.id] = self
        self._join(owner)

    @property
    def bot_member(self) -> Member | None:
        return self.members.get(self.world.bot.id)

    def _join(self, user: User, nick: str | None = None) -> Member:
        member = Member(self, user, datetime(2022, 1, 1, tzinfo=UTC), nick)
        self.members[user.id] = member
        return member

    @on_loop
    def add_member(
        self, user: User, *, roles: tuple[Role, ...] | list[Role] = (), nick: str | None = None
    ) -> Member:
        member = self._join(user, nick)
        member.roles = list(roles)
        data = {**render.member(member), "guild_id": str(self.id)}
        self.world.emit("GUILD_MEMBER_ADD", data, guild=self, intent=GUILD_MEMBERS)
        return member

    @on_loop
    def kick(self, somebody: User | Member) -> None:
        """Remove a member, from the threads too."""
        user = user_of(somebody)
        self.members.pop(user.id, None)
        for thread in self.threads.values():
            thread.member_since.pop(user.id, None)
        data = {"guild_id": str(self.id), "user": render.user(user)}
        self.world.emit("GUILD_MEMBER_REMOVE", data, guild=self, intent=GUILD_MEMBERS)

    @on_loop
    def add_bot(self, permissions: int = BOT_PERMISSIONS) -> Member:
        """Invite the bot: it gets a managed role with these permissions, and GUILD_CREATE."""
        bot = self.world.bot
        role_id = self.world.snowflake()
        self.bot_role = Role(role_id, self, bot.name, int(permissions), 1, managed=True)
        self.roles[role_id] = self.bot_role
        member = self._join(bot)
        member.roles.append(self.bot_role)
        for place in [*self.channels.values(), *self.threads.values()]:
            self.note_view(place)
        self.world.emit("GUILD_CREATE", render.guild_create(self), guild=self, intent=GUILDS)
        return member

    @on_loop
    def remove_bot(self) -> None:
        """Kick the bot (Gateway Events > Guild Delete, without `unavailable`)."""
        self.world.emit("GUILD_DELETE", {"id": str(self.id)}, guild=self, intent=GUILDS)
        self.members.pop(self.world.bot.id, None)
        if self.bot_role:
            del self.roles[self.bot_role.id]
        for thread in self.threads.values():
            thread.member_since.pop(self.world.bot.id, None)

    @on_loop
    def add_role(self, name: str, permissions: int = 0, *, mentionable: bool = False) -> Role:
        role_id = self.world.snowflake()
        role = Role(role_id, self, name, int(permissions), len(self.roles), mentionable)
        self.roles[role_id] = role
        data = {"guild_id": str(self.id), "role": render.role(role)}
        self.world.emit("GUILD_ROLE_CREATE", data, guild=self, intent=GUILDS)
        return role

    @on_loop
    def delete_role(self, role: Role) -> None:
        del self.roles[role.id]
        for member in self.members.values():
            if role in member.roles:
                member.roles.remove(role)
        for channel in self.channels.values():
            channel.overwrites.pop(role.id, None)
        data = {"guild_id": str(self.id), "role_id": str(role.id)}
        self.world.emit("GUILD_ROLE_DELETE", data, guild=self, intent=GUILDS)
        self.refresh_bots_view()

    def add_text_channel(self, name: str, category: Channel | None = None) -> Channel:
        return self._add_channel(places.TEXT, name, category)

    def add_announcement_channel(self, name: str, category: Channel | None = None) -> Channel:
        return self._add_channel(places.ANNOUNCEMENT, name, category)

    def add_voice_channel(self, name: str, category: Channel | None = None) -> Channel:
        """A voice channel, which has a chat of its own."""
        return self._add_channel(places.VOICE, name, category)

    def add_forum(self, name: str, category: Channel | None = None) -> Channel:
        return self._add_channel(places.FORUM, name, category)

    def add_category(self, name: str) -> Channel:
        return self._add_channel(places.CATEGORY, name, None)

    @on_loop
    def _add_channel(self, kind: int, name: str, parent: Channel | None) -> Channel:
        channel = Channel(self, kind, name, parent)
        self.channels[channel.id] = channel
        self.note_view(channel)
        data = render.channel(channel, self.world.bot)
        self.world.emit("CHANNEL_CREATE", data, guild=self, intent=GUILDS)
        return channel

    def note_view(self, place: Place) -> None:
        self._seen[place.id] = place.visible_to(self.world.bot)

    def refresh_bots_view(self, told: set[int] | frozenset[int] = frozenset()) -> None:
        """Tell the bot of the channels that it sees now and did not, or did and does not.

        Channel > Obfuscated Channels; Topics > Threads > Channel Access. `told` are channels
        already announced.
        """
        bot, gained = self.world.bot, []
        for channel in self.channels.values():
            before, now = self._seen.get(channel.id, False), channel.visible_to(bot)
            if before != now and channel.id not in told:
                data = render.channel(channel, bot)
                self.world.emit("CHANNEL_UPDATE", data, guild=self, intent=GUILDS)
            if now and not before:
                gained.append(channel)
        if gained:
            data = render.thread_list_sync(self, gained, bot)
            self.world.emit("THREAD_LIST_SYNC", data, guild=self, intent=GUILDS)
        for place in [*self.channels.values(), *self.threads.values()]:
            self.note_view(place)

    def __repr__(self) -> str:
        return f"<Guild {self.name}>"
