"""How `precis bot discord` begins and ends, as an operator sees it."""

import signal

import pytest

from tests.bot.discord.processes import PRECIS, bot_process, deployed, running
from tests.peers.discord_server import discord_server
from tests.services import wait_until


@pytest.fixture
def variables(redis_url, tmp_path):
    return deployed(redis_url, f"sqlite:///{tmp_path / 'precis.db'}", log_level="WARNING")


def ended(variables, *options):
    """The exit code and what was printed by a bot that can't run."""
    with running([*PRECIS, "bot", "discord", *options], variables) as process:
        return process.wait(30), process.log.splitlines()


def test_without_a_token_it_says_what_to_set(variables):
    code, lines = ended(variables)
    assert code == 2
    [line] = lines
    assert line.startswith("precis: no Discord token; set PRECIS_DISCORD_TOKEN")


def test_a_wrong_token_is_one_line_that_does_not_repeat_it(variables, server):
    wrong = {"PRECIS_DISCORD_API": server.api, "PRECIS_DISCORD_TOKEN": "a.wrong.one"}
    code, lines = ended({**variables, **wrong})
    assert code == 1
    [line] = lines
    assert line.startswith("precis: Discord refuses the token")
    assert "a.wrong.one" not in line


def test_a_missing_message_content_intent_is_one_line(variables, server):
    server.revoke_intents("message_content")
    pointed = {"PRECIS_DISCORD_API": server.api, "PRECIS_DISCORD_TOKEN": server.token}
    code, lines = ended({**variables, **pointed})
    assert code == 1
    [line] = lines
    assert "turn on the Message Content Intent" in line


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "Discord refuses a request of the bot's (400"),
        (403, "Discord refuses a request of the bot's (403"),
        (429, "Discord limits this bot just now (429)"),
    ],
)
@pytest.mark.parametrize("route", ["GET /users/@me", "PUT /applications/{}/commands"])
def test_a_start_that_discord_refuses_is_one_line(variables, server, route, status, said):
    server.fail(route, status, times=10)
    pointed = {"PRECIS_DISCORD_API": server.api, "PRECIS_DISCORD_TOKEN": server.token}
    code, lines = ended({**variables, **pointed})
    assert code == 1
    assert [line for line in lines if "Traceback" in line] == []
    assert lines[-1].startswith(f"precis: {said}")
    assert server.token not in lines[-1]


def test_a_discord_that_cannot_be_reached_is_one_line(variables):
    with discord_server() as server:
        gone = {"PRECIS_DISCORD_API": server.api, "PRECIS_DISCORD_TOKEN": server.token}
    code, lines = ended({**variables, **gone})
    assert code == 1
    [line] = lines
    assert line.startswith("precis: Discord can't be reached")


def test_without_a_broker_it_says_how_to_run_all_in_one(server, tmp_path):
    code, lines = ended({"PRECIS_DISCORD_TOKEN": "any", "PRECIS_HOME": str(tmp_path)})
    assert code == 2
    [line] = lines
    assert "--embedded" in line
    assert "PRECIS_BROKER" in line


def test_a_store_that_is_down_is_one_line(variables, server):
    down = {**variables, "PRECIS_STORE": "postgresql://precis:secret@127.0.0.1:1/precis"}
    pointed = {"PRECIS_DISCORD_API": server.api, "PRECIS_DISCORD_TOKEN": server.token}
    code, lines = ended({**down, **pointed})
    assert code == 1
    [line] = lines
    assert "the store" in line
    assert "secret" not in line


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_seconds_when_it_is_told_to(variables, server, number):
    with bot_process(server, variables) as bot:
        bot.send(number)
        assert bot.wait(5) == 0
        assert bot.log == ""
    wait_until(lambda: server.connected == 0, what="the end of the session")


def test_it_ends_in_seconds_while_it_still_connects(variables, server):
    hang = server.hang("PUT /applications/{}/commands")
    with bot_process(server, variables, connected=0) as bot:
        wait_until(lambda: hang.waiting, 30, "the bot that registers its commands")
        assert bot.stop(5) == 0
        assert bot.log == ""


def test_it_answers_without_ever_importing_torch(variables, server, algebra, people):
    with bot_process(server, variables, flags=("-X", "importtime")) as bot:
        use = server.slash(people[0], algebra, "summarize", last=20)
        wait_until(lambda: "next in the queue" in use.text, what="the ask's place in the queue")
        assert bot.stop(10) == 0
        imported = {line.rsplit("|", 1)[-1].strip() for line in bot.log.splitlines()}
    assert {"discord", "celery", "bot.asking"} <= imported
    heavy = {"torch", "transformers", "peft", "numpy", "worker.pipeline.summarise"}
    assert imported & heavy == set()


def test_a_token_that_is_reset_while_it_runs_ends_it_with_one_line(variables, server):
    with bot_process(server, variables) as bot:
        server.application.token = "another"
        server.drop_gateway(resumable=False)
        assert bot.wait(30) == 1
        assert "Traceback" not in bot.log
        assert bot.log.splitlines()[-1].startswith("precis: Discord refuses the token")
