"""Slack's adapter for tests: the real one on a loopback Slack, without Bolt and a worker."""

import asyncio
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from bot.context import Context
from bot.gathering import gather
from bot.offloading import Offloading
from bot.platform import Answer
from bot.slack.platform import SlackPlatform
from bot.slack.private import REPLY_LIVES
from bot.slack.workspaces import Workspaces
from precis.ask import Ask, AskRequest, AskState, Wanted
from precis.job import Style, SummarySentence
from precis.store import ChatStore
from precis.window import Window
from tests.peers.slack_server import Use

KEYS = iter(f"key {number}" for number in range(10**9))


class Process:
    """A bot's process, as far as it shows and reads: what is remembered ends with it."""

    def __init__(self, server, workspace, settings, store):
        pointed = {"slack_api": server.api, "slack_bot_token": SecretStr(workspace.token)}
        self.settings = settings.model_copy(update=pointed)
        self._store = store

    def run(self, work):
        """What `await work(platform)` returns."""

        async def ran():
            blocking = Offloading()
            workspaces = Workspaces(self.settings, blocking, self._store.database.engine)
            platform = SlackPlatform(workspaces, self.settings)
            chat = ChatStore(self._store, self.settings.lease)
            platform.attach(
                Context(platform, self.settings, self._store, chat, sender=None, blocking=blocking)
            )
            try:
                return await work(platform)
            finally:
                await workspaces.close()
                blocking.close()

        return asyncio.run(ran())

    def read(self, request, *, most=1_000, on_progress=None):
        """The texts that are gathered, and whether there was more."""

        async def none(people):
            return set()

        async def nothing(count):
            return None

        async def work(platform):
            history = platform.history(request)
            return await gather(history, request, "", most, none, on_progress or nothing)

        gathered = self.run(work)
        return [message.text for message in gathered.conversation.messages]

    def heard(self, request):
        """All that the history gives."""

        async def work(platform):
            return [each async for each in platform.history(request)]

        return self.run(work)


def asked(user, channel, wanted=None, *, thread=None, place=None, **more):
    """A request as the listeners make it; of a mention, unless it has a `reply`."""
    source = f"{channel.id}:{thread.ts}" if thread else channel.id
    values = {
        "private": True,
        "reply": {"kind": "mention", "channel": channel.id},
        "reply_until": datetime.now(UTC) + REPLY_LIVES,
        "key": next(KEYS),
        "server": channel.workspace.id,
        **more,
    }
    return AskRequest(
        platform="slack",
        source=source,
        place=place or source,
        person=user.person,
        wanted=wanted or Wanted(),
        **values,
    )


def command(user, channel, **more):
    """A request by a slash command, and its use."""
    use = Use(channel.workspace.installed, user, "command", channel=channel)
    url = channel.world.run(lambda: use.open_response_url("commands"))
    reply = {"kind": "command", "channel": channel.id, "response_url": url}
    return asked(user, channel, reply=reply, **more), use


def last(count, **more):
    return Wanted(window=Window(last=count), **more)


def since(moment, **more):
    return Wanted(window=Window(since=moment, **more))


def ago(**length):
    return datetime.now(UTC) - timedelta(**length)


def long_ago(request):
    """The same, asked for so long ago that it can't be answered where it was."""
    return request.model_copy(update={"reply_until": ago(minutes=1)})


def ask_of(request, **more):
    """As the store has it when its job has ended."""
    values = {"id": "a" * 32, "state": AskState.WAITING, "created_at": ago(minutes=2), "tries": 2}
    return Ask(request=request, **{**values, **more})


def answer_to(ask, *texts):
    return Answer(
        ask_id=ask.id,
        job_id="b" * 32,
        place="algebra",
        style=Style.BULLETS,
        sentences=tuple(
            SummarySentence(text=text, citations=(), speakers=(), origin="generated")
            for text in texts or ("A summary.",)
        ),
        messages=3,
        first_time=ago(hours=1),
        last_time=ago(minutes=5),
        model="test",
        adapter=None,
        language="en",
        private=ask.request.private,
    )


LONG = tuple(f"{number}: {'a long sentence ' * 30}" for number in range(60))
"""An answer of several messages."""
