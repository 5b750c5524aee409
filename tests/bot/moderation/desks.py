"""A platform and a desk for tests of moderation: they remember what they were told to do."""

import asyncio
from datetime import timedelta

from bot.moderation.deciding import NOTHING
from bot.moderation.desk import Abilities, Action, NoDeskError, RefusedError, Who
from bot.platform import Heard, SourceInfo
from precis.ask import Place

MOD = Who("s1", "mod")
READER = Who("s1", "reader")
CHANNEL = "mods"


def at(place="c1", parent=None, server="s1"):
    return Place(server=server, place=place, parent=parent)


class Platform:
    """Channels are their ids; `written` is what was said in them, latest last."""

    name = "discord"

    def __init__(self):
        self.written = {}
        self.within = {}
        self.refusals = {}
        self.down = None
        self.read = []
        self.answers = []

    async def source(self, request):
        if self.down:
            raise self.down
        if request.source in self.refusals:
            return self.refusals[request.source]
        within = self.within.get(request.source, (request.source,))
        return SourceInfo(name=request.source, shown=f"#{request.source}", within=within)

    async def refusal(self, request, *, again=False):
        return self.refusals.get(request.person)

    async def audience_fits(self, request):
        return True

    async def history(self, request):
        if self.down:
            raise self.down
        self.read.append(request.source)
        for message in reversed(self.written.get(request.source, [])):
            await asyncio.sleep(0)
            yield Heard(message.id, message.author_id, message.time, message)

    async def say(self, request, text, *, final=False):
        return None

    async def answer(self, ask, answer, posted):
        self.answers.append([sentence.text for sentence in answer.sentences])
        await posted(str(len(self.answers)))

    async def withdraw(self, request, text, *, posted=()):
        return None

    async def still_there(self, server, place=None):
        return True


class FakeDesk:
    """`shown`: cards by channel and message, as they were told last; `done`: what was done."""

    def __init__(self):
        self.moderators = {("s1", "mod"), ("s1", "other")}
        self.may_act = Abilities(remove=True, time_out=True)
        self.timers = {"mod", "other"}
        self.unread = set()
        self.shown = {}
        self.updates = []
        self.posts = 0
        self.lines = []
        self.done = []
        self.failing = None
        self.effects_failing = []
        self.on_work = None
        """What is awaited while a card is on its way."""

    async def is_moderator(self, server, person, place):
        return (server, person) in self.moderators or (server, person, place) in self.moderators

    async def may_read(self, server, person, place):
        return (person, place) not in self.unread

    async def may_time_out(self, case, person):
        return person in self.timers

    async def abilities(self, case):
        return self.may_act

    async def post(self, channel, card, server):
        await self._work()
        self.posts += 1
        message = f"m{self.posts}"
        self.shown[channel, message] = card
        return message

    async def update(self, channel, message, card, server):
        await self._work()
        if (channel, message) not in self.shown:
            return False
        self.updates.append(card)
        self.shown[channel, message] = card
        return True

    async def take_away(self, channel, message, server):
        self.shown.pop((channel, message), None)

    async def tell(self, channel, text, server, nonce):
        await self._work()
        self.lines.append((channel, text, nonce))

    async def remove(self, case):
        self._effect(("remove", case.subject))

    async def time_out(self, case, until):
        self._effect(("time out", case.author))

    async def person(self, server, person):
        return f"@{person}"

    async def place(self, server, place):
        return f"#{place}"

    def link(self, permalink, label):
        return f"[{label}]({permalink})"

    def moment(self, when):
        return "then"

    def escaped(self, text, limit):
        return text.replace("\n", " ")[:limit]

    async def _work(self):
        if self.on_work:
            await self.on_work()
        if self.failing:
            raise self.failing

    def _effect(self, done):
        if self.effects_failing:
            raise self.effects_failing.pop(0)
        self.done.append(done)


NO_DESK, REFUSED = NoDeskError(), RefusedError()


class Scene:
    """A frontend with a desk, on a store in which messages are scored by hand."""

    def __init__(self, frontend, desk, platform, clock):
        self.clock = clock
        self.frontend = frontend
        self.desk = desk
        self.platform = platform
        self.context = frontend.context
        self.moderation = frontend.moderation
        self.cases = frontend.context.moderation
        self.jobs = frontend.context.jobs

    def card(self):
        """The only card."""
        (card_id,) = {case.card_id for case in self.cases.list_cases(open_only=False)}
        return self.cases.card(card_id)

    async def act(self, who, action, *, seen=None, given=NOTHING, card=None):
        """A click on a card as it is now, followed up."""
        card = card or self.card()
        seen = card.seen if seen is None else seen
        said = await self.moderation.act(who, action, card.id, seen, given)
        await self.followed()
        return said

    def leases_end(self):
        """Those of all that is held at this moment."""
        self.clock.advance(LEASE * 1.5)

    async def followed(self):
        while self.moderation._following:
            await asyncio.gather(*self.moderation._following)

    async def show(self):
        await self.moderation.cards.show_due()

    def settings(self, **changes):
        def changed(now):
            return now.model_copy(update=changes)

        self.context.chat.change_settings("discord", "s1", "manager", changed)
        return self.context.chat.server_settings("discord", "s1")


LEASE = timedelta(minutes=1)
__all__ = ["CHANNEL", "LEASE", "MOD", "NO_DESK", "READER", "REFUSED", "Action", "FakeDesk",
           "Platform", "Scene", "at"]  # fmt: skip
