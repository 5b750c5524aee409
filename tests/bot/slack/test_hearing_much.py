"""More is written in a channel than is kept in memory: what is kept is heard, each message."""

import asyncio
from types import SimpleNamespace

from bot.platform import Heard
from bot.slack import hearing
from tests.conversations import message
from tests.services import until


class Bot:
    """Looks names up once it is let; `heard` are the messages that were, by text."""

    def __init__(self):
        self.app = SimpleNamespace(
            message_shortcut=lambda _: lambda listener: listener,
            action=lambda _: lambda listener: listener,
        )
        self.platform = self
        self.listening = self
        self.frontend = SimpleNamespace(moderation=self, stopping=False)
        self.let = asyncio.Event()
        self.heard = []
        self.asked = 0
        self.caught_up = 0
        self.tasks = []

    def begin(self, team, work):
        self.tasks.append(asyncio.ensure_future(work))

    async def watches(self, place):
        return True

    async def as_heard(self, team, channel, some):
        self.asked += 1
        await self.let.wait()
        return [Heard(m["ts"], "U1", None, message(0, "Ana", m["text"])) for m in some]

    def hear(self, place, said):
        self.heard.append(said.text)

    def catch_up(self, team, places):
        self.caught_up += 1


def test_what_is_written_after_too_much_was_is_heard(monkeypatch):
    monkeypatch.setattr(hearing, "MOST_WAITING", 3)
    monkeypatch.setattr(hearing, "AT_ONCE", 1)

    async def scenario():
        bot = Bot()
        hears = hearing.Hearing(bot)
        for number in range(5):
            hears.hear("T1", "C1", {"ts": f"{number}.000001", "text": f"{number}"})
            await until(lambda: bot.asked, what="the first to be in hand")
        bot.let.set()
        await asyncio.gather(*bot.tasks)
        return bot

    bot = asyncio.run(scenario())
    assert bot.heard == ["0", "3", "4"]
    assert bot.caught_up == 1  # 1 and 2 are read from the history
