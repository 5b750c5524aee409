"""The message shortcuts: "Summarise this thread" and "Summarise from here"."""

from typing import TYPE_CHECKING, Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.callers import of_interaction
from bot.slack.ids import is_ts, message_id, place_id
from precis.ask import Wanted

if TYPE_CHECKING:
    from bot.slack.app import SlackBot

OF_THREAD, FROM_HERE = "precis_thread", "precis_from_here"
"""Callback ids, as in the app's manifest."""
FROM_HERE_NAME = "Summarise from here"


class Shortcuts:
    """Each acknowledges first, as commands do."""

    def __init__(self, bot: "SlackBot") -> None:
        self._bot = bot
        bot.app.message_shortcut(OF_THREAD)(self.of_thread)
        bot.app.message_shortcut(FROM_HERE)(self.from_here)

    async def of_thread(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        await ack()
        caller = of_interaction(str(context.team_id), body)
        _, thread = _message(body)
        if caller.channel is None:
            return
        if thread is None:
            texts = self._bot.texts_at_hand(caller.team)
            self._bot.say(caller, texts.message_has_no_thread.format(menu=FROM_HERE_NAME))
            return
        self._bot.asks.begin(caller, place_id(caller.channel, thread), Wanted(), private=True)

    async def from_here(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        await ack()
        caller = of_interaction(str(context.team_id), body)
        ts, thread = _message(body)
        if caller.channel is None or ts is None:
            return
        # From a reply on the rest of its thread, from any other message on the channel.
        source = place_id(caller.channel, thread if thread != ts else None)
        wanted = Wanted(after=message_id(caller.team, caller.channel, ts))
        self._bot.asks.begin(caller, source, wanted, private=True)


def _message(body: dict[str, Any]) -> tuple[str | None, str | None]:
    """The `ts` of the message that was chosen, and of the thread it is in, or began."""
    message = body.get("message") or {}
    found = [message.get("ts") or body.get("message_ts"), message.get("thread_ts")]
    ts, thread = (each if isinstance(each, str) and is_ts(each) else None for each in found)
    return ts, thread
