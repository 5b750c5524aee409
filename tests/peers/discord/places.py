"""Where messages are: guild channels, threads, direct messages; and who can see them.

Changing a place tells the bot by the gateway events that Discord documents for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.peers.discord import chat, render
from tests.peers.discord.messages import Log, Message
from tests.peers.discord.permissions import DIRECT, P, channel_permissions
from tests.peers.discord.state import (
    DIRECT_MESSAGES,
    GUILD_MEMBERS,
    GUILD_MESSAGES,
    GUILDS,
    User,
    World,
    user_of,
)
from tests.peers.loop import on_loop

if TYPE_CHECKING:
    from tests.peers.discord.guilds import Guild, Member, Role

# Channel > Channel Types
TEXT = 0
DM = 1
VOICE = 2
CATEGORY = 4
ANNOUNCEMENT = 5
ANNOUNCEMENT_THREAD = 10
PUBLIC_THREAD = 11
PRIVATE_THREAD = 12
FORUM = 15


@dataclass(frozen=True)
class Overwrite:
    """Channel > Overwrite Object. `type` is 0 for a role, 1 for a member."""

    type: int
    allow: int
    deny: int


class Place:
    """Somewhere with messages. `guild` is None in direct messages."""

    def __init__(self, world: World, place_id: int, kind: int, name: str | None) -> None:
        self.world = world
        self.id = place_id
        self.type = kind
        self.name = name
        self.guild: Guild | None = None
        self.log = Log()
        self.deleted = False
        # The newest message there ever was; Discord leaves it standing when that one is deleted.
        self.last_message_id: int | None = None
        world.channels[place_id] = self

    @property
    def message_intent(self) -> int:
        """The gateway intent that carries its messages."""
        return GUILD_MESSAGES

    @property
    def is_voice(self) -> bool:
        return self.type == VOICE

    @property
    def is_thread(self) -> bool:
        return isinstance(self, Thread)

    @property
    def holds_messages(self) -> bool:
        return self.type not in {CATEGORY, FORUM}

    @property
    def messages(self) -> list[Message]:
        """What can be found in its history, oldest first (so no ephemeral messages)."""
        return self.world.run(self.log.all)

    @property
    def mention(self) -> str:
        return f"<#{self.id}>"

    def permissions_for(self, somebody: User | Member) -> int:
        """The permission bits a person has here; 0 for who cannot see it."""
        raise NotImplementedError

    def visible_to(self, somebody: User | Member) -> bool:
        return bool(self.permissions_for(somebody) & P.VIEW_CHANNEL)

    def readable_by(self, somebody: User | Member) -> bool:
        """Whether a person can read here what was written before."""
        return self.permissions_for(somebody) & _READ == _READ

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name or self.id}>"


_READ = P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY


class DirectMessages(Place):
    """The bot's conversation with one user."""

    def __init__(self, world: World, recipient: User) -> None:
        super().__init__(world, world.snowflake(), DM, None)
        self.recipient = recipient
        world.dms[recipient.id] = self

    @property
    def message_intent(self) -> int:
        return DIRECT_MESSAGES

    def permissions_for(self, somebody: User | Member) -> int:
        return DIRECT if user_of(somebody) in {self.recipient, self.world.bot} else 0


class Channel(Place):
    """A guild's channel: text, announcement, voice (with its chat), forum or category."""

    guild: Guild

    def __init__(self, guild: Guild, kind: int, name: str, parent: Channel | None) -> None:
        super().__init__(guild.world, guild.world.snowflake(), kind, name)
        self.guild = guild
        self.parent = parent
        self.position = len(guild.channels)
        self.topic: str | None = None
        self.nsfw = False
        # Permissions > Permission Syncing: a channel starts with its category's overwrites.
        self.overwrites: dict[int, Overwrite] = dict(parent.overwrites) if parent else {}

    def permissions_for(self, somebody: User | Member) -> int:
        member = self.guild.members.get(user_of(somebody).id)
        return channel_permissions(member, self) if member else 0

    @property
    def threads(self) -> list[Thread]:
        return [thread for thread in self.guild.threads.values() if thread.parent is self]

    @on_loop
    def set_overwrite(self, target: Role | User | Member, *, allow: int = 0, deny: int = 0) -> None:
        """Allow and deny permissions here to a role or a person; replaces what was set for it."""
        self._overwrite(target, int(allow), int(deny))

    @on_loop
    def clear_overwrite(self, target: Role | User | Member) -> None:
        self._overwrite(target, 0, 0)

    def _overwrite(self, target: Role | User | Member, allow: int, deny: int) -> None:
        """Permissions > Permission Syncing: channels with their category's overwrites follow it."""
        channels = self.guild.channels.values()
        synced = [c for c in channels if c.parent is self and c.overwrites == self.overwrites]
        is_role = target.id in self.guild.roles
        for channel in (self, *synced):
            channel.overwrites.pop(target.id, None)
            if allow or deny:
                channel.overwrites[target.id] = Overwrite(0 if is_role else 1, allow, deny)
            channel.changed()

    def make_private(self, *allowed: Role | User | Member) -> Channel:
        """Hide it from everyone but the given roles and people (name the bot, if it shall see)."""
        self.set_overwrite(self.guild.everyone, deny=P.VIEW_CHANNEL)
        for target in allowed:
            self.set_overwrite(target, allow=P.VIEW_CHANNEL)
        return self

    @on_loop
    def rename(self, name: str) -> None:
        self.name = name
        self.changed()

    @on_loop
    def delete(self) -> None:
        """Delete it with its threads (Gateway Events > Channel Delete)."""
        for thread in self.threads:
            thread.forget()
        data = render.channel(self, self.world.bot)
        del self.guild.channels[self.id]
        del self.world.channels[self.id]
        self.deleted = True
        self.world.emit("CHANNEL_DELETE", data, guild=self.guild, intent=GUILDS)

    def changed(self) -> None:
        """Tell the bot of a change, and of the threads that came into its sight by it."""
        data = render.channel(self, self.world.bot)
        self.world.emit("CHANNEL_UPDATE", data, guild=self.guild, intent=GUILDS)
        self.guild.refresh_bots_view(told={self.id})

    @on_loop
    def add_thread(
        self,
        name: str,
        *,
        owner: User | Member | None = None,
        private: bool = False,
        from_message: Message | None = None,
        members: tuple[User | Member, ...] | list[User | Member] = (),
        at: datetime | None = None,
    ) -> Thread:
        """Start a thread; from a message it shares that message's id (Topics > Threads)."""
        if self.type not in {TEXT, ANNOUNCEMENT}:
            raise ValueError(f"a channel of type {self.type} takes no threads; use `add_post`")
        creator = user_of(owner or (from_message and from_message.author) or self.guild.owner)
        if self.type == ANNOUNCEMENT:
            kind = ANNOUNCEMENT_THREAD
        else:
            kind = PRIVATE_THREAD if private else PUBLIC_THREAD
        thread = Thread(self, kind, name, creator, from_message, at)
        for person in (creator, *members):
            thread.member_since.setdefault(user_of(person).id, thread.created_at)
        thread.announce()
        if from_message:
            chat.start_thread(thread, from_message)
        return thread

    @on_loop
    def add_post(
        self,
        name: str,
        text: str,
        author: User | Member,
        *,
        at: datetime | None = None,
    ) -> Thread:
        """Post in a forum: a public thread whose first message has the thread's id."""
        if self.type != FORUM:
            raise ValueError("only a forum takes posts")
        writer = user_of(author)
        thread = Thread(self, PUBLIC_THREAD, name, writer, None, at)
        thread.member_since[writer.id] = thread.created_at
        thread.announce()
        chat.say(thread, writer, text, at=thread.created_at, message_id=thread.id)
        return thread


class Thread(Place):
    """A thread or a forum's post."""

    guild: Guild

    def __init__(
        self,
        parent: Channel,
        kind: int,
        name: str,
        owner: User,
        from_message: Message | None,
        at: datetime | None,
    ) -> None:
        world = parent.world
        thread_id = from_message.id if from_message else world.snowflake(at)
        super().__init__(world, thread_id, kind, name)
        self.guild = parent.guild
        self.parent = parent
        self.owner = owner
        self.created_at = at or world.clock.moment()
        self.archive_timestamp = self.created_at
        self.archived = False
        self.locked = False
        self.member_since: dict[int, datetime] = {}
        self.from_message = from_message
        self.guild.threads[self.id] = self

    @property
    def private(self) -> bool:
        return self.type == PRIVATE_THREAD

    def permissions_for(self, somebody: User | Member) -> int:
        user = user_of(somebody)
        member = self.guild.members.get(user.id)
        if member is None:
            return 0
        permissions = channel_permissions(member, self.parent, thread=True)
        if self.private and user.id not in self.member_since:
            # Topics > Threads > Permissions: invited, or a moderator
            return permissions if permissions & P.MANAGE_THREADS else 0
        return permissions

    def announce(self) -> None:
        """Gateway Events > Thread Create."""
        if self.visible_to(self.world.bot):
            data = {**render.thread(self, self.world.bot), "newly_created": True}
            self.world.emit("THREAD_CREATE", data, guild=self.guild, intent=GUILDS)
        self.guild.note_view(self)

    @on_loop
    def add_member(self, somebody: User | Member) -> None:
        user = user_of(somebody)
        self.member_since[user.id] = self.world.clock.moment()
        if user is self.world.bot:
            self.announce()
        self._members_changed(added=(user,))

    @on_loop
    def remove_member(self, somebody: User | Member) -> None:
        user = user_of(somebody)
        if self.member_since.pop(user.id, None) is not None:
            self._members_changed(removed=(user,))

    def _members_changed(
        self, *, added: tuple[User, ...] = (), removed: tuple[User, ...] = ()
    ) -> None:
        """Gateway Events > Thread Members Update: of others only with the GUILD_MEMBERS intent."""
        data: dict[str, Any] = {
            "id": str(self.id),
            "guild_id": str(self.guild.id),
            "member_count": min(50, len(self.member_since)),
            "added_members": [render.thread_member(self, user) for user in added],
            "removed_member_ids": [str(user.id) for user in removed],
        }
        about_bot = self.world.bot in {*added, *removed}
        if about_bot or self.visible_to(self.world.bot):
            intent = GUILDS if about_bot else GUILD_MEMBERS
            self.world.emit("THREAD_MEMBERS_UPDATE", data, guild=self.guild, intent=intent)

    @on_loop
    def archive(self, *, locked: bool = False) -> None:
        self.archived, self.locked = True, locked
        self.archive_timestamp = self.world.clock.moment()
        self.changed()

    @on_loop
    def unarchive(self) -> None:
        self.archived = self.locked = False
        self.archive_timestamp = self.world.clock.moment()
        self.changed()

    @on_loop
    def rename(self, name: str) -> None:
        self.name = name
        self.changed()

    def changed(self) -> None:
        if self.visible_to(self.world.bot):
            data = render.thread(self, self.world.bot)
            self.world.emit("THREAD_UPDATE", data, guild=self.guild, intent=GUILDS)

    @on_loop
    def delete(self) -> None:
        seen = self.visible_to(self.world.bot)
        self.forget()
        if seen:
            data = {
                "id": str(self.id),
                "guild_id": str(self.guild.id),
                "parent_id": str(self.parent.id),
                "type": self.type,
            }
            self.world.emit("THREAD_DELETE", data, guild=self.guild, intent=GUILDS)

    def forget(self) -> None:
        del self.guild.threads[self.id]
        del self.world.channels[self.id]
        self.deleted = True
