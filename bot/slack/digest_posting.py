"""How digests come into a channel of Slack's, or into direct messages, once each.

Each message says in its metadata which digest it is of, and which part: a bot that died between
posting one and noting so may be back, or another one in its place. So the latest messages are
looked through first, for Slack has no other way to know a message again.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.digests.poster import OnPosted, UnwritableError
from bot.digests.view import DigestView
from bot.slack.api import code_of
from bot.slack.blocks import Block
from bot.slack.card_blocks import line_block
from bot.slack.digest_rendering import MOST_TEXT, contents
from bot.slack.ids import message_id, split_message, split_person, time_ts
from bot.slack.membership import next_cursor
from bot.slack.patience import Patience, waiting_for_nothing
from bot.slack.posting import QUIETLY, Content, barred
from bot.slack.workspaces import Workspaces
from precis.digest import MOST_LATE, Target

EVENT = "precis_digest"
NOTE = "precis_note"
SOME = 200
MOST_PAGES = 2
"""Messages are looked through, and replies: some hundred, for what is looked for is recent."""
BEFORE = MOST_LATE + timedelta(hours=1)
"""No digest is posted later; clocks differ."""
READS_DIRECT = "im:history"
GONE = "thread_not_found"

Found = dict[int, dict[str, Any]]
"""Messages by the numbers of the parts that they hold."""


class DigestPosting:
    """Posts and tells; raises UnwritableError, and as Slack's client does."""

    def __init__(self, workspaces: Workspaces, patience: Patience) -> None:
        self._workspaces = workspaces
        self._patience = patience

    async def post(
        self,
        team: str,
        target: Target,
        view: DigestView,
        posted: Sequence[str],
        on_posted: OnPosted,
        *,
        below: Sequence[Block],
    ) -> None:
        """`below` stands at the end of the first message; else see `bot.digests.poster.Poster`."""
        channel = await self._open(team, target.id) if target.kind == "person" else target.id
        url = await self._workspaces.url(team)
        parts = contents(view, url, below)
        if posted:
            first: str | None = split_message(posted[0])[2]
        else:
            found = await self._find(team, channel, None, EVENT, view.key) or {}
            first = str(found[0]["ts"]) if 0 in found else None
        there: Found | None = {}
        if first is None:
            first = await self._say(team, channel, parts[0], _mark(view.key, 0, len(parts)))
        else:
            there = await self._find(team, channel, first, EVENT, view.key)
            if there is not None and _parts_of(there.get(0)) <= 1:  # that is all, or was deleted
                parts = parts[:1]
            elif len(parts) == 1 and there is not None:  # it was longer when it was begun
                parts = contents(view, url, below, divided=True)
        if not posted:
            await on_posted(message_id(team, channel, first))
        for number in range(max(1, len(posted)), len(parts)):
            if number in (there or {}):
                ts = str((there or {})[number]["ts"])
            else:
                mark = _mark(view.key, number, len(parts))
                try:
                    ts = await self._say(team, channel, parts[number], mark, first)
                except _TakenAwayError:
                    return
            await on_posted(message_id(team, channel, ts))

    async def tell(self, team: str, person: str, text: str, key: str) -> None:
        """A line in direct messages."""
        channel = await self._open(team, person)
        if 0 not in (await self._find(team, channel, None, NOTE, key) or {}):
            content = Content(text[:MOST_TEXT], [line_block(text[:MOST_TEXT])])
            await self._say(team, channel, content, _mark(key, 0, 1, NOTE))

    async def _open(self, team: str, person: str) -> str:
        """The direct messages with somebody."""
        client = await self._client(team)
        try:
            user = split_person(person)[1]
            opened = await self._patience(
                team, "conversations.open", partial(client.conversations_open, users=[user])
            )
        except ValueError:
            raise UnwritableError from None
        except SlackApiError as error:
            if not barred(error):
                raise
            raise UnwritableError from None
        return str((opened.get("channel") or {}).get("id"))

    async def _say(
        self,
        team: str,
        channel: str,
        content: Content,
        metadata: dict[str, Any],
        thread: str | None = None,
    ) -> str:
        """Post something; its `ts`."""
        client = await self._client(team)
        call = partial(
            client.chat_postMessage,
            channel=channel,
            text=content.text,
            blocks=content.blocks,
            thread_ts=thread,
            metadata=metadata,
            unfurl_links=False,
            unfurl_media=False,
            **QUIETLY,
        )
        try:
            # What was one call too many wasn't posted.
            sent = await self._patience(team, "chat.postMessage", call)
        except SlackApiError as error:
            if thread is not None and code_of(error) == GONE:
                raise _TakenAwayError from None
            if not barred(error):
                raise
            raise UnwritableError from None
        return str(sent["ts"])

    async def _find(
        self, team: str, channel: str, thread: str | None, event: str, key: str
    ) -> Found | None:
        """The messages by that name that are there, by their numbers: the latest of a channel, or
        of a thread its first one and the replies. None where the bot may not look.
        """
        workspace = await self._workspaces.find(team)
        if workspace is None or (_is_direct(channel) and READS_DIRECT not in workspace.scopes):
            return None
        client = await self._client(team)
        if thread is None:
            method, oldest = "conversations.history", time_ts(datetime.now(UTC) - BEFORE)
            read = partial(client.conversations_history, channel=channel, oldest=oldest)
        else:
            method = "conversations.replies"
            read = partial(client.conversations_replies, channel=channel, ts=thread)
        found: Found = {}
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            call = partial(read, limit=SOME, cursor=cursor, include_all_metadata=True)
            try:
                page = await self._patience(team, method, call)
            except SlackApiError as error:
                if not barred(error):
                    raise
                # Whether it may be written to is seen when it is.
                return {} if code_of(error) == GONE else None
            for message in page.get("messages") or ():
                number = _number(message, event, key)
                if number is not None and message.get("user") == workspace.bot_user:
                    found.setdefault(number, message)
            if not (cursor := next_cursor(page)):
                break
        return found

    async def _client(self, team: str) -> AsyncWebClient:
        return waiting_for_nothing(await self._workspaces.client(team))


class _TakenAwayError(Exception):
    """A digest's first message is there no more."""


def _is_direct(channel: str) -> bool:
    return channel.startswith("D")


def _mark(key: str, number: int, parts: int, event: str = EVENT) -> dict[str, Any]:
    """Others can read it, so it is no secret."""
    return {"event_type": event, "event_payload": {"key": key, "part": number, "parts": parts}}


def _payload(message: dict[str, Any]) -> dict[str, Any]:
    payload = (message.get("metadata") or {}).get("event_payload")
    return payload if isinstance(payload, dict) else {}


def _number(message: dict[str, Any], event: str, key: str) -> int | None:
    kind = (message.get("metadata") or {}).get("event_type")
    payload = _payload(message)
    number = payload.get("part")
    mine = kind == event and payload.get("key") == key
    return number if mine and isinstance(number, int) else None


def _parts_of(message: dict[str, Any] | None) -> int:
    """How many there are with a digest's first message; none where that is gone."""
    parts = _payload(message).get("parts") if message else 0
    return parts if isinstance(parts, int) else 1
