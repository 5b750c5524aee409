"""A platform and a poster for tests of digests: they remember what they were told to do."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.digests.poster import Subscriber, UnwritableError
from bot.digests.view import Link, Moment, Name, Own, Words
from bot.digests.view import Place as Shown
from bot.platform import Heard, Refusal, SourceInfo
from precis.ask import Place
from precis.conversation import Message
from precis.digest import Target

HERE = Target(kind="channel", id="c1")
ME = Target(kind="person", id="ana")
SIX = (2026, 3, 10, 18, 0, 5)
"""A moment just after six, when digests are due."""
MANAGER = Subscriber("s1", "mod", manager=True)
ANA = Subscriber("s1", "ana", manager=False)
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now

    def at(self, *parts):
        self.now = datetime(*parts, tzinfo=UTC)

    def advance(self, **time):
        self.now += timedelta(**time)


class Platform:
    """Channels are their ids; `written` is what was said in them, latest last."""

    name = "discord"

    def __init__(self):
        self.written = {}
        self.refusals = {}
        self.down = None
        self.windows = []
        self.on_read = None

    async def source(self, request):
        if request.source in self.refusals:
            return self.refusals[request.source]
        within = tuple(dict.fromkeys((request.source, request.source.partition("/")[0])))
        return SourceInfo(name=request.source, shown=f"#{request.source}", within=within)

    async def history(self, request):
        if self.down:
            raise self.down
        self.windows.append((request.source, request.wanted.window.since))
        there = list(self.written.get(request.source, []))
        if self.on_read:
            await self.on_read(request.source)
        for message in reversed(there):
            await asyncio.sleep(0)
            yield Heard(message.id, message.author_id, message.time, message)

    async def still_there(self, server, place=None):
        return True


@dataclass
class FakePoster:
    """Threads of a channel `c1` are written in as `c1/…`."""

    platform: Platform
    unreadable: set = field(default_factory=set)
    """(person, place); the person None for the bot."""
    private: set = field(default_factory=set)
    """Sources that not all may read elsewhere."""
    roles: dict = field(default_factory=dict)
    closed: set = field(default_factory=set)
    posts: list = field(default_factory=list)
    told: list = field(default_factory=list)
    failing: list = field(default_factory=list)
    dies_after: int | None = None

    async def places(self, server, channel, since):
        threads = [each for each in self.platform.written if each.startswith(f"{channel}/")]
        return [
            Place(server=server, place=channel),
            *(Place(server=server, place=each, parent=channel) for each in threads),
        ]

    async def as_now(self, request, message):
        there = self.platform.written.get(request.source, ())
        return next((each for each in there if each.id == message.id), None)

    async def bot_refusal(self, server, place):
        return Refusal.BOT_CANNOT_VIEW if (None, place) in self.unreadable else None

    async def reader_refusal(self, server, place, person):
        hidden = {(None, place), (person, place)} & self.unreadable
        return Refusal.PERSON_CANNOT_VIEW if hidden else None

    async def may_ask(self, server, person, roles):
        return not set(self.roles.get(person, ())).isdisjoint(roles)

    async def all_may_read(self, server, source, target):
        return source == target or source not in self.private

    async def may_write(self, server, target):
        return target.id not in self.closed

    async def post(self, server, target, view, posted, on_posted):
        if self.failing:
            raise self.failing.pop(0)
        if target.id in self.closed:
            raise UnwritableError
        for number in range(len(posted), 2):
            if number == self.dies_after:
                self.dies_after = None
                raise OSError("the network")
            self.posts.append((target.id, number, view))
            await on_posted(f"m{number}")

    async def tell(self, server, person, text, key):
        if self.failing:
            raise self.failing.pop(0)
        if person in self.closed:
            raise UnwritableError
        self.told.append((person, text, key))

    async def place(self, server, place):
        return f"#{place}"

    @property
    def views(self):
        """Digests, each once, as they were posted."""
        return [view for _, number, view in self.posts if number == 0]


def said(identifier, author, text, when, **more):
    return Message(
        id=str(identifier),
        author_id=author.casefold(),
        author_name=author,
        text=text,
        time=when,
        permalink=f"https://chat.example/{identifier}",
        **more,
    )


def plain(span):
    match span:
        case Words() | Name() | Own():
            return span.text
        case Shown():
            return f"#{span.name}"
        case Link():
            return span.label
        case Moment():
            return span.at.strftime("%H:%M")


def line(each):
    return "".join(plain(span) for span in each.spans)


def lines(view):
    """All of a digest as plain lines."""
    sections = [each for section in view.sections for each in section.lines]
    return [line(each) for each in (*view.top, *sections)]
