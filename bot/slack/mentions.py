"""Mentioning the bot, in a thread or a channel: a summary of it, for whoever wrote that alone."""

import re
from typing import TYPE_CHECKING, Any

from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.arguments import UnclearError
from bot.slack.callers import of_mention
from bot.slack.commands import summarise

if TYPE_CHECKING:
    from bot.slack.app import SlackBot

_USER = re.compile(r"<@[A-Z0-9]+(?:\|[^<>]*)?>")


class Mentions:
    """Slack's own acknowledgement of an event waits for nothing here."""

    def __init__(self, bot: "SlackBot") -> None:
        self._bot = bot
        bot.app.event("app_mention")(self.mentioned)

    async def mentioned(self, body: dict[str, Any], context: AsyncBoltContext) -> None:
        event = body.get("event") or {}
        # Bots could go on mentioning each other for ever; an edited mention was heard of before.
        if event.get("bot_id") or event.get("edited") or not event.get("user"):
            return
        caller = of_mention(str(context.team_id), body)
        try:
            arguments = self._bot.arguments(_USER.sub(" ", str(event.get("text") or "")))
        except UnclearError:
            self._bot.say(caller, self._bot.texts_at_hand(caller.team).slack.usage)
            return
        summarise(self._bot, caller, arguments)
