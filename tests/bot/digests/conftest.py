"""A server with subscriptions, on a real store whose time a test moves on."""

import asyncio
import inspect
from dataclasses import dataclass
from typing import Any

import pytest

from bot.digests.subscribing import Wanted
from bot.frontend import Frontend
from precis.ask import ServerSettings
from precis.digest import DigestState
from precis.job import Citation, ModelUsed, Result, Style, Summary, SummarySentence
from precis.settings import load_settings
from precis.store import Store
from tests.bot.digests.posters import HERE, MANAGER, Clock, FakePoster, Platform, said


def pytest_pyfunc_call(pyfuncitem):
    """Tests here are coroutines; each has a loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = pyfuncitem._fixtureinfo.argnames
    given = {name: pyfuncitem.funcargs[name] for name in wanted}
    asyncio.run(pyfuncitem.obj(**given))
    return True


class Sender:
    def __init__(self):
        self.sent = []

    def send(self, job_id, queue):
        self.sent.append((job_id, queue))
        return True


@dataclass
class Scene:
    frontend: Frontend
    poster: FakePoster
    platform: Platform
    clock: Clock
    sender: Sender
    next_id: int = 0

    @property
    def store(self):
        return self.frontend.context.digests

    @property
    def digests(self):
        return self.frontend.digests

    @property
    def running(self):
        return self.frontend.digests.running

    def settings(self, **given):
        self.frontend.context.chat.change_settings(
            "discord", "s1", "mod", lambda _now: ServerSettings(**given)
        )

    def write(self, place, *texts, author="Ana", **more):
        for text in texts:
            self.next_id += 1
            self.clock.advance(minutes=1)
            self.platform.written.setdefault(place, []).append(
                said(1_000 + self.next_id, author, text, self.clock.now, **more)
            )

    async def subscribe(self, who=MANAGER, target=HERE, source="c1", **given):
        return await self.digests.subscribe(who, Wanted(target=target, source=source, **given))

    async def looked(self):
        """Everything that there is to do is done, and nothing of it in hand any more."""
        while True:
            await self.running.look()
            tasks = self.running.in_hand
            if not tasks:
                return
            for task in tasks:
                await task

    def work(self, kind="said"):
        """What workers do: each job's summary quotes every message."""
        jobs = self.frontend.context.jobs
        for job_id, _ in self.sender.sent:
            held = jobs.claim(job_id, "worker", self.frontend.context.settings.lease, 3)
            if held is None:
                continue
            carried = set(held.request["carried"])
            sentences = tuple(
                SummarySentence(
                    text=message.text,
                    citations=(Citation(id=message.id, permalink=message.permalink),),
                    speakers=(message.author_name,),
                    origin="extracted",
                    kind="open" if message.id in carried else kind,
                    topic=None if message.id in carried else 0,
                )
                for message in jobs.conversation(job_id).messages
            )
            result = Result(
                summary=Summary(style=Style.BRIEF, sentences=sentences),
                model=ModelUsed(profile="p", generator="g", adapter=None, gate="e"),
            )
            assert jobs.finish(held, result)

    async def day(self, *moment, kind="said"):
        """At a moment, from what is due to what is posted."""
        self.clock.at(*moment)
        await self.looked()
        self.work(kind)
        await self.looked()

    def states(self) -> list[Any]:
        ids = [each.id for each in self.store.subscriptions()]
        return [(each.state, each.skipped) for each in self.store.latest(ids).values()]


@pytest.fixture
def scene(tmp_path):
    settings = load_settings(home=tmp_path / "home")
    clock, platform, sender = Clock(), Platform(), Sender()
    store = Store.open(settings.store_url, clock)
    poster = FakePoster(platform)
    frontend = Frontend(platform, settings, store, sender, poster=poster)
    yield Scene(frontend, poster, platform, clock, sender)
    frontend.context.blocking.close()
    store.close()


@pytest.fixture
def written(scene):
    scene.write("c1", "one", "two", "three", "four", "five")
    return scene


POSTED = [(DigestState.POSTED, None)]
