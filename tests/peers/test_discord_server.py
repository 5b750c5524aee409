"""The stand-in of Discord, tried with the real discord.py: login, gateway, interactions."""

import discord
import pytest
from discord import app_commands

from tests.peers.discord_client import Bot, running
from tests.peers.discord_server import UnavailableError


def _add_echo(bot):
    @bot.tree.command(description="Say it again, later")
    @app_commands.describe(words="What to say")
    async def echo(interaction: discord.Interaction, words: str, private: bool = True):
        await interaction.response.defer(ephemeral=private, thinking=True)
        await interaction.edit_original_response(content=f"You said: {words}")


def test_a_bot_logs_in_and_sees_its_guild(server, guild, lounge):
    with running(Bot(server)) as bot:
        assert bot.user.id == server.application_id
        seen = bot.get_guild(guild.id)
        assert seen.name == "Study group"
        assert [channel.name for channel in seen.channels] == ["lounge"]
        assert seen.me.guild_permissions.view_channel
        assert server.connected == 1


def test_a_wrong_token_is_refused(server):
    with running(Bot(server, token="wrong"), wait=False) as bot:
        assert bot.ready.wait(10)
        assert isinstance(bot.failure, discord.LoginFailure)


def test_an_intent_that_was_not_granted_closes_with_4014(server, guild):
    server.revoke_intents("message_content")
    with running(Bot(server), wait=False) as bot:
        assert bot.ready.wait(10)
        assert isinstance(bot.failure, discord.PrivilegedIntentsRequired)


def test_a_slash_command_is_deferred_and_answered(server, guild, lounge, ben, ana):
    with running(Bot(server, _add_echo)):
        use = server.slash(ben, lounge, "echo", words="hello")
        answer = use.wait_for_answer()
    assert answer.content == "You said: hello"
    assert use.acknowledged_after < 3
    assert use.response.type == 5
    assert use.ephemeral
    assert use.visible_to(ben) == [answer]
    assert use.visible_to(ana) == []
    assert lounge.messages == []


def test_a_public_answer_stands_in_the_channel(server, guild, lounge, ben, ana):
    with running(Bot(server, _add_echo)):
        use = server.slash(ben, lounge, "echo", words="hello", private=False)
        answer = use.wait_for_answer()
    assert server.messages_by_bot(lounge) == [answer]
    assert use.visible_to(ana) == [answer]


def test_a_command_is_checked_against_its_registration(server, guild, lounge, ben):
    with running(Bot(server, _add_echo)):
        with pytest.raises(UnavailableError, match="no command 'shout'"):
            server.slash(ben, lounge, "shout")
        with pytest.raises(UnavailableError, match="required"):
            server.slash(ben, lounge, "echo")
        with pytest.raises(UnavailableError, match="takes no 3"):
            server.slash(ben, lounge, "echo", words=3)
