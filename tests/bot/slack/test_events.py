"""What the bot is told of by events: messages kept as they are written, and forgotten in time."""

import asyncio
import time

import pytest

from bot.platform import PlatformDownError, UnreachableError
from bot.slack.following import Following, Said
from bot.slack.ids import message_id
from precis.errors import StoreError
from precis.store import ChatStore
from tests.bot.slack.serving import bot_running, by_socket
from tests.bot.slack.using import answer, change
from tests.services import wait_until


@pytest.fixture
def ana(people):
    return people[0]


@pytest.fixture
def channel(workspace, people):
    """In which nothing was said yet."""
    return workspace.add_channel("calculus", members=people)


@pytest.fixture
def followed(bot, workspace, channel):
    """The same, followed from now on."""
    change(bot, workspace, follows=(channel.id,))
    return channel


def kept(bot, channel):
    """The texts that are kept of a channel."""
    chat, team = bot.frontend.context.chat, channel.workspace.id
    found = chat.heard_between("slack", team, channel.id, 0.0, 9e9)
    return [each.payload["text"] for each in found]


def said(bot, channel, person, *texts, **more):
    """Say something, and wait until it is kept."""
    messages = [channel.post(person, text, **more) for text in texts]
    wait_until(lambda: set(texts) <= set(kept(bot, channel)), what="messages to be kept")
    return messages


def reads(server):
    return len(server.requests_to("conversations.history")) + len(
        server.requests_to("conversations.replies")
    )


def test_a_followed_channel_is_summed_up_without_reading_it(
    server, bot, summariser, followed, ana, people
):
    said(bot, followed, ana, "one", "two")
    answer(server.slash(people[1], followed, "catchup"))  # reads what was before, once
    said(bot, followed, ana, "three", "four")
    before = reads(server)
    answer(server.slash(people[1], followed, "summarize"))
    assert summariser.read[-1] == ["one", "two", "three", "four"]
    assert reads(server) == before


def test_replies_in_a_followed_channel_are_kept_too(server, bot, summariser, followed, ana, people):
    [first] = said(bot, followed, ana, "one")
    answer(server.slash(ana, followed, "summarize"))
    said(bot, followed, people[1], "a reply", thread=first)
    before = reads(server)
    answer(server.slash(ana, followed, "summarize", first.permalink))
    assert summariser.read[-1] == ["one", "a reply"]
    assert reads(server) == before


def test_a_channel_that_is_not_followed_and_was_never_asked_of_is_not_kept(
    server, bot, followed, workspace, ana
):
    other = workspace.add_channel("other", members=[ana])
    other.post(ana, "not to be kept")
    said(bot, followed, ana, "one")
    assert kept(bot, other) == []


def test_what_is_written_after_a_summary_needs_no_reading_of_what_was_before(
    server, bot, summariser, channel, ana
):
    channel.post(ana, "one", quietly=True)
    answer(server.slash(ana, channel, "summarize"))
    said(bot, channel, ana, "two")
    before = reads(server)
    answer(server.slash(ana, channel, "summarize"))
    assert summariser.read[-1] == ["one", "two"]
    assert reads(server) == before


def test_an_edited_message_is_kept_as_it_is_now(server, bot, summariser, followed, ana):
    [one, _] = said(bot, followed, ana, "one", "two")
    one.edit("ONE")
    wait_until(lambda: "ONE" in kept(bot, followed), what="the edit")
    assert "one" not in kept(bot, followed)
    answer(server.slash(ana, followed, "summarize"))
    assert summariser.read[-1] == ["ONE", "two"]


def test_a_deleted_message_is_forgotten_wherever_it_is(server, bot, summariser, followed, ana):
    [one, _] = said(bot, followed, ana, "one", "two")
    answer(server.slash(ana, followed, "summarize"))
    chat = bot.frontend.context.chat
    before = chat.stored_of("slack", ana.person).messages
    one.delete()
    wait_until(lambda: kept(bot, followed) == ["two"], what="forgetting")
    wait_until(
        lambda: chat.stored_of("slack", ana.person).messages == before - 2, what="forgetting"
    )
    answer(server.slash(ana, followed, "summarize"))
    assert summariser.read[-1] == ["two"]


def test_a_deleted_message_with_replies_is_forgotten_too(server, bot, followed, ana, people):
    """Slack leaves a tombstone, and tells of a change."""
    [first] = said(bot, followed, ana, "one")
    said(bot, followed, people[1], "a reply", thread=first)
    first.delete()
    wait_until(lambda: kept(bot, followed) == ["a reply"], what="forgetting")


def test_deletions_in_channels_that_are_not_followed_are_heard_of(server, bot, channel, ana):
    one = channel.post(ana, "one", quietly=True)
    answer(server.slash(ana, channel, "summarize"))
    one.delete()
    chat = bot.frontend.context.chat
    wait_until(lambda: chat.stored_of("slack", ana.person).messages == 0, what="forgetting")


def test_what_is_deleted_before_it_is_told_of_is_never_kept(server, bot, followed, ana):
    said(bot, followed, ana, "before")
    with server.events_held(backwards=True):
        followed.post(ana, "regretted").delete()
    said(bot, followed, ana, "after")
    wait_until(lambda: kept(bot, followed) == ["before", "after"], what="forgetting")


def test_a_deleted_channel_takes_what_is_stored_of_it(server, bot, followed, ana):
    said(bot, followed, ana, "one")
    answer(server.slash(ana, followed, "summarize"))
    followed.delete()
    chat = bot.frontend.context.chat
    wait_until(lambda: chat.stored_of("slack", ana.person).messages == 0, what="forgetting")
    assert kept(bot, followed) == []


def test_who_opted_out_is_not_kept(server, bot, followed, ana, people):
    bot.frontend.context.chat.opt_out("slack", ana.person)
    followed.post(ana, "not to be kept")
    said(bot, followed, people[1], "one")
    assert kept(bot, followed) == ["one"]


def test_a_channel_that_is_never_read_is_not_kept(server, bot, workspace, followed, ana):
    said(bot, followed, ana, "one")
    other = workspace.add_channel("other", members=[ana])
    change(bot, workspace, follows=(followed.id, other.id), never_read=(followed.id,))
    followed.post(ana, "not to be kept")
    said(bot, other, ana, "two")
    assert kept(bot, followed) == ["one"]


def test_what_was_never_read_for_a_while_is_read_anew(
    server, bot, workspace, summariser, followed, ana
):
    said(bot, followed, ana, "one")
    answer(server.slash(ana, followed, "summarize"))
    other = workspace.add_channel("other", members=[ana])
    change(bot, workspace, follows=(other.id,), never_read=(followed.id,))
    followed.post(ana, "two")
    said(bot, other, ana, "heard after that")
    change(bot, workspace, never_read=())
    answer(server.slash(ana, followed, "summarize"))
    assert summariser.read[-1] == ["one", "two"]


def test_bots_are_not_kept(server, bot, workspace, followed, ana):
    other = workspace.add_bot("other")
    followed.add(other, quietly=True)
    followed.post(other, "beep")
    said(bot, followed, ana, "one")
    assert kept(bot, followed) == ["one"]


def test_what_was_said_while_there_was_no_connection_is_not_missed(
    server, bot, summariser, followed, ana
):
    said(bot, followed, ana, "one")
    answer(server.slash(ana, followed, "summarize"))
    opened = server.connections_opened
    with server.connections_down():
        followed.post(ana, "two", quietly=True)
    wait_until(lambda: server.connections_opened > opened, what="another connection")
    said(bot, followed, ana, "three")
    answer(server.slash(ana, followed, "summarize"))
    assert summariser.read[-1] == ["one", "two", "three"]


def test_what_was_said_while_no_bot_ran_is_not_missed(
    server, settings, store, summariser, channel, ana, monkeypatch
):
    """Also not by who asks at once, before the gap is stored."""
    pointed = by_socket(settings, server, channel.workspace)
    with bot_running(pointed, store, summariser) as bot:
        change(bot, channel.workspace, follows=(channel.id,))
        said(bot, channel, ana, "one")
        answer(server.slash(ana, channel, "summarize"))
    channel.post(ana, "two", quietly=True)
    noted = ChatStore.listening

    def slowly(*given):
        time.sleep(0.5)
        noted(*given)

    monkeypatch.setattr(ChatStore, "listening", slowly)
    with bot_running(pointed, store, summariser) as bot:
        answer(server.slash(ana, channel, "summarize"))
    assert summariser.read[-1] == ["one", "two"]


def test_what_was_said_between_two_connections_is_not_missed(
    server, bot, summariser, followed, ana, monkeypatch
):
    """Also not while it isn't known yet which workspaces there are."""
    said(bot, followed, ana, "one")
    answer(server.slash(ana, followed, "summarize"))
    monkeypatch.setattr(bot.bot, "_listen_anew", lambda: asyncio.sleep(2))
    with server.connections_down():
        followed.post(ana, "two", quietly=True)
    wait_until(lambda: server.connected == 1, what="another connection")
    answer(server.slash(ana, followed, "summarize"))
    assert summariser.read[-1] == ["one", "two"]


def test_what_was_said_while_the_bot_was_out_of_a_channel_is_not_missed(
    server, bot, summariser, followed, ana
):
    said(bot, followed, ana, "one")
    answer(server.slash(ana, followed, "summarize"))
    chat = bot.frontend.context.chat
    team = followed.workspace.id
    before = chat.listening_since("slack", team)
    followed.remove_bot(by=ana)
    wait_until(lambda: chat.listening_since("slack", team) > before, what="hearing of that")
    followed.post(ana, "two", quietly=True)
    followed.add_bot(by=ana)
    answer(server.slash(ana, followed, "summarize"))
    assert summariser.read[-1] == ["one", "two"]


def test_a_workspace_that_throws_the_bot_out_takes_all_that_is_stored_of_it(
    server, bot, workspace, followed, ana
):
    said(bot, followed, ana, "one")
    answer(server.slash(ana, followed, "summarize"))
    workspace.uninstall()
    chat = bot.frontend.context.chat
    wait_until(lambda: chat.known_servers("slack") == [], what="forgetting")
    assert chat.stored_of("slack", ana.person).messages == 0


def test_the_store_being_away_for_a_while_loses_nothing(server, bot, followed, ana, monkeypatch):
    """Of what is kept and of what is forgotten."""
    [one] = said(bot, followed, ana, "one")
    chat, down = bot.frontend.context.chat, True
    heard_spans, forget = chat.heard_spans, chat.forget_messages
    tried = []

    def failing(call):
        def called(*given):
            if down:
                tried.append(call.__name__)
                raise StoreError("down")
            return call(*given)

        return called

    monkeypatch.setattr(chat, "heard_spans", failing(heard_spans))
    monkeypatch.setattr(chat, "forget_messages", failing(forget))
    monkeypatch.setattr("bot.slack.following.AGAIN_AFTER", 0.05)
    monkeypatch.setattr("bot.deletions.AGAIN_AFTER", 0.05)
    followed.post(ana, "two")
    one.delete()
    wait_until(lambda: {"heard_spans", "forget_messages"} <= set(tried), what="a try")
    down = False
    wait_until(lambda: kept(bot, followed) == ["two"], what="both in the end")


def test_a_retried_event_changes_nothing(server, bot, followed, ana):
    said(bot, followed, ana, "one")
    event = next(e for e in server.events_of("message") if e.body["event"].get("text") == "one")
    again = server.resend(event)
    wait_until(lambda: again.acknowledged, what="the acknowledgement")
    said(bot, followed, ana, "two")
    assert kept(bot, followed) == ["one", "two"]


def test_words_stay_out_of_the_log(server, bot, followed, ana, caplog):
    said(bot, followed, ana, "xylophone")
    answer(server.slash(ana, followed, "summarize"))
    assert "xylophone" not in caplog.text


def test_of_every_workspace_whose_messages_are_let_go_it_is_known(bot, monkeypatch):
    following = Following(bot.frontend.context)
    monkeypatch.setattr("bot.slack.following.MOST_WAITING", 2)
    for team in ("T1", "T2", "T3"):
        following.hear(Said(team, "C1", {}))
    assert set(following._anew) == {"T1", "T2", "T3"}


@pytest.mark.parametrize("error", [UnreachableError, PlatformDownError])
def test_a_dead_workspace_keeps_no_shared_channel_from_others(
    bot, workspace, channel, monkeypatch, error
):
    events, heard, anew, gone = bot.bot.events, [], [], set()
    message = {"type": "message", "ts": "1700000000.000100", "text": "one", "user": "U1"}
    deletion = {"type": "message", "subtype": "message_deleted", "deleted_ts": message["ts"]}

    async def all_teams():
        return ["T0DEAD", "T0ALIVE"]

    async def shares(team, _channel):
        if team == "T0DEAD":
            raise error("down")
        return True

    monkeypatch.setattr(bot.workspaces, "all_teams", all_teams)
    monkeypatch.setattr(bot.bot.platform, "shares", shares)
    monkeypatch.setattr(events.following, "hear", lambda said: heard.append(said.team))
    monkeypatch.setattr(events.following, "listen_anew", anew.append)
    monkeypatch.setattr(events.deletions, "messages", gone.update)
    for event in (message, deletion):
        asyncio.run(events._shared(workspace.id, channel.id, event))
    assert heard == [workspace.id, "T0ALIVE"]
    assert anew == ["T0DEAD", "T0DEAD"]
    teams = (workspace.id, "T0DEAD", "T0ALIVE")
    assert gone == {message_id(team, channel.id, message["ts"]) for team in teams}
