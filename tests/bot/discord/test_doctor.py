"""`precis doctor` on a Discord bot: what is missing, and what to do about it."""

import pytest
from pydantic import SecretStr

from bot.discord.doctoring import NEEDED, check_discord
from precis.errors import PrecisError
from tests.peers.discord_server import BOT_PERMISSIONS, Permission


@pytest.fixture
def pointed(settings, server):
    return settings.model_copy(
        update={"discord_token": SecretStr(server.token), "discord_api": f"{server.url}/api/v10"}
    )


def test_a_bot_that_has_all_it_needs_is_named(pointed, server, guild):
    assert "on 1 servers, with all it needs" in check_discord(pointed)


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
