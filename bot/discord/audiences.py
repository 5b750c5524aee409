"""Whether everybody who can see one channel can read another, by roles and overwrites. Pure.

https://discord.com/developers/docs/topics/permissions#permission-overwrites: what @everyone is
denied, then allowed, then what any of their roles is, then what they are themselves. Who has which
roles isn't known without asking about each, so it must hold whatever roles anybody has. What isn't
sure counts as no. A time-out, which keeps people from voice channels for a while, is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import discord

Overwrite = discord.PermissionOverwrite
ROOM = discord.VoiceChannel | discord.StageChannel


def everybody_reads(source: discord.abc.GuildChannel, target: discord.abc.GuildChannel) -> bool:
    """Whether all who can see `target` can read `source` with its history.

    Administrators, the owner and bots are left out: the first two read everything. What is said in
    an age-restricted channel, which not everybody is let into, stays in such channels.
    """
    if getattr(source, "nsfw", False) and not getattr(target, "nsfw", False):
        return False
    needed = ["view_channel", "read_message_history"]
    if isinstance(source, ROOM) and source.id != target.id:
        needed.append("connect")  # a voice channel's chat is for those who may join it
    comparison = _Comparison.of(source, target)
    return all(comparison.implies(permission) for permission in needed)


@dataclass(frozen=True)
class _Overwrites:
    """A channel's, without those for whom they don't matter."""

    everyone: Overwrite = field(default_factory=Overwrite)
    roles: dict[int, Overwrite] = field(default_factory=dict)
    people: dict[int, Overwrite] = field(default_factory=dict)

    @classmethod
    def of(cls, channel: discord.abc.GuildChannel) -> "_Overwrites":
        guild, overwrites = channel.guild, channel.overwrites.items()
        found = cls(next((each for who, each in overwrites if who.id == guild.id), Overwrite()))
        exempt = {guild.id, guild.owner_id, guild.me.id, *_unbound(guild)}
        for who, overwrite in overwrites:
            if who.id in exempt:
                continue
            kind = who.type if isinstance(who, discord.Object) else type(who)
            (found.roles if issubclass(kind, discord.Role) else found.people)[who.id] = overwrite
        return found


@dataclass(frozen=True)
class _Comparison:
    """Of a source with a target."""

    source: _Overwrites
    target: _Overwrites
    everyone: discord.Permissions
    roles: dict[int, discord.Permissions]
    """Of those that aren't administrators' or bots'."""

    @classmethod
    def of(
        cls, source: discord.abc.GuildChannel, target: discord.abc.GuildChannel
    ) -> "_Comparison":
        guild = source.guild
        unbound = {*_unbound(guild), guild.id}
        return cls(
            _Overwrites.of(source),
            _Overwrites.of(target),
            guild.default_role.permissions,
            {role.id: role.permissions for role in guild.roles if role.id not in unbound},
        )

    def implies(self, permission: str) -> bool:
        """Whether each way to see the target brings along a permission in the source."""
        return (
            self._nobody_alone_denied(permission)
            and all(self._of_role(role, permission) for role in self._roles_let_in())
            and all(self._of_person(one, permission) for one in self._people_let_in())
            and all(self._of_anybody(role, permission) for role in self._unhindered())
        )

    def _roles_let_in(self) -> Iterator[int]:
        return (one for one, each in self.target.roles.items() if each.view_channel)

    def _people_let_in(self) -> Iterator[int]:
        return (one for one, each in self.target.people.items() if each.view_channel)

    def _unhindered(self) -> Iterator[int | None]:
        """What lets people see the target whom no overwrite concerns; None for just being there."""
        if self.target.everyone.view_channel is False:
            return
        if self.target.everyone.view_channel or self.everyone.view_channel:
            yield None
        else:
            yield from (one for one, each in self.roles.items() if each.view_channel)

    def _nobody_alone_denied(self, permission: str) -> bool:
        """Whether only those are denied it by themselves who are kept from the target too."""
        denied = (one for one, each in self.source.people.items() if _of(each, permission) is False)
        kept_out = (self.target.people.get(one, Overwrite()).view_channel for one in denied)
        return all(each is False for each in kept_out)

    def _of_role(self, role: int, permission: str) -> bool:
        """For who has the role, whatever other roles they have: what one allows, none denies."""
        if _of(self.source.roles.get(role), permission):
            return True
        return self._given(role, permission) and not any(self._denying(permission))

    def _of_person(self, person: int, permission: str) -> bool:
        if _of(self.source.people.get(person), permission):
            return True
        return self._given(None, permission) and not any(self._denying(permission))

    def _of_anybody(self, role: int | None, permission: str) -> bool:
        """For who has none of the roles that are kept from the target: they don't see it so."""
        if role is not None and _of(self.source.roles.get(role), permission):
            return True
        kept_out = (
            self.target.roles.get(each, Overwrite()).view_channel is False
            for each in self._denying(permission)
        )
        return self._given(role, permission) and all(kept_out)

    def _given(self, role: int | None, permission: str) -> bool:
        """Whether a role, or just being there, has it in the source before roles' overwrites."""
        said = _of(self.source.everyone, permission)
        if said is not None:
            return said
        own = self.roles.get(role) if role is not None else None
        return bool(getattr(self.everyone, permission)) or bool(own and getattr(own, permission))

    def _denying(self, permission: str) -> Iterator[int]:
        """Roles that the source denies it."""
        return (one for one, each in self.source.roles.items() if _of(each, permission) is False)


def _unbound(guild: discord.Guild) -> Iterator[int]:
    """Roles of those for whom overwrites don't matter: administrators, and bots."""
    return (
        role.id for role in guild.roles if role.permissions.administrator or role.is_bot_managed()
    )


def _of(overwrite: Overwrite | None, permission: str) -> bool | None:
    said: bool | None = getattr(overwrite, permission, None)
    return said
