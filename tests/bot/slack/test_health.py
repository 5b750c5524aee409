import pytest

from precis import health
from precis.settings import load_settings
from tests.bot.health import health_follows_connection


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setattr(health, "CHECK_EVERY", 0.05)
    return load_settings(home=tmp_path / "home", health_file=tmp_path / "health.json")


def test_a_bot_is_healthy_while_it_is_connected(server, bot, settings):
    health_follows_connection(settings.health_file, server.connections_down(), "slack")
