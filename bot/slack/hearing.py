"""Hears what is written in watched channels, new and edited, and what readers report."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.moderation.desk import Who
from bot.slack.callers import Caller, of_interaction
from bot.slack.ids import is_ts, place_id
from precis.ask import Place

if TYPE_CHECKING:
    from bot.slack.app import SlackBot

REPORT_MESSAGE = "precis_report"
"""Callback id of the message shortcut, as in the app's manifest."""
REPORT_SUMMARY = "precis:report"
_ASK = re.compile("[0-9a-f]{32}")


class Hearing:
    """Told of messages by `bot.slack.events`, and of reports by a shortcut and a button."""

    def __init__(self, bot: "SlackBot") -> None:
        self._bot = bot
        bot.app.message_shortcut(REPORT_MESSAGE)(self.report_message)
        bot.app.action(REPORT_SUMMARY)(self.report_summary)

    def hear(self, team: str, channel: str, message: Mapping[str, Any]) -> None:
        """Somebody wrote or edited a message. Returns at once."""
        place = place_of(team, channel, message)
        self._bot.begin(team, self._hear(place, channel, dict(message)))

    def catch_up(self, team: str) -> None:
        """There is a new connection: what was written before it may have been missed.

        In channels that the settings name, and threads that were heard before. Returns at once.
        """
        self._bot.begin(team, self._catch_up(team))

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

    async def _hear(self, place: Place, channel: str, message: dict[str, Any]) -> None:
        """Names are looked up where it is watched, and there alone."""
        listening = self._bot.frontend.moderation.listening
        if not await listening.watches(place):
            return
        for each in await self._bot.platform.as_heard(str(place.server), channel, [message]):
            if each.message is not None:
                listening.hear(place, each.message)

    async def _catch_up(self, team: str) -> None:
        context = self._bot.frontend.context
        settings = await context.server_settings(team)
        if settings.watched:
            places = [Place(server=team, place=channel) for channel in settings.watched]
            self._bot.frontend.moderation.listening.catch_up(team, places)

    async def _report(self, caller: Caller, channel: str, message: dict[str, Any]) -> str:
        texts = await self._bot.texts(caller.team)
        place = place_of(caller.team, channel, message)
        found = await self._bot.platform.as_heard(caller.team, channel, [message])
        if not found or found[0].message is None:
            return texts.not_a_channel
        who = Who(server=caller.team, person=caller.person)
        return await self._bot.frontend.moderation.report_message(who, place, found[0].message)


def place_of(team: str, channel: str, message: Mapping[str, Any]) -> Place:
    """The channel of a message, or the thread if it is a reply in one."""
    ts, thread = str(message.get("ts")), message.get("thread_ts")
    if isinstance(thread, str) and is_ts(thread) and thread != ts:
        return Place(server=team, place=place_id(channel, thread), parent=channel)
    return Place(server=team, place=channel)
