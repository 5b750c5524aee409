"""Shows something to one person alone: what a command brought along, an ephemeral message, a DM.

A command's `response_url` lives for 30 minutes and takes five messages
(https://docs.slack.dev/interactivity/handling-user-interaction/#message_responses); an ephemeral
message reaches only who is there (https://docs.slack.dev/reference/methods/chat.postEphemeral).
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.platform import PlatformDownError, UnreachableError
from bot.slack.ids import message_id, split_person, split_place
from bot.slack.outages import DOWN
from bot.slack.posting import QUIETLY, Cell, Content, barred
from bot.slack.workspaces import Workspaces
from precis.ask import AskRequest

REPLY_LIVES = timedelta(minutes=30)
SPARE = timedelta(seconds=20)
"""Of a reply's life that is not counted on: clocks differ, and an answer takes its time."""
MOST_LINES = 2
"""Of progress: each is a message of its own, and takes one of the uses that a reply has."""
MOST_USES = 5
USED_ELSEWHERE = 3
"""Uses that an ask counts as having had in other processes, if it is met later than `JUST_NOW`."""
KEPT_FOR_LAST = 2
"""Uses that progress leaves: for the answer, and for a fault."""
JUST_NOW = timedelta(seconds=5)
"""For which nobody else has had an ask in hand."""
TOO_MANY = 429
EPHEMERAL = "ephemeral"
"""In the place of an id: by those that Slack gives, nothing can be done with such a message."""


class Privately:
    """All that is shown to whoever asked alone."""

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces
        self._lines: Cell[int] = Cell()
        self._uses: Cell[int] = Cell()

    async def line(self, request: AskRequest, text: str) -> None:
        """Show a line of progress, if there is still room and time for one."""
        if not in_time(request):
            return
        told = self._lines.get(_of(request)) or 0
        if told < MOST_LINES:
            self._lines.put(_of(request), told + 1)
            if not await self._respond(request, Content(text), leaving=KEPT_FOR_LAST):
                await self._ephemeral(request, Content(text))

    async def show(self, request: AskRequest, content: Content) -> str:
        """Show what must arrive; the id of the message. Raises UnreachableError."""
        if in_time(request) and await self._respond(request, content):
            return EPHEMERAL
        there = in_time(request) or await self._is_there(request)
        if there and await self._ephemeral(request, content):
            return EPHEMERAL
        return await self._send(request, content)

    async def _respond(self, request: AskRequest, content: Content, *, leaving: int = 0) -> bool:
        """By what the command brought along; False where that has run out."""
        url = request.reply.get("response_url")
        if not url:
            return False
        used = self._uses.get(url)
        if used is None:
            used = 0 if is_new(request) else USED_ELSEWHERE
        if used >= MOST_USES - leaving:
            return False
        self._uses.put(url, used + 1)
        thread = request.reply.get("thread_ts")
        if not await self._sent(url, content, thread_ts=thread, replace_original=False):
            self._uses.put(url, MOST_USES)  # used up or expired, also by another process
            return False
        return True

    async def replace(self, url: str, content: Content) -> bool:
        """Show something in the place of what was clicked on; False where that is too old."""
        return await self._sent(url, content, replace_original=True)

    async def _sent(self, url: str, content: Content, **more: Any) -> bool:
        """Whether a `response_url` took it."""
        client = self._workspaces.make_client()  # without a token: the address is enough
        webhook = AsyncWebhookClient(
            url,
            session=client.session,
            timeout=client.timeout,
            logger=client.logger,
            retry_handlers=[AsyncRateLimitErrorRetryHandler()],
        )
        body: dict[str, Any] = {
            "response_type": "ephemeral",
            "text": content.text,
            "blocks": content.blocks,
            "unfurl_links": False,
            "unfurl_media": False,
            **more,
        }
        answer = await webhook.send_dict({k: v for k, v in body.items() if v is not None})
        if answer.status_code >= DOWN or answer.status_code == TOO_MANY:
            raise PlatformDownError
        return bool(answer.status_code == 200)

    async def _ephemeral(self, request: AskRequest, content: Content) -> bool:
        """Where it was asked for; False where who asked can't be shown it there."""
        client = await self._client(request)
        channel, thread = split_place(request.place)
        try:
            await client.chat_postEphemeral(
                channel=channel,
                user=_user(request),
                thread_ts=thread,
                text=content.text,
                blocks=content.blocks,
                **QUIETLY,
            )
        except SlackApiError as error:
            if not barred(error):
                raise
            return False
        return True

    async def _send(self, request: AskRequest, content: Content) -> str:
        client = await self._client(request)
        try:
            opened = await client.conversations_open(users=[_user(request)])
            channel = str((opened.get("channel") or {}).get("id"))
            sent = await client.chat_postMessage(
                channel=channel,
                text=content.text,
                blocks=content.alone or content.blocks,
                unfurl_links=False,
                unfurl_media=False,
                **QUIETLY,
            )
        except SlackApiError as error:
            if not barred(error):
                raise
            raise UnreachableError from None
        return message_id(str(request.server), channel, str(sent["ts"]))

    async def _is_there(self, request: AskRequest) -> bool:
        """Whether they look at Slack just now: else an ephemeral message would be lost on them."""
        client = await self._client(request)
        try:
            answer = await client.users_getPresence(user=_user(request))
        except SlackApiError as error:
            if not barred(error):
                raise
            return False
        return answer.get("presence") == "active"

    async def _client(self, request: AskRequest) -> AsyncWebClient:
        return await self._workspaces.client(str(request.server))


def in_time(request: AskRequest) -> bool:
    """Whether who asked is likely to be where they asked, and their command can be answered."""
    until = request.reply_until
    return bool(request.reply) and until is not None and datetime.now(UTC) < until - SPARE


def asked_at(request: AskRequest) -> datetime:
    """When somebody asked; where that isn't known, the earliest that it can have been."""
    return (request.reply_until or datetime.now(UTC)) - REPLY_LIVES


def is_new(request: AskRequest) -> bool:
    """Whether it was asked just now, so that nobody else has shown anything for it."""
    return datetime.now(UTC) - asked_at(request) < JUST_NOW


def _user(request: AskRequest) -> str:
    return split_person(request.person)[1]


def _of(request: AskRequest) -> str:
    return request.key or request.reply.get("response_url") or request.person
