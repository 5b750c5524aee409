"""Channels and servers that go while the bot is off are forgotten when it is back."""

import asyncio
from itertools import count

import pytest

from bot.forgetting import Forgetting
from precis.errors import StoreError
from precis.store import ChatStore
from tests.bot.discord.serving import answered, bot_running
from tests.bot.discord.test_deleting import stored
from tests.services import wait_until


@pytest.fixture
def channel(server, guild, people):
    channel = guild.add_text_channel("calculus")
    server.fill(channel, people, ["xylophone", "two", "three"])
    return channel


@pytest.fixture
def off_meanwhile(server, settings, store, summariser, people):
    """What is stored after a summary, something that happens, and a look around."""

    def went(place, happens):
        with bot_running(server, settings, store, summariser):
            answered(server.slash(people[0], place, "summarize"))
        happens()
        with bot_running(server, settings, store, summariser) as bot:
            look(bot)
        return stored(store)

    return went


def look(bot):
    looking = Forgetting(bot.context, between=0).look()
    asyncio.run_coroutine_threadsafe(looking, bot.loop).result(30)


def test_a_channel_that_is_gone_is_forgotten(off_meanwhile, channel):
    assert off_meanwhile(channel, channel.delete) == []


@pytest.mark.parametrize("with_its_channel", [False, True])
def test_a_thread_that_is_gone_is_forgotten(
    server, off_meanwhile, channel, people, with_its_channel
):
    thread = channel.add_thread("limits", owner=people[0])
    server.fill(thread, people, ["one", "two"])
    assert off_meanwhile(thread, (channel if with_its_channel else thread).delete) == []


def test_a_thread_that_is_archived_is_still_there(server, off_meanwhile, channel, people):
    thread = channel.add_thread("limits", owner=people[0])
    server.fill(thread, people, ["one", "two"])
    assert off_meanwhile(thread, thread.archive) == ["one", "two"]


def test_a_channel_that_the_bot_can_no_longer_read_is_still_there(off_meanwhile, guild, channel):
    def hidden():
        channel.set_overwrite(guild.bot_role, deny=1 << 10)  # View Channel

    assert len(off_meanwhile(channel, hidden)) == 3


def test_a_server_that_the_bot_was_put_out_of_is_forgotten(off_meanwhile, store, guild, channel):
    assert off_meanwhile(channel, guild.remove_bot) == []


def test_nothing_is_forgotten_of_what_is_there(off_meanwhile, channel):
    assert len(off_meanwhile(channel, lambda: None)) == 3


def test_what_is_gone_during_an_outage_is_known_after_it(
    server, settings, store, summariser, people, guild, channel
):
    with bot_running(server, settings, store, summariser) as bot:
        answered(server.slash(people[0], channel, "summarize"))
        with server.guilds_unavailable():
            wait_until(lambda: bot.get_guild(guild.id).unavailable, what="the outage")
            channel.delete()
            look(bot)
            assert len(stored(store)) == 3, "nobody knows"
        wait_until(lambda: not bot.get_guild(guild.id).unavailable, what="the outage's end")
        look(bot)
    assert stored(store) == []


def test_a_bot_looks_by_itself_and_again_after_a_fault(
    server, settings, store, people, channel, monkeypatch, caplog
):
    monkeypatch.setattr("bot.forgetting.AFTER_START", 0.1)
    monkeypatch.setattr("bot.forgetting.EVERY", 0.1)
    with bot_running(server, settings, store):
        answered(server.slash(people[0], channel, "summarize"))
    channel.delete()
    known = ChatStore.known_servers
    looks = count()

    def away_at_first(chat, platform):
        if next(looks) == 0:
            raise StoreError("the store is away")
        return known(chat, platform)

    monkeypatch.setattr(ChatStore, "known_servers", away_at_first)
    with bot_running(server, settings, store):
        wait_until(lambda: stored(store) == [], what="the channel to be forgotten")
    assert "the store is away" in caplog.text
