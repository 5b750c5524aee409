"""`/summarize`, `/catchup` and `/precis`: acknowledge, parse, hand on."""

from typing import TYPE_CHECKING, Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.arguments import Arguments, Link, UnclearError
from bot.slack.callers import Caller, of_command
from bot.slack.home_view import help_blocks
from bot.slack.ids import place_id
from precis.ask import Wanted
from precis.window import Window

if TYPE_CHECKING:
    from bot.slack.app import SlackBot

DEFAULT_LAST = 200


class Commands:
    """Each command acknowledges first; all that may take time comes after."""

    def __init__(self, bot: "SlackBot") -> None:
        self._bot = bot
        bot.app.command("/summarize")(self.summarize)
        bot.app.command("/catchup")(self.catchup)
        bot.app.command("/precis")(self.precis)

    async def summarize(
        self, ack: AsyncAck, command: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        caller = of_command(str(context.team_id), command)
        try:
            arguments = self._bot.arguments(str(command.get("text") or ""))
        except UnclearError:
            await ack(self._bot.texts_at_hand(caller.team).slack.usage)
            return
        await ack()
        summarise(self._bot, caller, arguments)

    async def catchup(
        self, ack: AsyncAck, command: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        caller = of_command(str(context.team_id), command)
        texts = self._bot.texts_at_hand(caller.team)
        try:
            arguments = self._bot.arguments(str(command.get("text") or ""))
        except UnclearError:
            arguments = Arguments(last=0)
        if arguments != Arguments(style=arguments.style):
            await ack(texts.slack.catchup_usage)
            return
        await ack()
        if caller.channel:
            wanted = Wanted(since_own=True, style=arguments.style)
            self._bot.asks.begin(caller, caller.channel, wanted, private=True)

    async def precis(
        self, ack: AsyncAck, command: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        """Help, and the ways to settings and privacy; `settings` and `privacy` lead there.

        `review` shows moderators what waits, `digest` is as `/digest`.
        """
        caller = of_command(str(context.team_id), command)
        text = str(command.get("text") or "").strip()
        first, _, rest = text.partition(" ")
        if first.lower() in ("digest", "digests"):
            await self._bot.digest_commands.use(ack, caller, rest)
            return
        word = text.lower()
        if word in ("settings", "privacy"):
            await ack()
            bot = self._bot
            (bot.settings_clicks.open if word == "settings" else bot.home.open_privacy)(caller)
            return
        if word == "review":
            await ack()
            self._bot.card_clicks.open_review(caller)
            return
        texts = self._bot.texts_at_hand(caller.team)
        await ack(text=texts.slack.help, blocks=help_blocks(texts))


def summarise(bot: "SlackBot", caller: Caller, arguments: Arguments) -> None:
    """Ask for what the arguments say: of a linked thread, of where one is, of the latest."""
    link = arguments.link or (Link(caller.channel, caller.thread) if caller.channel else None)
    if link is None:
        return
    last = arguments.last
    if last is None and arguments.since is None and link.thread is None:
        last = DEFAULT_LAST
    bot.asks.begin(
        caller,
        place_id(link.channel, link.thread),
        Wanted(window=Window(since=arguments.since, last=last), style=arguments.style),
        private=not arguments.public,
        host=link.host,
    )
