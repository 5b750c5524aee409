"""Pages of channels that were read before, and messages that were heard since: read again at no
call to Slack.

For `ChatStore.listening` to be true of a workspace, every message that is heard in a channel with
any span must be kept (`KeptPages.follow` makes the first one before anything is read): then the
last span of a channel goes on until now.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.offloading import Offloading
from bot.slack.ids import message_id, person_id, place_id, ts_time
from precis.store import ChatStore
from precis.store.heard import KeptMessage

RESUMED = timedelta(minutes=15)
"""For which what was read counts whatever was missed meanwhile: a gathering that a restart has cut
short goes on where it was."""
AHEAD = 60.0
"""Seconds; clocks differ."""
NOW = float("inf")
UNUSED = frozenset({"client_msg_id", "metadata", "root"})
"""Fields of a message that nothing is read from; its thread's first message is somebody else's."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a place of which all is kept; both ends, in seconds since 1970, are in it."""

    start: float
    end: float


class KeptPages:
    """What is kept of one channel; or of a thread, while it is read page by page."""

    def __init__(
        self,
        chat: ChatStore,
        blocking: Offloading,
        platform: str,
        team: str,
        channel: str,
        thread: str | None = None,
    ) -> None:
        self._chat = chat
        self._blocking = blocking
        self._platform = platform
        self._team = team
        self._channel = channel
        self._thread = thread
        self._place = place_id(channel, thread)

    def of_thread(self, ts: str) -> "KeptPages":
        """Those of a thread in the channel, which nobody keeps up to date."""
        return KeptPages(self._chat, self._blocking, self._platform, self._team, self._channel, ts)

    async def follow(self) -> None:
        """From now on, what is heard of the channel is to be kept. Raises StoreError."""
        now = datetime.now(UTC)
        await self.keep([], now.timestamp(), now.timestamp(), now)

    async def stretches(self) -> list[Stretch]:
        """What need not be read again, latest first. Raises StoreError."""
        chat, team, resumed = self._chat, self._team, datetime.now(UTC) - RESUMED
        since = await self._blocking(chat.listening_since, self._platform, team)
        spans = await self._blocking(
            chat.heard_spans, self._platform, team, self._place, also_since=resumed
        )
        if since is None or self._thread:  # nobody tells of what was changed
            spans = [span for span in spans if span.kept_at >= resumed]
        spans.sort(key=lambda span: span.end)
        made = [Stretch(span.start, span.end) for span in spans]
        # What ends before is from before a gap.
        if since and made and not self._thread and made[-1].end >= since.timestamp():
            made[-1] = Stretch(made[-1].start, NOW)
        return [each for each in reversed(made) if each.start < each.end]

    async def between(self, start: float, end: float) -> list[dict[str, Any]]:
        """Messages as Slack gave them; both ends are in it. Raises StoreError."""
        end = min(end, datetime.now(UTC).timestamp() + AHEAD)
        found = await self._blocking(
            self._chat.heard_between, self._platform, self._team, self._place, start, end
        )
        return [message.payload for message in found]

    async def keep(
        self, messages: Iterable[Mapping[str, Any]], start: float, end: float, read_at: datetime
    ) -> None:
        """Keep all that there is from `start` to `end`, as it was at `read_at`.

        Raises StoreError.
        """
        kept = [kept_message(each, team=self._team, channel=self._channel) for each in messages]
        await self._blocking(
            self._chat.keep_heard,
            self._platform,
            self._team,
            self._place,
            kept,
            covers=(start, end),
            within=self._channel if self._thread else None,
            read_at=read_at,
        )


def kept_message(message: Mapping[str, Any], *, team: str, channel: str) -> KeptMessage:
    """A message of Slack's, from its API or an event, as it is kept.

    ValueError for what is none.
    """
    ts, thread, user = str(message.get("ts")), message.get("thread_ts"), message.get("user")
    home = message.get("user_team") or message.get("team") or team
    return KeptMessage(
        id=message_id(team, channel, ts),
        author_id=person_id(str(home), str(user)) if user else None,
        time=ts_time(ts),
        parent=message_id(team, channel, str(thread)) if thread and thread != ts else None,
        payload={name: value for name, value in message.items() if name not in UNUSED},
    )
