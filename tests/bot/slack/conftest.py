"""A study group on a loopback Slack."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from precis.settings import load_settings
from precis.store import Store
from tests.peers.slack_server import slack_server


@pytest.fixture
def server():
    with slack_server() as running:
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
