"""Hears what is written in watched channels, new and edited, and what readers report."""

import asyncio
import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.moderation.desk import Who
from bot.platform import PlatformDownError, Refusal
from bot.refusals import refused
from bot.slack.callers import Caller, of_interaction
from bot.slack.ids import is_ts, place_id
from precis.ask import Place, Wanted
from precis.errors import PrecisError
from precis.places import where

if TYPE_CHECKING:
    from bot.slack.app import SlackBot

logger = logging.getLogger(__name__)

AT_ONCE = 100
"""Messages whose names are looked up together."""
MOST_WAITING = 5_000
"""Messages of a channel in memory; what comes then is read from the history later."""
AGAIN_AFTER = 2.0  # seconds
LIMITED_FOR = 65.0
"""Seconds after which Slack tells of messages again, once it said that it doesn't."""
REPORT_MESSAGE = "precis_report"
"""Callback id of the message shortcut, as in the app's manifest."""
REPORT_SUMMARY = "precis:report"
_ASK = re.compile("[0-9a-f]{32}")


class Hearing:
    """Told of messages by `bot.slack.events`, and of reports by a shortcut and a button."""

    def __init__(self, bot: "SlackBot") -> None:
        self._bot = bot
        self._waiting: dict[tuple[str, str], list[dict[str, Any]]] = {}
        """By workspace and channel; a task of its own takes each channel's, in order."""
        bot.app.message_shortcut(REPORT_MESSAGE)(self.report_message)
        bot.app.action(REPORT_SUMMARY)(self.report_summary)

    def hear(self, team: str, channel: str, message: Mapping[str, Any]) -> None:
        """Somebody wrote or edited a message. Returns at once."""
        waits = self._waiting.get((team, channel))
        if waits is None:
            self._waiting[team, channel] = [dict(message)]
            self._bot.begin(team, self._hear_all(team, channel))
        elif len(waits) < MOST_WAITING:
            waits.append(dict(message))
        else:
            del waits[AT_ONCE:]  # those before may be in hand, and are counted from the front
            waits.append(dict(message))
            self.catch_up(team)

    def catch_up(self, team: str) -> None:
        """There is a new connection: what was written before it may have been missed.

        In channels that are watched, and threads that were heard before. Returns at once.
        """
        self._bot.frontend.moderation.listening.catch_up(team, ())

    def limited(self, team: str) -> None:
        """Slack tells of nothing for a minute: that is read afterwards, from where it began."""
        self._bot.frontend.moderation.listening.connection_lost()
        self.catch_up(team)
        asyncio.get_running_loop().call_later(LIMITED_FOR, self._told_again, team)

    def _told_again(self, team: str) -> None:
        """What was read in that minute is not all that was written in it."""
        self._bot.events.following.listen_anew(team)
        self.catch_up(team)

    async def report_message(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        await ack()
        caller = of_interaction(str(context.team_id), body)
        message = body.get("message") or {}
        if caller.channel is None or not is_ts(str(message.get("ts"))):
            return
        done = self._report(caller, caller.channel, dict(message))
        self._bot.begin(caller.team, done, lambda said: self._bot.tell(caller, said))

    async def report_summary(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        await ack()
        caller = of_interaction(str(context.team_id), body)
        ask_id = str(body["actions"][0].get("value"))
        if not _ASK.fullmatch(ask_id):  # forged
            return
        who = Who(server=caller.team, person=caller.person)
        done = self._bot.frontend.moderation.report_summary(who, ask_id)
        self._bot.begin(caller.team, done, lambda said: self._bot.tell(caller, said))

    async def _hear_all(self, team: str, channel: str) -> None:
        """A channel's messages in the order they came: of an edited one the last text counts.

        While the store or Slack is down they wait: none that came later may overtake them, for
        then a restart wouldn't find them. What still waits in the end, the next bot reads.
        """
        waits = self._waiting[team, channel]
        try:
            while waits:
                some = waits[:AT_ONCE]
                try:
                    await self._hear_some(team, channel, some)
                except (PrecisError, PlatformDownError) as error:
                    if self._bot.frontend.stopping:
                        return
                    logger.warning("messages wait to be heard: %s", str(error) or where(error))
                    await asyncio.sleep(AGAIN_AFTER)
                else:
                    del waits[: len(some)]
        finally:
            del self._waiting[team, channel]

    async def _hear_some(self, team: str, channel: str, some: list[dict[str, Any]]) -> None:
        """Names are looked up where it is watched, and there alone."""
        listening = self._bot.frontend.moderation.listening
        places = {place_of(team, channel, raw) for raw in some}
        if not any([await listening.watches(place) for place in places]):
            return
        found = await self._bot.platform.as_heard(team, channel, some)
        for raw, each in zip(some, found, strict=False):
            if each.message is not None:
                listening.hear(place_of(team, channel, raw), each.message)

    async def _report(self, caller: Caller, channel: str, message: dict[str, Any]) -> str:
        texts = await self._bot.texts(caller.team)
        place = place_of(caller.team, channel, message)
        request = caller.request(place.place, Wanted(), private=True)
        if refusal := await self._bot.platform.refusal(request):
            shown = await self._bot.platform.source(request)
            return refused(refusal, texts, "…" if isinstance(shown, Refusal) else shown.shown)
        found = await self._bot.platform.as_heard(caller.team, channel, [message])
        if not found or found[0].message is None:  # a bot's, or a command
            return texts.slack.nobody_wrote
        who = Who(server=caller.team, person=caller.person)
        return await self._bot.frontend.moderation.report_message(who, place, found[0].message)


def place_of(team: str, channel: str, message: Mapping[str, Any]) -> Place:
    """The channel of a message, or the thread if it is a reply in one."""
    ts, thread = str(message.get("ts")), message.get("thread_ts")
    if isinstance(thread, str) and is_ts(thread) and thread != ts:
        return Place(server=team, place=place_id(channel, thread), parent=channel)
    return Place(server=team, place=channel)
