"""What operators see of requests on Slack, in numbers."""

import pytest

from tests.bot.slack.serving import bot_running, by_http, by_socket, events_url
from tests.bot.slack.using import answer
from tests.measuring import Rise
from tests.services import wait_until


@pytest.fixture(params=["socket", "http"])
def bot(request, server, workspace, settings, store, summariser):
    """The bot, in each of the ways that Slack reaches it."""
    by = {"socket": by_socket, "http": by_http}[request.param]
    settings = by(settings, server, workspace)
    with bot_running(settings, store, summariser) as service:
        if request.param == "http":
            server.use_http(events_url(settings))
        yield service


def calls(status):
    return Rise("precis_platform_responses_total", platform="slack", status=status)


def test_a_command_counts_with_its_acknowledgement_and_its_answer(server, bot, algebra, people):
    acknowledged = Rise("precis_acknowledgement_seconds_count", platform="slack")
    answered = Rise(
        "precis_requests_total", platform="slack", command="summarize", outcome="answered"
    )
    fine, refused = calls("2xx"), calls("refused")
    answer(server.slash(people[0], algebra, "summarize", "5"))
    wait_until(lambda: answered.by == 1, what="the count")
    assert acknowledged.by == 1
    assert fine.by >= 1
    assert refused.by == 0


@pytest.mark.parametrize("bot", ["socket"], indirect=True)
def test_what_is_said_is_no_command_and_has_no_acknowledgement_time(server, bot, algebra, people):
    acknowledged = Rise("precis_acknowledgement_seconds_count", platform="slack")
    algebra.post(people[0], "Shall we begin?")
    wait_until(lambda: server.events and all(e.acknowledged for e in server.events))
    assert acknowledged.by == 0


@pytest.mark.parametrize("bot", ["socket"], indirect=True)
def test_limits_and_errors_of_the_platform_are_counted(server, bot, algebra, people):
    limited, refused = calls("429"), calls("refused")
    server.rate_limit("conversations.history", times=1)
    server.fail("conversations.history", error="internal_error", times=1)
    answer(server.slash(people[0], algebra, "summarize", "5"))
    assert (limited.by, refused.by) == (1, 1)
