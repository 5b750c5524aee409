"""What a server's settings name that isn't there any more."""

from dataclasses import dataclass

import discord

from precis.ask import ServerSettings


@dataclass(frozen=True, slots=True)
class Gone:
    """What is set and was deleted since: no menu can show it, and it holds all the same."""

    roles: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: ServerSettings, guild: discord.Guild) -> "Gone":
        """Of a server that isn't there just now, nothing is known to be gone."""
        if guild.unavailable:
            return cls()
        moderators = [settings.moderators_channel] if settings.moderators_channel else []
        single = settings.channel_thresholds
        channels = [*settings.never_read, *moderators, *settings.watched, *single]
        return cls(
            frozenset(each for each in settings.roles if not guild.get_role(int(each))),
            frozenset(each for each in channels if not guild.get_channel(int(each))),
        )
