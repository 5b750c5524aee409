"""What people write in options of `/digest`: channels, and the suggestions for time zones."""

import re
from collections.abc import Sequence
from functools import cache

import discord

from precis.schedule import zones as known_zones

MOST_SUGGESTED = 25
_CHANNEL = re.compile(r"<#([0-9]{1,20})>")
_BETWEEN = re.compile(r"[\s,;&+]*(?:and|und)?[\s,;&+]*", re.IGNORECASE)
_COMMON = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Vienna",
    "Europe/Zurich",
    "Europe/Paris",
    "Europe/Madrid",
    "Europe/Warsaw",
    "Europe/Athens",
    "Europe/Istanbul",
    "Africa/Lagos",
    "Africa/Johannesburg",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
    "America/Sao_Paulo",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)
"""Suggested where nothing is typed yet."""


def written_channels(text: str | None, guild: discord.Guild) -> tuple[str, ...] | None:
    """The channels that a text mentions, threads' as their channels; None where it says else.

    Whether they are there, and may be read, is for the use case to see.
    """
    if text is None:
        return ()
    if any(_BETWEEN.fullmatch(each) is None for each in _CHANNEL.split(text)[::2]):
        return None
    return tuple(dict.fromkeys(_base(each, guild) for each in _CHANNEL.findall(text))) or None


def suggested_zones(typed: str, first: str) -> list[str]:
    """Time zones for what is typed of one, those whose city begins so first; `first` before all
    where nothing is typed.
    """
    typed = typed.strip().casefold().replace(" ", "_")
    if not typed:
        return list(dict.fromkeys([first, *_COMMON]))[:MOST_SUGGESTED]
    found = [name for name in zones() if typed in name.casefold()]
    found.sort(key=lambda name: not name.casefold().rpartition("/")[2].startswith(typed))
    return found[:MOST_SUGGESTED]


@cache
def zones() -> Sequence[str]:
    """All there are, but for those that only old programs know."""
    old = ("Etc/", "US/", "Brazil/", "Canada/", "Chile/", "Mexico/")
    known = (each for each in known_zones() if "/" in each and not each.startswith(old))
    return ("UTC", *sorted(known))


def _base(channel: str, guild: discord.Guild) -> str:
    found = guild.get_channel_or_thread(int(channel))
    return str(found.parent_id) if isinstance(found, discord.Thread) else channel
