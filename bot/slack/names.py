"""What Slack's people, their groups and channels are called, and who administers a workspace."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.api import code_of
from bot.slack.patience import Patience, waiting_for_nothing
from bot.slack.reading import people_in
from bot.slack.workspaces import Workspaces

REMEMBERED = 3_600.0
"""Seconds that a name counts as current; people rarely change theirs."""
MOST_REMEMBERED = 20_000
AT_ONCE = 8
"""Asked for side by side."""

_CHANNEL = re.compile(r"<#([CG][0-9A-Z]{1,30})\|?>")
"""A mention that doesn't say what it is called."""
_GROUP = "<!subteam^"


@dataclass(frozen=True, slots=True)
class Known:
    """Names by ids."""

    people: Mapping[str, str]
    channels: Mapping[str, str]
    groups: Mapping[str, str]


class Names:
    """Asks Slack for people and channels by their ids, one at a time, and remembers the names."""

    def __init__(self, workspaces: Workspaces, patience: Patience) -> None:
        self._workspaces = workspaces
        self._patience = patience
        self._names: dict[tuple[str, str], tuple[str, float]] = {}
        self._groups: dict[str, tuple[dict[str, str], float]] = {}
        self._room = asyncio.Semaphore(AT_ONCE)

    async def of(self, team: str, messages: Iterable[dict[str, Any]]) -> Known:
        """All names that are needed to read messages, as far as Slack tells them.

        Raises as Slack's client does.
        """
        people: set[str] = set()
        channels: set[str] = set()
        groups = False
        for message in messages:
            people |= people_in(message)
            text = str(message.get("text") or "")
            channels.update(_CHANNEL.findall(text))
            groups = groups or _GROUP in text
        return Known(
            people=await self.of_people(team, people),
            channels=await self._all(team, channels, self._channel),
            groups=await self._known_groups(team) if groups else {},
        )

    async def of_people(self, team: str, users: Iterable[str]) -> dict[str, str]:
        """By their ids, as far as Slack tells them. Raises as Slack's client does."""
        return await self._all(team, set(users), self._person)

    async def is_admin(self, team: str, user: str) -> bool:
        """Whether somebody administers, or owns, this workspace, as of now."""
        info = await self._info(team, user)
        if info.get("deleted") or info.get("is_stranger") or info.get("is_bot"):
            return False
        at_home = team in (info.get("team_id"), *_teams(info))
        return at_home and bool(info.get("is_admin") or info.get("is_owner"))

    async def _all(
        self, team: str, ids: set[str], ask: Callable[[str, str], Awaitable[str]]
    ) -> dict[str, str]:
        wanted = sorted(ids)
        names = await asyncio.gather(*(self._name(team, each, ask) for each in wanted))
        return {each: name for each, name in zip(wanted, names, strict=True) if name}

    async def _name(self, team: str, of: str, ask: Callable[[str, str], Awaitable[str]]) -> str:
        known, when = self._names.get((team, of), ("", float("-inf")))
        if time.monotonic() - when < REMEMBERED:
            return known
        async with self._room:
            name = await ask(team, of)
        if len(self._names) >= MOST_REMEMBERED:
            self._names.clear()
        self._names[team, of] = (name, time.monotonic())
        return name

    async def _person(self, team: str, user: str) -> str:
        return _name(await self._info(team, user))

    async def _channel(self, team: str, channel: str) -> str:
        """Only of a public one: the names of others are for those who are in them."""
        client = await self._client(team)
        said = await self._told(
            team, "conversations.info", partial(client.conversations_info, channel=channel)
        )
        info = said.get("channel") or {}
        return "" if info.get("is_private") else str(info.get("name") or "")

    async def _known_groups(self, team: str) -> dict[str, str]:
        known, when = self._groups.get(team, ({}, float("-inf")))
        if time.monotonic() - when > REMEMBERED:
            client = await self._client(team)
            said = await self._told(team, "usergroups.list", client.usergroups_list)
            known = {
                str(each.get("id")): str(each.get("handle") or each.get("name") or "")
                for each in said.get("usergroups") or ()
            }
            self._groups[team] = known, time.monotonic()
        return known

    async def _info(self, team: str, user: str) -> dict[str, Any]:
        """Empty for somebody of whom the bot may know nothing."""
        client = await self._client(team)
        said = await self._told(team, "users.info", partial(client.users_info, user=user))
        info = said.get("user")
        return info if isinstance(info, dict) else {}

    async def _told(self, team: str, method: str, call: Callable[[], Awaitable[Any]]) -> Any:
        """Nothing where the bot may not know, or there is nothing to be known."""
        try:
            return await self._patience(team, method, call)
        except SlackApiError as error:
            code = code_of(error)
            if code.startswith(("user_", "channel_")) or code == "missing_scope":
                return {}
            raise

    async def _client(self, team: str) -> AsyncWebClient:
        return waiting_for_nothing(await self._workspaces.client(team))


def _name(info: dict[str, Any]) -> str:
    profile = info.get("profile") or {}
    for name in (profile.get("display_name"), profile.get("real_name"), info.get("real_name")):
        if isinstance(name, str) and name.strip():
            return name
    return str(info.get("name") or "")


def _teams(info: dict[str, Any]) -> list[str]:
    """On Enterprise Grid, the workspaces that somebody is in."""
    return list((info.get("enterprise_user") or {}).get("teams") or ())
