"""The stand-in's HTTP mode: signed requests to the real slack_bolt."""

import json

import pytest

from tests.peers.slack_client import Bot, running
from tests.services import wait_until


def _setup(bot):
    @bot.app.command("/echo")
    async def echo(ack, respond, command):
        await ack()
        await respond(command["text"])

    @bot.app.shortcut("explain")
    async def explain(ack, respond, shortcut):
        await ack()
        await respond(f"about {shortcut['message']['text']}")


@pytest.fixture
def bot(lenient_slack, team):
    with running(Bot(lenient_slack, _setup, http=True)) as started:
        yield started


def test_the_challenge_is_given_back(slack, bot):
    assert json.loads(slack.posted[0].body)["type"] == "url_verification"
    assert slack.posted[0].status == 200
    with pytest.raises(AssertionError, match="challenge"):
        slack.use_http("http://127.0.0.1:9/slack/events")


def test_commands_shortcuts_and_events_are_posted(slack, bot, hall, mia):
    use = slack.slash(mia, hall, "/echo", "a & b = ü")
    assert use.wait_for_answer().text == "a & b = ü"
    assert use.wait_for_ack().acknowledged_after < 3
    said = hall.post(mia, "the plan")
    assert slack.shortcut(mia, said, "explain").wait_for_answer().text == "about the plan"
    wait_until(lambda: bot.names() == ["message"])
    wait_until(lambda: slack.events[0].acknowledged, what="its acknowledgement")


def test_forged_aged_and_changed_requests_are_refused(slack, bot, hall, mia):
    slack.slash(mia, hall, "/echo", "x").wait_for_answer()
    posted = slack.posted[-1]
    assert slack.replay(posted).status == 200
    assert slack.replay(posted, as_is=True).status == 200
    assert slack.replay(posted, age=301).status == 401
    assert slack.replay(posted, secret="another").status == 401
    assert slack.replay(posted, X_Slack_Signature="v0=00").status == 401
    forged = slack.replay(posted, as_is=True, X_Slack_Request_Timestamp="1")
    assert forged.status == 401


def test_an_event_that_was_missed_comes_again(lenient_slack, bot, team, hall, mia):
    """The workspace without a token that Bolt could find is answered with an error."""
    lenient_slack.retry_events_after(0.05, 0.05)
    hall.post(mia, "heard")
    wait_until(lambda: bot.names() == ["message"])
    event = json.loads(lenient_slack.posted[-1].body)
    event["team_id"] = event["authorizations"][0]["team_id"] = "T0NOBODY"
    lenient_slack.world.run(lambda: lenient_slack.delivery.emit(event))
    wait_until(lambda: len(lenient_slack.events[-1].attempts) == 3)
    wait_until(lambda: len(lenient_slack.violations) == 3)
    assert {violation.rule for violation in lenient_slack.violations} == {"refused"}
    headers = [posted.headers for posted in lenient_slack.posted[-2:]]
    assert [h["X-Slack-Retry-Num"] for h in headers] == ["1", "2"]
    assert headers[0]["X-Slack-Retry-Reason"] == "http_error"


def test_any_event_can_be_posted(slack, bot, team):
    event = {"type": "event_callback", "team_id": team.id, "event": {"type": "app_mention"}}
    assert slack.post_event(event).status == 200
    assert slack.post_event(event, age=600).status == 401
    wait_until(lambda: bot.names() == ["app_mention"])
