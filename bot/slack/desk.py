"""Slack as moderation sees it (`bot.moderation.desk.Desk`).

Who may decide is who administers the workspace: Slack has no moderators of channels, so settings
name others. A bot may delete none but its own messages and keep nobody from writing
(https://docs.slack.dev/reference/methods/chat.delete), so there is nothing that it is able to do.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.moderation.desk import Abilities, CardView, NoDeskError, RefusedError
from bot.slack.api import code_of
from bot.slack.arguments import SLACK
from bot.slack.blocks import Block
from bot.slack.card_blocks import card_blocks, card_text, line_block
from bot.slack.escaping import escaped, fitting
from bot.slack.ids import is_ts, message_id, split_message, split_person, split_place
from bot.slack.outages import GONE, telling_outages
from bot.slack.patience import Patience, waiting_for_nothing
from bot.slack.permalinks import is_permalink
from bot.slack.platform import SlackPlatform
from bot.slack.posting import QUIETLY, barred
from bot.slack.workspaces import WorkspaceGoneError, Workspaces
from precis.moderation import Case

EVENT = "precis_card"
PAGE = 100
"""Messages among which a card is looked for whose posting nobody could note."""
MOST_ESCAPED = 2_800
"""Characters of a text with its escapes: a section holds 3,000."""
UNNAMED = "…"


class SlackDesk:
    """See `Desk`."""

    def __init__(self, workspaces: Workspaces, platform: SlackPlatform) -> None:
        self._workspaces = workspaces
        self._platform = platform
        self._patience = Patience()
        self._there: dict[tuple[str, str], dict[str, str]] = {}
        """By workspace and channel, what was found there by its name, as `ts`: whoever ran before
        may have posted a card and not noted it. Histories may be read once a minute only."""
        self._unsure: set[str] = set()
        """What was posted here, perhaps: no answer came."""

    async def is_moderator(self, server: str, person: str, place: str | None) -> bool:
        """An admin of this very workspace, as of now."""
        try:
            home, user = split_person(person)
        except ValueError:
            return False
        return home == server and await self._platform.is_admin(server, user)

    async def may_read(self, server: str, person: str, place: str) -> bool:
        """Admins too find no private channel that they aren't in; a public one everybody does."""
        try:
            return await self._platform.may_read(server, split_place(place)[0], person)
        except ValueError:
            return False

    async def may_time_out(self, case: Case, person: str) -> bool:
        return False

    async def abilities(self, case: Case) -> Abilities:
        return Abilities()

    @telling_outages
    async def post(self, channel: str, card: CardView, server: str) -> str:
        found = await self._find(channel, card.card_id, server)
        if found is not None and await self.update(channel, found, card, server):
            return found
        return await self._say(channel, server, card.card_id, card_text(card), card_blocks(card))

    @telling_outages
    async def update(self, channel: str, message: str, card: CardView, server: str) -> bool:
        team, there, ts = split_message(message)
        with _a_desk():
            client = await self._client(team)
            try:
                await client.chat_update(
                    channel=there,
                    ts=ts,
                    text=card_text(card),
                    blocks=card_blocks(card),
                    metadata=_metadata(card.card_id),
                    **QUIETLY,
                )
            except SlackApiError as error:
                if code_of(error) not in ("message_not_found", "cant_update_message"):
                    raise
                return False
        return True

    @telling_outages
    async def take_away(self, channel: str, message: str, server: str) -> None:
        await self._platform.delete([message])

    @telling_outages
    async def tell(self, channel: str, text: str, server: str, nonce: str) -> None:
        if await self._find(channel, nonce, server) is None:
            await self._say(channel, server, nonce, text, [line_block(text)])

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
        """To a message of a workspace on Slack; of anything else there is no link."""
        address, slash, _ = permalink.partition("/archives/")
        host = urlsplit(address).hostname or ""
        if not (slash and host.endswith(SLACK) and is_permalink(permalink, f"{address}/")):
            return ""
        return f"<{permalink.replace('&', '&amp;')}|{label}>"

    def moment(self, when: datetime) -> str:
        form = "{date_short_pretty} {time}"
        return f"<!date^{int(when.timestamp())}^{form}|{when:%Y-%m-%d %H:%M} UTC>"

    def escaped(self, text: str, limit: int) -> str:
        return fitting(partial(escaped, text), limit, MOST_ESCAPED)

    async def _say(
        self, channel: str, server: str, name: str, text: str, blocks: list[Block]
    ) -> str:
        """Post in a moderators' channel; the message's id. Raises NoDeskError."""
        with _a_desk():
            client = await self._client(server)
            self._unsure.add(name)
            try:
                sent = await client.chat_postMessage(
                    channel=channel,
                    text=text,
                    blocks=blocks,
                    metadata=_metadata(name),
                    unfurl_links=False,
                    unfurl_media=False,
                    **QUIETLY,
                )
            except SlackApiError as error:
                if code_of(error):  # Slack says that it wasn't posted
                    self._unsure.discard(name)
                raise
        self._unsure.discard(name)
        return message_id(server, channel, str(sent["ts"]))

    async def _find(self, channel: str, name: str, server: str) -> str | None:
        """What was posted by that name, if somebody may have posted it without noting it."""
        there = self._there.get((server, channel))
        if there is None or name in self._unsure:
            with _a_desk():
                there = await self._read(channel, server)
            self._there[server, channel] = there
        ts = there.pop(name, None)
        return message_id(server, channel, ts) if ts else None

    async def _read(self, channel: str, server: str) -> dict[str, str]:
        """The latest of the bot's own in a channel: `ts` by name. Raises as Slack's client does."""
        client = waiting_for_nothing(await self._client(server))
        workspace = await self._workspaces.find(server)
        call = partial(
            client.conversations_history, channel=channel, limit=PAGE, include_all_metadata=True
        )
        page = await self._patience(server, "conversations.history", call)
        found: dict[str, str] = {}
        for message in page.get("messages") or ():
            metadata, ts = message.get("metadata") or {}, str(message.get("ts"))
            mine = workspace is not None and message.get("user") == workspace.bot_user
            name = (metadata.get("event_payload") or {}).get("card")
            if mine and metadata.get("event_type") == EVENT and name and is_ts(ts):
                found.setdefault(str(name), ts)
        return found

    async def _client(self, server: str) -> AsyncWebClient:
        return await self._workspaces.client(server)


@contextmanager
def _a_desk() -> Iterator[None]:
    """Raise NoDeskError where the bot may not read or write, or isn't any more."""
    try:
        yield
    except WorkspaceGoneError:
        raise NoDeskError from None
    except SlackApiError as error:
        if not (barred(error) or code_of(error) in GONE):
            raise
        raise NoDeskError from None


def _metadata(name: str) -> dict[str, Any]:
    return {"event_type": EVENT, "event_payload": {"card": name}}
