"""What Slack tells of by itself: messages, new, edited and deleted; channels and workspaces gone.

Slack's acknowledgement of an event waits for nothing here.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.deletions import Deletions
from bot.platform import PlatformDownError, UnreachableError
from bot.slack.following import Following, Said
from bot.slack.ids import is_ts, message_id
from precis.conversation import Message
from precis.errors import StoreError
from precis.readers import slack_message

if TYPE_CHECKING:
    from bot.slack.app import SlackBot

TOMBSTONE = "tombstone"
"""What is left of a deleted message with replies under it."""
RATE_LIMITED = "app_rate_limited"
"""Slack's word that it tells no more of a workspace for a minute."""


class Events:
    """Keeps what is heard of followed channels, and forgets what is gone."""

    def __init__(self, bot: "SlackBot") -> None:
        self._bot = bot
        self._teams: set[str] = set()
        """That have been heard of since there is this connection."""
        self.following = Following(bot.frontend.context)
        self.deletions = Deletions(bot.frontend.context, bot.frontend.privacy, self.forget_team)
        bot.app.middleware(self.missed)
        bot.app.event("message")(self.message)
        for name in ("channel_deleted", "group_deleted"):
            bot.app.event(name)(self.channel_gone)
        for name in ("channel_left", "group_left", "member_left_channel"):
            bot.app.event(name)(self.left)
        bot.app.event("app_uninstalled")(self.uninstalled)
        bot.app.event("tokens_revoked")(self.revoked)

    def start(self) -> None:
        self.following.start()
        self.deletions.start()

    async def close(self) -> None:
        await self.following.close()
        await self.deletions.close()

    def interrupted(self) -> None:
        """There is a new connection: what comes by it finds nothing out of date."""
        for team in self._teams:
            self.following.listen_anew(team)

    def listen_anew(self, teams: set[str]) -> None:
        """There is a new connection: what was said before it may have been missed."""
        # What was heard before counts for this connection no more.
        self._bot.frontend.moderation.listening.connection_lost()
        for team in teams - self._teams:  # of the others `interrupted` knows
            self.following.listen_anew(team)
        self._teams |= teams
        for team in self._teams:
            self._bot.hearing.catch_up(team)

    async def missed(
        self,
        request: AsyncBoltRequest,
        body: dict[str, Any],
        next: Callable[[], Awaitable[None]],  # noqa: A002 - Bolt's name
    ) -> BoltResponse | None:
        """By HTTP there is no connection to be lost: what Slack tells again, or that it tells no
        more for a while, shows that something may have been missed.
        """
        limited = body.get("type") == RATE_LIMITED
        again = body.get("type") == "event_callback" and _is_told_again(request)
        if (limited or again) and (team := body.get("team_id")):
            self.following.listen_anew(str(team))
        if limited and (team := body.get("team_id")):
            self._bot.hearing.limited(str(team))
        if limited:  # nothing else is to be done
            return BoltResponse(status=200)
        await next()
        return None

    async def message(
        self, event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        team, channel = str(context.team_id), event.get("channel")
        if not isinstance(channel, str):
            return
        if team not in self._teams:  # installed a moment ago
            self._teams.add(team)
            self.following.listen_anew(team)
        if body.get("is_ext_shared_channel"):
            self._bot.begin(team, self._shared(team, channel, event))
        else:
            self._heard(team, channel, event)

    async def channel_gone(self, event: dict[str, Any], context: AsyncBoltContext) -> None:
        if channel := event.get("channel"):
            self.deletions.place(str(context.team_id), str(channel))

    async def left(self, event: dict[str, Any], context: AsyncBoltContext) -> None:
        """Of what is said in a channel that the bot is no longer in, it isn't told."""
        team = str(context.team_id)
        self._bot.begin(team, self._left(team, event))

    async def uninstalled(self, body: dict[str, Any]) -> None:
        if team := body.get("team_id"):
            self.deletions.server(str(team))

    async def revoked(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        if (event.get("tokens") or {}).get("bot") and (team := body.get("team_id")):
            self.deletions.server(str(team))

    def _heard(self, team: str, channel: str, event: Mapping[str, Any]) -> None:
        message, gone = _message_in(event), _deleted_in(event)
        if gone is not None:
            if is_ts(gone):
                self.deletions.messages({message_id(team, channel, gone)})
        elif is_ts(str(message.get("ts"))) and slack_message.is_spoken(dict(message)):
            edited = message is not event
            self.following.hear(Said(team, channel, message, edited=edited))
            self._bot.hearing.hear(team, channel, message)
            if edited:
                self._bot.begin(team, self._edited(team, channel, dict(message)))

    async def _edited(self, team: str, channel: str, message: dict[str, Any]) -> str | None:
        async def fresh() -> Message | None:
            found = await self._bot.platform.as_heard(team, channel, [message])
            return found[0].message if found else None

        edited = message_id(team, channel, str(message["ts"]))
        await self._bot.frontend.digests.edited(edited, fresh)
        return None

    async def _shared(self, team: str, channel: str, event: Mapping[str, Any]) -> None:
        """Of a channel that several workspaces share, Slack tells one of those with the bot."""
        self._heard(team, channel, event)
        for other in await self._bot.workspaces.all_teams():
            if other == team:
                continue
            try:
                # Another workspace may have another channel by this name.
                shares = await self._bot.platform.shares(other, channel)
            except (UnreachableError, PlatformDownError, StoreError):
                # The others are to be told all the same; what is deleted is forgotten in any case.
                self.following.listen_anew(other)
                shares = _deleted_in(event) is not None
            if shares:
                self._heard(other, channel, event)

    async def _left(self, team: str, event: Mapping[str, Any]) -> None:
        workspace = await self._bot.workspaces.find(team)
        who = event.get("user") if event.get("type") == "member_left_channel" else None
        if who is None or (workspace and who == workspace.bot_user):
            self.following.listen_anew(team)

    async def forget_team(self, team: str) -> None:
        """Raises StoreError."""
        # The installation last: while there is one, what is left is looked for every day.
        await self._bot.frontend.privacy.forget_server(team)
        await self._bot.workspaces.forget(team)
        self._teams.discard(team)


def _is_told_again(request: AsyncBoltRequest) -> bool:
    """By HTTP; a socket that was lost is noticed by itself."""
    number = (request.headers.get("x-slack-retry-num") or ["0"])[0]
    return request.mode == "http" and number != "0"


def _message_in(event: Mapping[str, Any]) -> Mapping[str, Any]:
    return (event.get("message") or {}) if event.get("subtype") == "message_changed" else event


def _deleted_in(event: Mapping[str, Any]) -> Any:
    """The `ts` of what was deleted, if anything was."""
    deleted = event.get("deleted_ts") if event.get("subtype") == "message_deleted" else None
    message = _message_in(event)
    return message.get("ts") if message.get("subtype") == TOMBSTONE else deleted
