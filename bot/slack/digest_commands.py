"""`/digest`, and `/precis digest`: acknowledge, parse, hand on."""

import asyncio
from typing import TYPE_CHECKING, Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.digests.subscribing import Wanted
from bot.slack.arguments import UnclearError
from bot.slack.callers import Caller, of_command
from bot.slack.digest_arguments import DigestArguments, full_zone, parse_digest
from bot.slack.membership import DIRECT
from precis.digest import Target

if TYPE_CHECKING:
    from bot.slack.app import SlackBot


class DigestCommands:
    """Acknowledges first; all that may take time comes after."""

    def __init__(self, bot: "SlackBot") -> None:
        self._bot = bot
        bot.app.command("/digest")(self.digest)

    async def digest(
        self, ack: AsyncAck, command: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        caller = of_command(str(context.team_id), command)
        await self.use(ack, caller, str(command.get("text") or ""))

    async def use(self, ack: AsyncAck, caller: Caller, text: str) -> None:
        """What was written behind either command."""
        try:
            wanted = parse_digest(text)
        except UnclearError:
            wanted = DigestArguments("help")
        if wanted.act == "help":
            await ack(self._bot.texts_at_hand(caller.team).slack.digest_usage)
            return
        await ack()
        done = self._done(caller, wanted)
        self._bot.begin(caller.team, done, lambda said: self._bot.tell(caller, said))

    async def _done(self, caller: Caller, wanted: DigestArguments) -> str | None:
        lists = self._bot.digest_lists
        if wanted.act in ("here", "to", "me"):
            return await lists.worded(self._subscribe(caller, wanted))
        if wanted.act == "list":
            return await lists.show(caller)
        return await self._change(caller, wanted)

    async def _subscribe(self, caller: Caller, wanted: DigestArguments) -> str:
        """The line to show. In direct messages with the bot it is of the channels named."""
        source, channels = caller.channel or DIRECT, wanted.channels
        target = Target(kind="person", id=caller.person)
        if wanted.act == "to" or (wanted.act == "here" and not source.startswith(DIRECT)):
            target = Target(kind="channel", id=wanted.target or source)
        if source.startswith(DIRECT) and channels:
            source = channels[0]
        zone = wanted.zone and await asyncio.to_thread(full_zone, wanted.zone)
        asked = Wanted(
            target=target,
            source=source,
            channels=channels,
            without=wanted.without,
            days=wanted.days,
            time=wanted.time,
            zone=zone,
            least=wanted.least,
            style=wanted.style,
            weekly=wanted.weekly,
        )
        who = await self._bot.digest_lists.subscriber(caller)
        return await self._bot.frontend.digests.subscribe(who, asked)

    async def _change(self, caller: Caller, wanted: DigestArguments) -> str | None:
        """Without a number it is the only one there is; of several, the list is shown."""
        lists = self._bot.digest_lists
        found = await self._bot.frontend.digests.listing(
            await lists.subscriber(caller), labels=False
        )
        number = wanted.number or (1 if len(found) == 1 else 0)
        if not 1 <= number <= len(found):
            texts = await self._bot.texts(caller.team)
            return await lists.show(caller, said=texts.digests.which if found else "")
        return await lists.change(caller, wanted.act, found[number - 1].id)
