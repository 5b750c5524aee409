"""A server with moderators, on a real store."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delays import NO_DELAYS
from bot.frontend import Frontend
from precis.settings import load_settings
from precis.store import Store
from tests.bot.moderation.desks import CHANNEL, LEASE, FakeDesk, Platform, Scene
from tests.clocks import StoreClock


class Sender:
    """Remembers what was sent to workers."""

    def __init__(self):
        self.sent = []

    def send(self, job_id, queue):
        self.sent.append((job_id, queue))
        return True


@pytest.fixture
def scene(tmp_path):
    """Cards may change at any time here, and messages wait for no others."""
    settings = load_settings(
        home=tmp_path / "home", lease=LEASE, reconcile_every=timedelta(seconds=0.3)
    )
    clock = StoreClock()
    store = Store.open(settings.store_url, clock)
    desk, platform = FakeDesk(), Platform()
    frontend = Frontend(platform, settings, store, Sender(), desk=desk)
    frontend.context.delays = replace(NO_DELAYS, watched_messages=0.01)
    made = Scene(frontend, desk, platform, clock)
    made.settings(moderators_channel=CHANNEL, watched=("c1",))
    yield made
    frontend.context.blocking.close()
    store.close()
