"""What Slack's people are called, and who administers a workspace."""

import asyncio
import time
from collections.abc import Iterable
from functools import partial
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.slack.api import code_of
from bot.slack.patience import patiently
from bot.slack.workspaces import Workspaces

REMEMBERED = 3_600.0
"""Seconds that a name counts as current; people rarely change theirs."""
MOST_REMEMBERED = 20_000
AT_ONCE = 8
"""People asked for side by side."""


class People:
    """Asks Slack for people by their ids, one at a time, and remembers their names."""

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces
        self._names: dict[tuple[str, str], tuple[str, float]] = {}
        self._room = asyncio.Semaphore(AT_ONCE)

    async def names(self, team: str, users: Iterable[str]) -> dict[str, str]:
        """By user id, of those whose name Slack tells. Raises as Slack's client does."""
        wanted = list(dict.fromkeys(users))
        names = await asyncio.gather(*(self._name(team, user) for user in wanted))
        return {user: name for user, name in zip(wanted, names, strict=True) if name}

    async def is_admin(self, team: str, user: str) -> bool:
        """Whether somebody administers, or owns, this workspace, as of now."""
        info = await self._info(team, user)
        if info.get("deleted") or info.get("is_stranger") or info.get("is_bot"):
            return False
        at_home = team in (info.get("team_id"), *_teams(info))
        return at_home and bool(info.get("is_admin") or info.get("is_owner"))

    async def _name(self, team: str, user: str) -> str:
        known, when = self._names.get((team, user), ("", float("-inf")))
        if time.monotonic() - when < REMEMBERED:
            return known
        async with self._room:
            name = _name(await self._info(team, user))
        if len(self._names) >= MOST_REMEMBERED:
            self._names.clear()
        self._names[team, user] = (name, time.monotonic())
        return name

    async def _info(self, team: str, user: str) -> dict[str, Any]:
        """Empty for somebody of whom the bot may know nothing."""
        client = await self._workspaces.client(team)
        try:
            answer = await patiently(partial(client.users_info, user=user))
        except SlackApiError as error:
            code = code_of(error)
            if code.startswith("user_") or code == "missing_scope":
                return {}
            raise
        info = answer.get("user")
        return info if isinstance(info, dict) else {}


def _name(info: dict[str, Any]) -> str:
    profile = info.get("profile") or {}
    for name in (profile.get("display_name"), profile.get("real_name"), info.get("real_name")):
        if isinstance(name, str) and name.strip():
            return name
    return str(info.get("name") or "")


def _teams(info: dict[str, Any]) -> list[str]:
    """On Enterprise Grid, the workspaces that somebody is in."""
    return list((info.get("enterprise_user") or {}).get("teams") or ())
