"""The whole composition, from an `.env` with tokens to the summaries, with parts that are killed.

In processes by itself; in containers too where COMPOSE names Docker Compose's command and
TEST_ADDRESS an address of this machine that containers reach (docker0's, say):

    COMPOSE="docker compose" TEST_ADDRESS=172.17.0.1 make test-all
"""

import os

import pytest

from tests.deployment.deployments import Containers, Processes
from tests.scenarios.discord_stage import discord_stage
from tests.scenarios.slack_stage import slack_stage
from tests.services import wait_until

pytestmark = pytest.mark.slow

SOON = {
    "PRECIS_LEASE": "PT30S",
    "PRECIS_REQUEUE_AFTER": "PT2S",
    "PRECIS_RECONCILE_EVERY": "PT1S",
    "PRECIS_PERSON_LIMIT": "1000",
}
"""What is lost is found soon. The lease is long enough for a worker on busy cores to renew it."""
TALK = (
    "Has anybody solved exercise four of the algebra sheet?",
    "The trick is to substitute u for the inner function first.",
    "Professor Lindqvist said that the exam is on the third of March.",
    "Then we should meet on Thursday at six in the library to revise.",
    "I will bring the old exams from last year, there are four of them.",
    "The proof of the second theorem will certainly be asked.",
)


@pytest.fixture(params=["processes", "containers"])
def deployment(request, tmp_path):
    if request.param == "processes":
        made = Processes(request.getfixturevalue("postgresql_url"), tmp_path)
    elif command := os.environ.get("COMPOSE"):
        made = Containers(command, tmp_path)
    else:
        pytest.skip("COMPOSE names no Docker Compose")
    try:
        yield made
    finally:
        made.down()


def asked(stage, place, count):
    """A question about so many messages, not asked before."""
    stage.fill(place, [f"{TALK[n % len(TALK)]} ({n})" for n in range(count)])
    return stage.ask(stage.people[0], place, last=count)


def wait_for_health(deployment, *services):
    for service in services:
        wait_until(lambda each=service: deployment.is_healthy(each), 150, f"{service}'s health")


def test_a_study_group_gets_every_summary_though_worker_and_redis_are_killed(deployment):
    with discord_stage() as discord, slack_stage() as slack:
        # A token of one platform, and nothing else.
        deployment.up({**SOON, **discord.bot_variables()})
        wait_until(lambda: discord.server.connected >= 1, 120, "the Discord bot")
        wait_until(lambda: deployment.exit_code("bot-slack") == 0, 60, "the Slack bot's end")
        [line] = deployment.log("bot-slack").strip().splitlines()
        assert "doesn't run" in line
        wait_for_health(deployment, "worker", "bot-discord")
        channel = discord.channel()
        assert asked(discord, channel, 40).told(120).lines
        assert deployment.exit_code("bot-slack") == 0

        # Now the other one too.
        deployment.up({**SOON, **discord.bot_variables(), **slack.bot_variables()})
        wait_until(lambda: slack.server.connected >= 1, 120, "the Slack bot")
        wait_for_health(deployment, "bot-slack")
        room = slack.channel()
        questions = [asked(discord, channel, 160), asked(slack, room, 160)]
        wait_until(lambda: "Summarising" in questions[0].text, 60, "a job in hand")
        deployment.kill("worker")
        deployment.kill("redis")
        for question in questions:
            told = question.told(300)
            assert told.covers.startswith("160 messages")
            assert told.lines
        assert len(discord.seen(discord.people[0], channel)) == 2
        assert len(slack.seen(slack.people[0], room)) == 1
        wait_for_health(deployment, "worker", "bot-discord", "bot-slack")

        # All ends in its grace time.
        for service in ("bot-discord", "bot-slack", "worker"):
            assert deployment.stop(service) == 0, deployment.log(service)
