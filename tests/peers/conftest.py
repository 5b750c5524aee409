"""A Discord guild and a Slack workspace, for the tests of the stand-ins themselves."""

import pytest

from tests.peers.discord_server import discord_server
from tests.peers.slack_server import slack_server


@pytest.fixture
def lenient():
    """A server whose bot may be badly behaved."""
    with discord_server() as running_server:
        yield running_server


@pytest.fixture
def server(lenient):
    """A server whose bot must not do what Discord refuses."""
    yield lenient
    assert lenient.violations == []


@pytest.fixture
def ana(lenient):
    return lenient.add_user("ana", "Ana")


@pytest.fixture
def ben(lenient):
    return lenient.add_user("ben", "Ben")


@pytest.fixture
def guild(lenient, ana, ben):
    """Ana's guild; Ben is a member, the bot has least privilege."""
    return lenient.add_guild("Study group", owner=ana, members=[ben])


@pytest.fixture
def lounge(guild):
    return guild.add_text_channel("lounge")


@pytest.fixture
def lenient_slack():
    """A Slack whose bot may be badly behaved."""
    with slack_server() as running_server:
        yield running_server


@pytest.fixture
def slack(lenient_slack):
    """A Slack whose bot must not do what a well-behaved one never does."""
    yield lenient_slack
    assert lenient_slack.violations == []


@pytest.fixture
def team(lenient_slack):
    """A workspace with the app installed."""
    workspace = lenient_slack.add_workspace("Study group")
    workspace.install()
    return workspace


@pytest.fixture
def mia(team):
    return team.add_user("mia", "Mia Roth")


@pytest.fixture
def noa(team):
    return team.add_user("noa")


@pytest.fixture
def hall(team, mia, noa):
    """A channel of Mia, Noa and the bot."""
    return team.add_channel("hall", members=[mia, noa])
