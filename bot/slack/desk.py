"""Slack as moderation sees it (`bot.moderation.desk.Desk`).

Who may decide is who administers the workspace: Slack has no moderators of channels, so settings
name others. A bot may delete none but its own messages and keep nobody from writing
(https://docs.slack.dev/reference/methods/chat.delete), so there is nothing that it is able to do.
"""

import time
from datetime import datetime
from functools import partial
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.moderation.desk import Abilities, CardView, NoDeskError, RefusedError
from bot.platform import UnreachableError
from bot.slack.api import code_of
from bot.slack.card_blocks import card_blocks, card_text
from bot.slack.escaping import escaped
from bot.slack.ids import is_ts, message_id, split_message, split_person, split_place
from bot.slack.outages import telling_outages
from bot.slack.patience import Patience, waiting_for_nothing
from bot.slack.permalinks import is_permalink
from bot.slack.platform import SlackPlatform
from bot.slack.posting import QUIETLY, barred
from bot.slack.workspaces import Workspaces
from precis.moderation import Case

EVENT = "precis_card"
PAGE = 50
"""Messages among which a card is looked for whose posting nobody could note."""
NEW = 600.0
"""Seconds in which a process looks for what the one before it may have posted."""
MOST_REMEMBERED = 10_000
UNNAMED = "…"


class SlackDesk:
    """See `Desk`."""

    def __init__(self, workspaces: Workspaces, platform: SlackPlatform) -> None:
        self._workspaces = workspaces
        self._platform = platform
        self._patience = Patience()
        self._began = time.monotonic()
        self._tried: set[str] = set()
        """Cards whose posting was begun here, and may have succeeded without a word of it."""

    async def is_moderator(self, server: str, person: str, place: str | None) -> bool:
        """An admin of this very workspace, as of now."""
        try:
            home, user = split_person(person)
        except ValueError:
            return False
        return home == server and await self._platform.is_admin(server, user)

    async def may_time_out(self, case: Case, person: str) -> bool:
        return False

    async def abilities(self, case: Case) -> Abilities:
        return Abilities()

    @telling_outages
    async def post(self, channel: str, card: CardView, server: str) -> str:
        found = await self._find(channel, card.card_id, server)
        if found is not None and await self.update(channel, found, card, server):
            return found
        metadata = {"event_type": EVENT, "event_payload": {"card": card.card_id}}
        ts = await self._say(
            channel, server, text=card_text(card), blocks=card_blocks(card), metadata=metadata
        )
        return message_id(server, channel, ts)

    @telling_outages
    async def update(self, channel: str, message: str, card: CardView, server: str) -> bool:
        team, there, ts = split_message(message)
        client = await self._client(team)
        metadata = {"event_type": EVENT, "event_payload": {"card": card.card_id}}
        try:
            await client.chat_update(
                channel=there,
                ts=ts,
                text=card_text(card),
                blocks=card_blocks(card),
                metadata=metadata,
                **QUIETLY,
            )
        except SlackApiError as error:
            if not barred(error):
                raise
            if code_of(error) in ("message_not_found", "cant_update_message"):
                return False
            raise NoDeskError from None
        return True

    @telling_outages
    async def take_away(self, channel: str, message: str, server: str) -> None:
        await self._platform.delete([message])

    @telling_outages
    async def tell(self, channel: str, text: str, server: str, nonce: str) -> None:
        await self._say(channel, server, text=text)

    async def remove(self, case: Case) -> None:
        raise RefusedError

    async def time_out(self, case: Case, until: datetime) -> None:
        raise RefusedError

    async def person(self, server: str, person: str) -> str:
        """By name: a mention would notify them."""
        try:
            _, user = split_person(person)
        except ValueError:
            return UNNAMED
        return (await self._platform.names(server, [user])).get(user, UNNAMED)

    async def place(self, server: str, place: str) -> str:
        try:
            return f"<#{split_place(place)[0]}>"
        except ValueError:
            return UNNAMED

    def link(self, permalink: str, label: str) -> str:
        """To a message of a workspace on Slack, whichever; what it leads to, Slack decides."""
        address = permalink.split("/archives/", 1)[0] + "/"
        if not is_permalink(permalink, address):
            return ""
        return f"<{permalink.replace('&', '&amp;')}|{label}>"

    def moment(self, when: datetime) -> str:
        form = "{date_short_pretty} {time}"
        return f"<!date^{int(when.timestamp())}^{form}|{when:%Y-%m-%d %H:%M} UTC>"

    def escaped(self, text: str, limit: int) -> str:
        return escaped(text, limit)

    async def _say(self, channel: str, server: str, **content: Any) -> str:
        """Post in a moderators' channel; the message's `ts`. Raises NoDeskError."""
        try:
            client = await self._client(server)
            sent = await client.chat_postMessage(
                channel=channel, unfurl_links=False, unfurl_media=False, **QUIETLY, **content
            )
        except UnreachableError:
            raise NoDeskError from None
        except SlackApiError as error:
            if not barred(error):
                raise
            raise NoDeskError from None
        return str(sent["ts"])

    async def _find(self, channel: str, card_id: str, server: str) -> str | None:
        """The card, if its posting was tried before and nobody could note where it is."""
        new_here = time.monotonic() - self._began < NEW  # whoever was before may have posted it
        if card_id not in self._tried and not new_here:
            self._remember(card_id)
            return None
        self._remember(card_id)
        workspace = await self._workspaces.find(server)
        client = waiting_for_nothing(await self._client(server))
        call = partial(
            client.conversations_history, channel=channel, limit=PAGE, include_all_metadata=True
        )
        try:
            page = await self._patience(server, "conversations.history", call)
        except SlackApiError as error:
            if not barred(error):
                raise
            return None
        for message in page.get("messages") or ():
            metadata = message.get("metadata") or {}
            mine = workspace is not None and message.get("user") == workspace.bot_user
            there = (metadata.get("event_payload") or {}).get("card") == card_id
            ts = str(message.get("ts"))
            if mine and there and metadata.get("event_type") == EVENT and is_ts(ts):
                return message_id(server, channel, ts)
        return None

    def _remember(self, card_id: str) -> None:
        if len(self._tried) >= MOST_REMEMBERED:
            self._tried.clear()
        self._tried.add(card_id)

    async def _client(self, server: str) -> Any:
        return await self._workspaces.client(server)
