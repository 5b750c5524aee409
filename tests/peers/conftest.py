"""A Discord server with a guild, for the tests of the stand-ins themselves."""

import pytest

from tests.peers.discord_server import discord_server


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
