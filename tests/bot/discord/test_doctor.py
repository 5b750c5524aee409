"""`precis doctor` on a Discord bot: what is missing, and what to do about it."""

import asyncio
from unittest import mock

import pytest
from pydantic import SecretStr

from bot.discord.channel_checks import unread_channels
from bot.discord.doctoring import NEEDED, check_discord
from precis.errors import PrecisError
from tests.peers.discord_server import BOT_PERMISSIONS, Permission

READ_HISTORY = Permission.READ_MESSAGE_HISTORY


@pytest.fixture
def pointed(settings, server):
    return settings.model_copy(
        update={"discord_token": SecretStr(server.token), "discord_api": f"{server.url}/api/v10"}
    )


def test_a_bot_that_has_all_it_needs_is_named(pointed, server, guild):
    guild.add_text_channel("algebra")
    said = check_discord(pointed)
    assert "on 1 server, with all it needs" in said
    assert said.endswith("it can read each text channel that Discord shows it, 1 in all")


def test_what_it_may_do_for_moderators_is_told_as_optional(pointed, server, guild, people):
    with_both = Permission.MANAGE_MESSAGES | Permission.MODERATE_MEMBERS
    assert check_discord(pointed).count("on none") == 2
    guild.bot_role.set_permissions(BOT_PERMISSIONS | with_both)
    said = check_discord(pointed)
    assert "it may remove messages on all (Manage Messages) and time people out on all" in said
    server.add_guild(
        "Other", owner=people[0], bot_permissions=BOT_PERMISSIONS | Permission.MANAGE_MESSAGES
    )
    said = check_discord(pointed)
    assert "remove messages on all (Manage Messages) and time people out on 1 (Moderate" in said
    assert "for long digests it may make threads on all (Create Public Threads)" in said
    assert "which is optional" in said


def test_channels_it_cannot_read_are_named_by_their_ids(pointed, server, guild):
    guild.add_text_channel("algebra")
    closed = [guild.add_text_channel(f"c{n}") for n in range(7)]
    role = guild.add_role("Tutors")
    closed[0].set_overwrite(guild.everyone, deny=READ_HISTORY)
    for channel in closed[1:]:
        channel.set_overwrite(server.bot, deny=READ_HISTORY)
    allowed = guild.add_text_channel("tutors")
    allowed.set_overwrite(guild.everyone, deny=READ_HISTORY)
    allowed.set_overwrite(role, deny=READ_HISTORY)
    allowed.set_overwrite(server.bot, allow=READ_HISTORY)
    named = ", ".join(str(channel.id) for channel in closed[:5])
    said = check_discord(pointed)
    assert said.endswith(f"it can't read 7 of 9 text channels: {named} and 2 more")


def test_an_administrator_reads_all_channels(pointed, server, guild):
    guild.bot_role.set_permissions(BOT_PERMISSIONS | Permission.ADMINISTRATOR)
    guild.add_text_channel("closed").set_overwrite(guild.everyone, deny=READ_HISTORY)
    assert "it can read each" in check_discord(pointed)


def test_where_there_are_many_servers_it_says_what_it_left_out(pointed, server, people):
    for number in range(22):
        server.add_guild(f"group {number}", owner=people[0])
    assert "of the first 20 servers" in check_discord(pointed)


def test_a_refusal_is_one_line(pointed, server, guild):
    server.fail("GET /guilds/{}/channels", 403)
    with pytest.raises(PrecisError, match=r"^Discord refuses a request of the bot's \(403[^\n]+$"):
        check_discord(pointed)


def test_a_bot_on_no_server_gets_a_link_with_least_privilege(pointed, server):
    said = check_discord(pointed)
    assert f"client_id={server.application_id}" in said
    assert f"permissions={NEEDED.value}" in said
    assert "bot+applications.commands" in said


def test_a_wrong_token_is_one_line_without_it(pointed):
    wrong = pointed.model_copy(update={"discord_token": SecretStr("sesame")})
    with pytest.raises(PrecisError, match="refuses the token") as refused:
        check_discord(wrong)
    assert "sesame" not in str(refused.value)


def test_a_missing_intent_is_named(pointed, server, guild):
    server.revoke_intents("message_content")
    with pytest.raises(PrecisError, match="Message Content Intent"):
        check_discord(pointed)


def test_a_missing_permission_is_named_with_its_server(pointed, server, guild):
    guild.everyone.set_permissions(0)
    guild.bot_role.set_permissions(BOT_PERMISSIONS & ~Permission.READ_MESSAGE_HISTORY)
    with pytest.raises(PrecisError, match=f"server {guild.id}: Read Message History"):
        check_discord(pointed)


def test_a_discord_that_is_away_is_one_line(pointed):
    away = pointed.model_copy(update={"discord_api": "http://127.0.0.1:1/api/v10"})
    with pytest.raises(PrecisError, match="can't be reached"):
        check_discord(away)


def test_a_media_channel_that_it_cannot_read_is_told():
    http = mock.AsyncMock()
    http.get_member.return_value = {"roles": [], "user": {"id": "9"}}
    http.get_all_guild_channels.return_value = [{"id": "5", "type": 16}]
    client = mock.Mock(http=http)
    said = asyncio.run(unread_channels(client, [{"id": "1", "permissions": "0"}]))
    assert said == "it can't read 1 of 1 text channels: 5"
