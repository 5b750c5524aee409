"""The stand-in's gateway, tried with the real discord.py: sessions, shards, intents, events."""

import discord
import pytest

from tests.peers.discord.permissions import P
from tests.peers.discord_client import Bot, running
from tests.peers.discord_server import discord_server
from tests.services import wait_until


def test_events_missed_while_away_are_replayed(server, guild, lounge, ben):
    with running(Bot(server)) as bot:
        server.say(lounge, ben, "one")
        with server.gateway_down():
            for word in ("two", "three", "four"):
                server.say(lounge, ben, word)
        wait_until(lambda: len(bot.heard) == 4, 10, "the messages")
        assert [message.content for message in bot.heard] == ["one", "two", "three", "four"]
        assert len(server.resumes) == 1
        assert len(server.identifies) == 1


def test_an_interaction_during_an_outage_arrives_after_it(server, guild, lounge, ben):
    def add_hello(bot):
        @bot.tree.command(description="Hello")
        async def hello(interaction: discord.Interaction):
            await interaction.response.send_message("hello")

    with running(Bot(server, add_hello)):
        with server.gateway_down():
            use = server.slash(ben, lounge, "hello")
        assert use.wait_for_answer().content == "hello"


def test_reconnect_is_followed_by_a_resume(server, guild):
    with running(Bot(server)) as bot:
        server.ask_to_reconnect()
        wait_until(lambda: ("resumed", None) in bot.events, 10, "the resume")
        assert len(server.identifies) == 1


def test_a_session_that_is_gone_is_begun_anew(server, guild, lounge, ben):
    with running(Bot(server)) as bot:
        server.drop_gateway(resumable=False)
        wait_until(lambda: len(server.identifies) == 2 and server.connected, 20, "an identify")
        server.say(lounge, ben, "here again")
        wait_until(lambda: bot.heard, 10, "the message")


def test_heartbeats_without_answer_make_the_client_reconnect():
    with (
        discord_server(heartbeat_interval=0.1) as server,
        running(Bot(server, heartbeat_timeout=0.6)) as bot,
    ):
        wait_until(lambda: server.heartbeats > 2, 10, "heartbeats")
        server.stop_heartbeat_acks()
        wait_until(lambda: server.resumes, 20, "a resume")
        server.resume_heartbeat_acks()
        wait_until(lambda: ("resumed", None) in bot.events, 20, "resumed")


def test_guilds_fall_to_their_shards_and_direct_messages_to_the_first(server, ana):
    guilds = [server.add_guild(f"guild {n}", owner=ana) for n in range(4)]
    channels = [guild.add_text_channel("lounge") for guild in guilds]
    intents = discord.Intents(guilds=True, messages=True)
    with running(Bot(server, shard_count=2, intents=intents)) as bot:
        assert server.connected == 2
        assert {bot.get_guild(guild.id).shard_id for guild in guilds} == {0, 1}
        server.say(channels[0], ana, "hello")
        shard = (guilds[0].id >> 22) % 2
        assert server.events_to(shard).count("MESSAGE_CREATE") == 1
        assert server.events_to(1 - shard).count("MESSAGE_CREATE") == 0
        assert [server.events_to(n).count("GUILD_CREATE") for n in (0, 1)] == [2, 2]
        server.say(server.dm_channel(ana), ana, "psst")
        wait_until(lambda: len(bot.heard) == 2, 10, "the messages")
        assert bot.heard[1].content == "psst"
        assert server.events_to(0)[-1] == "MESSAGE_CREATE"


def test_the_number_of_shards_is_as_discord_recommends(ana):
    with discord_server(shards=2) as server:
        server.add_guild("guild", owner=ana)
        with running(Bot(server, shard_count=None)):
            assert server.connected == 2
            assert len(server.requests_to("GET /gateway/bot")) == 1


def test_content_is_blank_without_the_intent(server, guild, lounge, ben):
    with running(Bot(server, intents=discord.Intents(guilds=True, messages=True))) as bot:
        server.say(lounge, ben, "a secret")
        server.say(lounge, ben, f"{server.bot.mention} for you")
        wait_until(lambda: len(bot.heard) == 2, 10, "the messages")
        assert [message.content for message in bot.heard] == ["", f"<@{server.bot.id}> for you"]


def test_messages_are_not_sent_without_their_intent(server, guild, lounge, ben):
    with running(Bot(server, intents=discord.Intents(guilds=True))) as bot:
        server.say(lounge, ben, "hello")
        guild.add_text_channel("later")
        wait_until(lambda: len(bot.get_guild(guild.id).channels) == 2, 10, "the channel")
        assert bot.heard == []


def test_edits_and_deletions_are_told(server, guild, lounge, ben):
    with running(Bot(server)) as bot:
        one, two, three = (server.say(lounge, ben, word) for word in ("one", "two", "three"))
        server.edit(one, "eins")
        server.delete(one)
        server.bulk_delete([two, three])
        wait_until(lambda: len(bot.events) == 3, 10, "the events")
        assert bot.events == [
            ("edit", "eins"),
            ("delete", one.id),
            ("bulk delete", {two.id, three.id}),
        ]


def test_what_the_bot_cannot_see_is_hidden_and_silent(server, guild, lounge, ben):
    den = guild.add_text_channel("den").make_private(ben)
    secret = lounge.add_thread("secret", private=True, members=[ben])
    with running(Bot(server)) as bot:
        seen = bot.get_guild(guild.id)
        assert seen.get_channel(den.id).name == "___hidden___"
        assert len(seen.threads) == 0
        for place in (den, secret, lounge):
            server.say(place, ben, "hello")
        wait_until(lambda: bot.heard, 10, "the message")
        assert [message.channel.id for message in bot.heard] == [lounge.id]
        with pytest.raises(discord.Forbidden) as refusal:
            bot.do(lambda: bot.fetch_channel(den.id))
        assert refusal.value.code == 50001


def test_a_channel_that_comes_into_sight_is_told_with_its_threads(server, guild, ben):
    den = guild.add_text_channel("den").make_private(ben)
    thread = den.add_thread("plans", owner=ben)
    with running(Bot(server)) as bot:
        seen = bot.get_guild(guild.id)
        den.set_overwrite(server.bot, allow=P.VIEW_CHANNEL)
        wait_until(lambda: seen.get_channel(den.id).name == "den", 10, "the channel")
        wait_until(lambda: seen.get_thread(thread.id), 10, "the thread")
        den.clear_overwrite(server.bot)
        wait_until(lambda: seen.get_channel(den.id).name == "___hidden___", 10, "its hiding")
        guild.bot_role.set_permissions(P.ADMINISTRATOR)
        wait_until(lambda: seen.get_channel(den.id).name == "den", 10, "the channel")


def test_a_bot_that_is_removed_hears_of_it_and_no_more(server, guild, lounge, ben):
    with running(Bot(server)) as bot:
        guild.remove_bot()
        wait_until(lambda: ("guild remove", guild.id) in bot.events, 10, "the removal")
        server.say(lounge, ben, "alone at last")
        with pytest.raises(discord.NotFound):
            bot.do(lambda: bot.fetch_guild(guild.id))
        assert bot.heard == []


def test_members_are_chunked_for_those_with_the_intent(server, guild, ben):
    intents = discord.Intents(guilds=True, members=True)
    with running(Bot(server, intents=intents)) as bot:
        seen = bot.get_guild(guild.id)
        assert [member.name for member in seen.members] == ["test-bot"]
        members = bot.do(seen.chunk)
        assert sorted(member.name for member in members) == ["ana", "ben", "test-bot"]
        helper = guild.add_role("helper", P.MANAGE_MESSAGES)
        guild.members[ben.id].add_role(helper)
        wait_until(lambda: len(seen.get_member(ben.id).roles) == 2, 10, "the role")


def test_guilds_may_be_unavailable_for_a_while(server, guild):
    with running(Bot(server)) as bot:
        with server.guilds_unavailable():
            wait_until(lambda: bot.get_guild(guild.id).unavailable, 20, "an unknown guild")
        wait_until(lambda: not bot.get_guild(guild.id).unavailable, 20, "the guild")
        assert bot.get_guild(guild.id).name == "Study group"
