"""A study group on a loopback Slack."""

from datetime import UTC, datetime, timedelta

import pytest
import yaml
from cryptography.fernet import Fernet

from precis.settings import load_settings
from precis.store import Store
from tests.bot.discord.summarisers import Judging, Telling, Waiting
from tests.bot.processes import ROOT
from tests.bot.slack.moderators import Moderated
from tests.bot.slack.serving import bot_running, by_socket
from tests.peers.slack_server import slack_server
from worker import own_threads

MANIFEST = ROOT / "docs" / "slack-manifest.yaml"
SENTENCES = (
    "Has anybody solved exercise four?",
    "I got as far as the second part.",
    "The trick is to substitute first.",
    "Then the integral is easy.",
    "Shall we meet on Thursday?",
)


@pytest.fixture
def server():
    with slack_server() as running:
        # No more than the manifest asks for is to be enough.
        manifest = yaml.safe_load(MANIFEST.read_text())
        running.app.scopes = tuple(manifest["oauth_config"]["scopes"]["bot"])
        running.app.commands = {each["command"] for each in manifest["features"]["slash_commands"]}
        running.app.events = set(manifest["settings"]["event_subscriptions"]["bot_events"])
        yield running
        assert running.violations == []


@pytest.fixture
def workspace(server):
    """With the bot in it."""
    made = server.add_workspace("Study group", "study")
    made.install()
    return made


@pytest.fixture
def key():
    """What encrypts tokens."""
    return Fernet.generate_key().decode()


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
def people(workspace):
    """Ana administers the workspace."""
    names = ("ana", "ben", "chen", "dina", "emil")
    return [workspace.add_user(name, admin=name == "ana") for name in names]


@pytest.fixture
def algebra(server, workspace, people):
    """A channel with 300 messages by five people, a minute apart."""
    channel = workspace.add_channel("algebra", members=people)
    texts = [SENTENCES[n % len(SENTENCES)] for n in range(300)]
    start = datetime.now(UTC) - timedelta(hours=6)
    server.fill(channel, people, texts, start=start, step=timedelta(minutes=1))
    return channel


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
def bot(server, workspace, settings, store, summariser):
    """The bot and its worker, in this process."""
    with bot_running(by_socket(settings, server, workspace), store, summariser) as service:
        yield service


@pytest.fixture
def judge(monkeypatch):
    """A summariser with a gate; it scores messages one by one, in the order of the jobs."""
    monkeypatch.setattr(own_threads, "WATCH_THREADS", 1)
    return Judging()


@pytest.fixture
def place(server, workspace, store, people):
    """A workspace with moderators, and no bot as yet."""
    return Moderated(server, workspace, store, people)


@pytest.fixture
def moderated(place, settings, store, judge):
    """The same, with the bot and its worker."""
    with bot_running(by_socket(settings, place.server, place.workspace), store, judge) as service:
        place.bot = service
        yield place
