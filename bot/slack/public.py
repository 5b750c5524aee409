"""Shows something to all who read a channel: one message that is changed, and what follows it.

Each message says in its metadata which ask it is for, so that one of which nobody could take a
note any more is found again, and nothing is posted twice.
"""

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.platform import OnPosted
from bot.slack.ids import message_id, split_message, split_place, time_ts
from bot.slack.membership import next_cursor
from bot.slack.patience import Patience, waiting_for_nothing
from bot.slack.posting import QUIETLY, Cell, Content, barred
from bot.slack.private import EPHEMERAL, asked_at, is_new
from bot.slack.workspaces import Workspaces
from precis.ask import Ask, AskRequest

EVENT = "precis_answer"
BEFORE = timedelta(minutes=1)
"""Clocks differ."""
FIRST_TRY = 2
"""An ask's tries once it is answered for the first time: it was taken before."""
PAGE = 100
MOST_PAGES = 5


class BarredError(Exception):
    """The bot may not write in a channel."""


class Publicly:
    """All that is shown to everybody where an answer is asked for."""

    def __init__(self, workspaces: Workspaces, patience: Patience) -> None:
        self._workspaces = workspaces
        self._patience = patience
        self._first: Cell[str] = Cell()

    async def line(self, request: AskRequest, text: str) -> None:
        """Show a line where the answer will be. Raises BarredError."""
        mark = mark_of(request)
        # Text without blocks would be marked as edited each time, and so would the answer be.
        block = {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
        there = await self._find_first(request, mark)
        await self._put_first(request, Content(text, [block]), there, mark)

    async def show(self, ask: Ask, parts: Sequence[Content], posted: OnPosted) -> None:
        """The first part where the line was, the others below. Raises BarredError.

        Goes on after the parts in `ask.posted`.
        """
        request, mark = ask.request, mark_of(ask.request)
        team, number = str(request.server), len(ask.posted)
        channel, thread = split_place(request.place)
        unsure = ask.tries > FIRST_TRY or self._first.get(mark) is None
        if number:
            first = split_message(ask.posted[0])[2]
        else:
            found = await self._find_first(request, mark, surely=unsure)
            first = await self._put_first(request, parts[0], found, mark)
            await posted(message_id(team, channel, first))
            number = 1
        below = thread or first
        there: dict[int, str] = {}
        if unsure and number < len(parts):
            there = await self._find(request, below, mark)
        for each in range(number, len(parts)):
            ts = there.get(each) or await self._post(request, parts[each], below, mark, each)
            await posted(message_id(team, channel, ts))
        self._first.drop(mark)

    async def take_away(self, request: AskRequest) -> None:
        """Take away the line, if there is one."""
        mark = mark_of(request)
        ts = await self._find_first(request, mark)
        if ts is not None:
            await self.delete([message_id(str(request.server), split_place(request.place)[0], ts)])
            self._first.drop(mark)

    async def publish(self, team: str, place: str, parts: Sequence[Content]) -> list[str]:
        """Post something that isn't waited for, whole or not at all; ids of the messages.

        Raises BarredError.
        """
        client = await self._workspaces.client(team)
        channel, thread = split_place(place)
        made: list[str] = []
        try:
            for part in parts:
                ts = await _posted(client, part, channel=channel, thread_ts=thread)
                thread = thread or ts
                made.append(message_id(team, channel, ts))
        except BaseException:
            await self.delete(made)
            raise
        return made

    async def delete(self, messages: Iterable[str]) -> None:
        """Delete messages of the bot's own, as far as they are still there.

        The latest first: a mark stays of a message with replies under it.
        """
        for message in reversed(list(messages)):
            if message == EPHEMERAL:
                continue
            team, channel, ts = split_message(message)
            client = await self._workspaces.client(team)
            try:
                await client.chat_delete(channel=channel, ts=ts)
            except SlackApiError as error:
                if not barred(error):
                    raise

    async def _put_first(
        self, request: AskRequest, content: Content, ts: str | None, mark: str
    ) -> str:
        """In the place of what is there, or as a message of its own; its `ts`."""
        channel, thread = split_place(request.place)
        if ts is not None:
            client = await self._client(request)
            with suppress(_LostError):
                return await _changed(client, content, _metadata(mark, 0), channel, ts)
        ts = await self._post(request, content, thread, mark, 0)
        self._first.put(mark, ts)
        return ts

    async def _post(
        self, request: AskRequest, content: Content, thread: str | None, mark: str, number: int
    ) -> str:
        return await _posted(
            await self._client(request),
            content,
            channel=split_place(request.place)[0],
            thread_ts=thread,
            metadata=_metadata(mark, number),
        )

    async def _find_first(
        self, request: AskRequest, mark: str, *, surely: bool = False
    ) -> str | None:
        """`ts` of the message that is there already, by whichever process."""
        known = self._first.get(mark)
        if known is not None and not surely:
            return known
        if not surely and is_new(request):
            return None
        ts = (await self._find(request, split_place(request.place)[1], mark)).get(0)
        if ts is not None:
            self._first.put(mark, ts)
        return ts or known

    async def _find(self, request: AskRequest, thread: str | None, mark: str) -> dict[int, str]:
        """The messages of an ask that are in a place, by their numbers."""
        team = str(request.server)
        workspace = await self._workspaces.find(team)
        client = waiting_for_nothing(await self._client(request))
        channel, _ = split_place(request.place)
        oldest = time_ts(asked_at(request) - BEFORE)
        read: Any = client.conversations_history if thread is None else client.conversations_replies
        method = f"conversations.{'history' if thread is None else 'replies'}"
        where: dict[str, Any] = {"channel": channel} | ({"ts": thread} if thread else {})
        found: dict[int, str] = {}
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            call = partial(
                read, **where, oldest=oldest, limit=PAGE, cursor=cursor, include_all_metadata=True
            )
            try:
                page = await self._patience(team, method, call)
            except SlackApiError as error:
                if not barred(error):
                    raise
                break
            for message in page.get("messages") or ():
                number = _number(message, mark)
                if number is not None and workspace and message.get("user") == workspace.bot_user:
                    found.setdefault(number, str(message["ts"]))
            if not (cursor := next_cursor(page)):
                break
        return found

    async def _client(self, request: AskRequest) -> AsyncWebClient:
        return await self._workspaces.client(str(request.server))


class _LostError(Exception):
    """A message is there no more."""


async def _posted(client: AsyncWebClient, content: Content, **where: Any) -> str:
    try:
        sent = await client.chat_postMessage(
            text=content.text,
            blocks=content.blocks,
            unfurl_links=False,
            unfurl_media=False,
            **QUIETLY,
            **where,
        )
    except SlackApiError as error:
        if not barred(error):
            raise
        raise BarredError from None
    return str(sent["ts"])


async def _changed(
    client: AsyncWebClient, content: Content, metadata: dict[str, Any], channel: str, ts: str
) -> str:
    try:
        await client.chat_update(
            channel=channel,
            ts=ts,
            text=content.text,
            blocks=content.blocks,
            metadata=metadata,
            **QUIETLY,
        )
    except SlackApiError as error:
        if not barred(error):
            raise
        raise _LostError from None
    return ts


def mark_of(request: AskRequest) -> str:
    """What stands for an ask in its messages: others can read it, so it is no secret."""
    named = request.key or f"{request.person} {request.place} {asked_at(request).isoformat()}"
    return hashlib.sha256(f"{request.server} {named}".encode()).hexdigest()[:32]


def _metadata(mark: str, number: int) -> dict[str, Any]:
    return {"event_type": EVENT, "event_payload": {"ask": mark, "part": number}}


def _number(message: dict[str, Any], mark: str) -> int | None:
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    if metadata.get("event_type") != EVENT or payload.get("ask") != mark:
        return None
    number = payload.get("part")
    return number if isinstance(number, int) else None
