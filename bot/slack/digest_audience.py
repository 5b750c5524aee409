"""Whether all who read one channel may read another too, as far as a bot can know that.

On Slack everybody in a workspace may open its public channels, but guests, who have those alone
that they were asked into. Of a channel that workspaces share, it isn't known who those are.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Collection
from functools import partial
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.platform import Refusal
from bot.slack.api import code_of
from bot.slack.membership import PUBLIC, STRANGE, Channel, Membership, next_cursor
from bot.slack.patience import Patience, waiting_for_nothing
from bot.slack.workspaces import Workspaces

REMEMBERED = 3_600.0
"""Seconds that it counts as current who is a guest."""
MOST_REMEMBERED = 100_000
AT_ONCE = 8
"""People asked for side by side."""
FEW = 50
"""Of more than these, all of a workspace's people are looked through."""
A_PAGE = 200
"""People, as Slack recommends, or 999 members."""
MOST_MEMBERS = 999
MOST_PAGES = 500


class Audiences:
    """Raises as Slack's client does."""

    def __init__(self, workspaces: Workspaces, membership: Membership, patience: Patience) -> None:
        self._workspaces = workspaces
        self._membership = membership
        self._patience = patience
        self._guests: dict[tuple[str, str], tuple[bool, float]] = {}
        self._room = asyncio.Semaphore(AT_ONCE)

    async def all_may_read(self, team: str, source: str, target: str) -> bool:
        """Whether everybody who reads the channel `target` can read `source`. Better no than wrong.

        Of one that isn't public, its members alone can; and what stands in a public channel
        everybody may read.
        """
        read = await self._channel(team, source)
        written = await self._channel(team, target)
        if isinstance(read, Refusal) or isinstance(written, Refusal):
            return False
        if read.id == written.id:
            return True
        if read.kind == PUBLIC and not read.shared and not written.shared:
            strangers = await self._others(team, source, target)
            return strangers is not None and not await self._has_guests(team, strangers)
        if written.kind == PUBLIC:
            return False
        return await self._others(team, source, target) == set()

    async def _channel(self, team: str, channel: str) -> Channel | Refusal:
        call = partial(self._membership.channel, team, channel, again=True)
        return await self._patience(team, "conversations.info", call)

    async def _others(self, team: str, source: str, target: str) -> set[str] | None:
        """Who reads the target and isn't in the source; None where they are too many to know."""
        here, there = await self._members(team, source), await self._members(team, target)
        return None if there is None else there - (here or set())

    async def _members(self, team: str, channel: str) -> set[str] | None:
        client = await self._client(team)
        list_page = partial(client.conversations_members, channel=channel, limit=MOST_MEMBERS)
        found: set[str] = set()
        async for page in self._pages(team, "conversations.members", list_page):
            if page is None:
                return None
            found.update(str(each) for each in page.get("members") or ())
        return found

    async def _has_guests(self, team: str, people: Collection[str]) -> bool:
        """Whether any of them may not be allowed everything that is public."""
        unknown = [each for each in people if self._known(team, each) is None]
        if len(unknown) > FEW:
            await self._look_through_all(team)
            unknown = [each for each in unknown if self._known(team, each) is None]
        await asyncio.gather(*(self._ask(team, each) for each in unknown))
        return any(self._known(team, each) is not False for each in people)

    def _known(self, team: str, user: str) -> bool | None:
        known, when = self._guests.get((team, user), (False, float("-inf")))
        return known if time.monotonic() - when < REMEMBERED else None

    def _note(self, team: str, user: str, info: dict[str, Any]) -> None:
        if len(self._guests) >= MOST_REMEMBERED:
            self._guests.clear()
        restricted = info.get("is_restricted") or info.get("is_ultra_restricted")
        known = bool(info) and not restricted and not info.get("is_stranger")
        self._guests[team, user] = (not known, time.monotonic())

    async def _look_through_all(self, team: str) -> None:
        client = await self._client(team)
        list_page = partial(client.users_list, limit=A_PAGE)
        async for page in self._pages(team, "users.list", list_page):
            for info in (page or {}).get("members") or ():
                self._note(team, str(info.get("id")), info)

    async def _ask(self, team: str, user: str) -> None:
        client = await self._client(team)
        async with self._room:
            try:
                said = await self._patience(
                    team, "users.info", partial(client.users_info, user=user)
                )
            except SlackApiError as error:
                if code_of(error) not in STRANGE:
                    raise
                self._note(team, user, {})
            else:
                self._note(team, user, said.get("user") or {})

    async def _pages(self, team: str, method: str, list_page: Any) -> AsyncIterator[Any]:
        """All pages of a list; at last None, where there are too many."""
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page = await self._patience(team, method, partial(list_page, cursor=cursor))
            yield page
            if not (cursor := next_cursor(page)):
                return
        yield None

    async def _client(self, team: str) -> AsyncWebClient:
        return waiting_for_nothing(await self._workspaces.client(team))
