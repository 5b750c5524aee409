"""Who reads which conversation on Slack: its members, as Slack has them now.

On Slack everybody may find a public channel, and read it. Précis tells of one to its members alone,
and reads none that nobody has asked it into. A thread is as its channel.
"""

import re
import time
from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.platform import Refusal
from bot.slack.api import code_of
from bot.slack.workspaces import Workspaces

FRESH = 5.0
"""Seconds that what Slack told of a channel and its members counts as current."""
LASTING = 600.0
"""Seconds that it counts as known that a channel is shared."""
MOST_REMEMBERED = 5_000
AT_ONCE = 999
"""Members on a page, and channels; the most that Slack gives."""
MOST_PAGES = 200
HIDDEN = frozenset({"channel_not_found", "not_in_channel", "missing_scope", "access_denied"})
"""Slack's codes for a conversation that the bot isn't in, as far as it may know."""
DIRECT = "D"
"""How the ids of direct messages begin. There is nothing there that either side doesn't know, so
the bot has no scope to ask about them."""
PUBLIC = "public_channel"
"""The kind of those that everybody in a workspace finds."""
_GROUP = re.compile(r"mpdm-(?P<who>.+)-\d+")
STRANGE = frozenset({"user_not_found", "user_not_visible", "users_not_found", "user_is_bot"})
"""Slack's codes for people of whom the bot may know nothing."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A conversation that the bot is in."""

    id: str
    name: str
    kind: str
    """Among Slack's `types`."""
    members: int | None
    """How many there are, where that is known."""
    shared: bool
    """Whether people of other workspaces are in it."""
    archived: bool = False


class Membership:
    """Asks Slack who is where, and remembers it for a moment."""

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces
        self._channels: dict[tuple[str, str], tuple[Channel | Refusal, float]] = {}
        self._members: dict[tuple[str, str, str], tuple[bool, float]] = {}
        self._shared: dict[tuple[str, str], tuple[bool, float]] = {}

    async def channel(self, team: str, channel: str, *, again: bool = False) -> Channel | Refusal:
        """A conversation with the bot in it, archived or not. Raises as Slack's client does.

        `again`: as of now, whatever was known a moment ago.
        """
        key = (team, channel)
        known, when = self._channels.get(key, (Refusal.CHANNEL_GONE, float("-inf")))
        if again or time.monotonic() - when > FRESH:
            known = await _channel(await self._workspaces.client(team), channel)
            _remember(self._channels, key, known)
        return known

    async def refusal(
        self, team: str, channel: str, user: str, *, again: bool = False
    ) -> Refusal | None:
        """Why the bot, or this person, is not to read a conversation; None where both are in it."""
        found = await self.channel(team, channel, again=again)
        if isinstance(found, Refusal):
            return found
        if not await self._has(team, found, user, again=again):
            return Refusal.PERSON_CANNOT_VIEW
        return None

    async def shares(self, team: str, channel: str) -> bool:
        """Whether the bot is in a channel of that workspace that others share."""
        known, when = self._shared.get((team, channel), (False, float("-inf")))
        # The bot may be asked in, or the channel be shared, at any time.
        if time.monotonic() - when > (LASTING if known else FRESH):
            found = await self.channel(team, channel)
            known = isinstance(found, Channel) and found.shared
            _remember(self._shared, (team, channel), known)
        return known

    async def _has(self, team: str, channel: Channel, user: str, *, again: bool) -> bool:
        key = (team, channel.id, user)
        known, when = self._members.get(key, (False, float("-inf")))
        if again or time.monotonic() - when > FRESH:
            client = await self._workspaces.client(team)
            # Of strangers Slack lists no channels; and a small channel is one page.
            few = channel.members is not None and channel.members <= AT_ONCE
            has = _is_among if few or channel.shared else _is_in
            known = await has(client, channel, user)
            _remember(self._members, key, known)
        return known


async def _channel(client: AsyncWebClient, channel: str) -> Channel | Refusal:
    if channel.startswith(DIRECT):  # of two people, or with the bot: nobody else is ever in it
        return Refusal.DIRECT_MESSAGES
    try:
        answer = await client.conversations_info(channel=channel, include_num_members=True)
    except SlackApiError as error:
        if code_of(error) in HIDDEN:
            return Refusal.BOT_NOT_INVITED
        raise
    info: dict[str, Any] = answer.get("channel") or {}
    if info.get("id") != channel:
        return Refusal.CHANNEL_GONE
    if not info.get("is_member"):
        return Refusal.BOT_NOT_INVITED
    members = info.get("num_members")
    return Channel(
        id=channel,
        name=_name(info),
        kind=_kind(info),
        members=members if isinstance(members, int) else None,
        shared=bool(info.get("is_ext_shared") or info.get("is_org_shared")),
        archived=bool(info.get("is_archived")),
    )


def _name(info: dict[str, Any]) -> str:
    """A channel's name; of group direct messages, who is in them: `mpdm-ana--ben--1`."""
    name = str(info.get("name") or "")
    if info.get("is_mpim") and (who := _GROUP.fullmatch(name)):
        return who["who"].replace("--", ", ")
    return name


def _kind(info: dict[str, Any]) -> str:
    if info.get("is_mpim"):
        return "mpim"
    return "private_channel" if info.get("is_private") else PUBLIC


async def _is_among(client: AsyncWebClient, channel: Channel, user: str) -> bool:
    """By the channel's members."""
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = await client.conversations_members(channel=channel.id, limit=AT_ONCE, cursor=cursor)
        if user in (page.get("members") or ()):
            return True
        if not (cursor := next_cursor(page)):
            return False
    return False


async def _is_in(client: AsyncWebClient, channel: Channel, user: str) -> bool:
    """By the person's channels: of those, a bot is told the ones that it is in, or may find."""
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        try:
            page = await client.users_conversations(
                user=user, types=channel.kind, exclude_archived=False, limit=AT_ONCE, cursor=cursor
            )
        except SlackApiError as error:
            if code_of(error) in STRANGE:
                return False
            raise
        if any(each.get("id") == channel.id for each in page.get("channels") or ()):
            return True
        if not (cursor := next_cursor(page)):
            return False
    return False


def next_cursor(page: Any) -> str | None:
    """Where a list goes on; None at its end."""
    return (page.get("response_metadata") or {}).get("next_cursor") or None


def _remember(known: dict[Any, Any], key: tuple[str, ...], value: Any) -> None:
    if len(known) >= MOST_REMEMBERED:
        known.clear()
    known[key] = (value, time.monotonic())
