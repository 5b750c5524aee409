"""A study group on a loopback Discord."""

from datetime import UTC, datetime, timedelta

import pytest

from precis.settings import load_settings
from precis.store import Store
from tests.bot.discord.moderators import ABLE, moderated, watch
from tests.bot.discord.serving import bot_running
from tests.bot.discord.summarisers import Judging, Telling, Waiting
from tests.peers.discord_server import discord_server
from worker import own_threads

SENTENCES = (
    "Has anybody solved exercise four?",
    "I got as far as the second part.",
    "The trick is to substitute first.",
    "Then the integral is easy.",
    "Shall we meet on Thursday?",
)


@pytest.fixture
def server():
    with discord_server() as running:
        yield running
        assert running.violations == []


@pytest.fixture
def people(server):
    return [server.add_user(name) for name in ("Ana", "Ben", "Chen", "Dina", "Emil")]


@pytest.fixture
def guild(server, people):
    return server.add_guild("Study group", owner=people[0], members=people[1:])


@pytest.fixture
def algebra(server, guild, people):
    """A channel with 300 messages by five people, a minute apart."""
    channel = guild.add_text_channel("algebra")
    texts = [SENTENCES[n % len(SENTENCES)] for n in range(300)]
    start = datetime.now(UTC) - timedelta(hours=6)
    server.fill(channel, people, texts, start=start, step=timedelta(minutes=1))
    return channel


@pytest.fixture
def settings(tmp_path):
    return load_settings(
        home=tmp_path / "home", reconcile_every=timedelta(seconds=0.5), lease=timedelta(seconds=3)
    )


@pytest.fixture
def store(settings):
    opened = Store.open(settings.store_url)
    yield opened
    opened.close()


@pytest.fixture
def summariser():
    return Telling()


@pytest.fixture
def waiting():
    """A summariser that waits until it is let; let in the end, so that a test ends."""
    made = Waiting()
    yield made
    made.go.set()


@pytest.fixture
def bot(server, guild, settings, store, summariser):
    """The bot and its worker, in this process."""
    with bot_running(server, settings, store, summariser) as running:
        yield running


@pytest.fixture
def bot_that_waits(server, guild, settings, store, waiting):
    """The same, with `waiting` as its summariser."""
    with bot_running(server, settings, store, waiting) as running:
        yield running
        waiting.go.set()


@pytest.fixture
def judge(monkeypatch):
    """A summariser with a gate; it scores messages one by one, in the order of the jobs."""
    monkeypatch.setattr(own_threads, "WATCH_THREADS", 1)
    return Judging()


@pytest.fixture
def moderation(server, guild, store, people):
    """Moderators and their channel, beside a channel that is watched; the bot may all."""
    guild.bot_role.set_permissions(ABLE)
    guild.bot_role.move(9)
    return moderated(server, guild, store, people, guild.add_text_channel("lounge"))


@pytest.fixture
def desk(server, settings, store, moderation, judge):
    """The same, with the bot and a worker running."""
    watch(store, moderation)
    with bot_running(server, settings, store, judge) as running:
        moderation.bot, moderation.judge = running, judge
        yield moderation
