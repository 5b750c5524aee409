"""The stand-in's events, over Socket Mode to the real slack_bolt."""

import pytest

from tests.peers.slack_client import Bot, running
from tests.services import wait_until


@pytest.fixture
def bot(lenient_slack, team):
    with running(Bot(lenient_slack)) as started:
        yield started


def _hears(bot, *names):
    wait_until(lambda: len(bot.heard) >= len(names), 10, f"{names}; heard {bot.names()}")
    assert bot.names() == list(names)


def test_the_life_of_a_message_is_told(slack, bot, hall, mia, noa):
    said = hall.post(mia, "one")
    said.edit("two")
    reply = hall.post(noa, "yes", thread=said, broadcast=True)
    reply.delete()
    hall.post(noa, "a file", files=["notes.pdf"])
    hall.post(noa, "waves", subtype="me_message")
    hall.post(None, "deployed", subtype="bot_message", username="ci")
    _hears(
        bot, "message", "message_changed", "thread_broadcast", "message_deleted", "file_share",
        "me_message", "bot_message",
    )  # fmt: skip
    plain, changed, broadcast, deleted, shared, _, by_bot = bot.heard
    assert plain["channel_type"] == "channel"
    assert plain["blocks"][0]["type"] == "rich_text"
    assert changed["message"]["text"] == "two"
    assert changed["previous_message"]["text"] == "one"
    assert changed["message"]["edited"]["user"] == mia.id
    assert broadcast["thread_ts"] == said.ts
    assert deleted["deleted_ts"] == reply.ts
    assert shared["files"][0]["name"] == "notes.pdf"
    assert "user" not in by_bot
    assert by_bot["bot_id"]


def test_mentions_are_told_beside_the_message(slack, bot, team, hall, mia):
    question = hall.post(mia, "a question")
    slack.mention(mia, hall, "what was said?", thread=question)
    _hears(bot, "message", "message", "app_mention")
    mention = bot.heard[-1]
    assert mention["text"] == f"<@{team.bot.id}> what was said?"
    assert mention["thread_ts"] == question.ts
    assert mention["ts"] == bot.heard[1]["ts"]


def test_only_what_the_bot_is_in_is_told(slack, bot, team, hall, mia):
    far = team.add_channel("far", members=[mia], bot=False)
    far.post(mia, "unheard")
    slack.mention(mia, far, "unheard")
    dm = team.add_dm(mia)
    dm.post(mia, "heard")
    group = team.add_group_dm([mia, team.add_user("ida")])
    group.post(mia, "heard")
    far.add_bot(by=mia)
    far.post(mia, "heard")
    far.remove_bot(by=mia)
    far.post(mia, "unheard")
    _hears(
        bot, "message", "message", "member_joined_channel", "message", "channel_left",
        "member_left_channel",
    )  # fmt: skip
    assert [event["channel_type"] for event in bot.heard[:2]] == ["im", "mpim"]
    assert bot.heard[2]["user"] == bot.heard[5]["user"] == team.bot.id
    assert bot.heard[2]["inviter"] == mia.id
    assert bot.heard[4]["actor_id"] == mia.id


def test_only_what_its_scopes_and_subscriptions_allow_is_told(slack, bot, team, hall, mia):
    board = team.add_channel("board", private=True, members=[mia])
    team.install(["channels:history", "chat:write"])
    slack.app.events -= {"message.im"}
    board.post(mia, "unheard")
    team.add_dm(mia).post(mia, "unheard")
    slack.mention(mia, hall, "no app_mentions:read")
    hall.add(team.add_user("ida"))
    _hears(bot, "message", "channel_join")


def test_people_come_and_go_and_places_end(slack, bot, team, hall, mia, noa):
    board = team.add_channel("board", private=True, members=[mia])
    hall.remove(noa)
    hall.rename("lobby")
    hall.archive(by=mia)
    board.archive()
    hall.delete()
    _hears(
        bot, "channel_leave", "member_left_channel", "channel_rename", "channel_archive",
        "group_archive", "channel_deleted",
    )  # fmt: skip
    assert bot.heard[2]["channel"]["name"] == "lobby"
    assert bot.heard[3]["user"] == mia.id


def test_the_end_of_an_installation_is_told(slack, bot, team):
    other = slack.add_workspace("Other")
    other.install()
    other.revoke()
    team.uninstall()
    _hears(bot, "tokens_revoked", "tokens_revoked", "app_uninstalled")
    assert bot.heard[0]["tokens"]["bot"] == [other.bot.id]
    assert [event.team for event in slack.events] == [other.id, team.id, team.id]


def test_an_event_comes_again_with_its_id(slack, bot, hall, mia):
    hall.post(mia, "once")
    _hears(bot, "message")
    slack.resend(slack.events[0])
    _hears(bot, "message", "message")
    assert bot.retries == [("1", "timeout")]
    assert len(slack.events) == 1
    assert len(slack.events[0].attempts) == 2


def test_an_event_without_a_connection_comes_later(slack, bot, hall, mia):
    slack.retry_events_after(*[0.05] * 200)
    with slack.connections_down():
        hall.post(mia, "meanwhile")
        wait_until(lambda: len(slack.events[0].attempts) > 1)
        assert bot.heard == []
    _hears(bot, "message")
    assert bot.retries[0][1] == "no_active_connection"


def test_events_can_be_held_and_come_backwards(slack, bot, hall, mia):
    with slack.events_held(backwards=True):
        said = hall.post(mia, "one")
        said.edit("two")
        assert slack.events[0].attempts == []
    wait_until(lambda: len(bot.heard) == 2)
    assert [event.subtype for event in slack.events] == [None, "message_changed"]
    sent = [envelope.where for envelope in slack.delivery.envelopes]
    assert sent == ["message message_changed", "message"]


def test_a_stranger_is_told_with_their_team(slack, bot, hall):
    partner = slack.add_workspace("Partner")
    zoe = partner.add_user("zoe")
    hall.add(zoe, quietly=True)
    hall.post(zoe, "hello")
    _hears(bot, "message")
    assert bot.heard[0]["user_team"] == partner.id
    body = slack.events[0].body
    assert body["is_ext_shared_channel"]
    assert body["authorizations"][0]["team_id"] == hall.workspace.id
