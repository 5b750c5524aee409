"""What digests read of a channel on Slack: nothing is missed, as far as that can be."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.slack import kept, pages
from bot.slack.digest_poster import SlackPoster
from bot.slack.ids import message_id
from bot.slack.kept import kept_message
from precis.ask import Wanted
from precis.store import ChatStore
from precis.window import Window
from tests.bot.slack.adapters import Process, ago, asked
from tests.peers.slack import render

HISTORY = "conversations.history"
REPLIES = "conversations.replies"
WALK = 2
"""Pages that are read anyway: one, and one before it."""


@pytest.fixture
def ana(workspace):
    return workspace.add_user("ana", "Ana")


@pytest.fixture
def channel(workspace, ana):
    return workspace.add_channel("algebra", members=[ana])


@pytest.fixture
def settings(settings):
    """Pages of twenty messages."""
    return settings.model_copy(update={"slack_page": 20})


@pytest.fixture
def process(server, workspace, settings, store):
    return Process(server, workspace, settings, store)


def since(**length):
    return Wanted(window=Window(since=ago(**length)), thorough=True)


@pytest.fixture
def old(server, channel, ana):
    """A hundred messages of two weeks ago, an hour apart."""
    start = ago(days=14)
    texts = [f"old {number}" for number in range(100)]
    return server.fill(channel, [ana], texts, start=start, step=timedelta(hours=1))


def reply(channel, ana, parent, text="reply", **length):
    return channel.post(ana, text, ago(**length or {"hours": 1}), parent, quietly=True)


def test_replies_in_threads_that_began_long_before_are_found(process, channel, ana, old):
    reply(channel, ana, old[30])
    reply(channel, ana, old[95])
    reply(channel, ana, old[40], "too old", days=2)
    channel.post(ana, "new", ago(minutes=5), quietly=True)
    assert process.read(asked(ana, channel, since(days=1))) == ["reply", "reply", "new"]


def test_who_waits_for_a_summary_does_not_wait_for_those(server, process, channel, ana, old):
    reply(channel, ana, old[30])
    channel.post(ana, "new", ago(minutes=5), quietly=True)
    wanted = since(days=1).model_copy(update={"thorough": False})
    assert process.read(asked(ana, channel, wanted)) == ["new"]
    assert len(server.requests_to(HISTORY)) == WALK


def test_no_more_is_looked_back_than_is_set(server, process, channel, ana, old, monkeypatch):
    monkeypatch.setattr(pages, "LOOKED_BACK", timedelta(days=12).total_seconds())
    reply(channel, ana, old[5])
    reply(channel, ana, old[60])
    assert process.read(asked(ana, channel, since(days=1))) == ["reply"]
    before = len(server.requests_to(HISTORY))
    monkeypatch.setattr(pages, "MOST_LOOKED_BACK", 1)
    process.read(asked(ana, channel, since(days=1)))
    assert len(server.requests_to(HISTORY)) - before == WALK + 1


def test_where_slack_gives_little_one_page_is_looked_back(server, process, channel, ana, old):
    server.restrict_history(per_minute=100)
    reply(channel, ana, old[90])
    assert process.read(asked(ana, channel, since(days=1))) == ["reply"]
    assert len(server.requests_to(HISTORY)) == WALK + 1


def test_threads_that_ended_before_are_not_read(server, process, channel, ana, old):
    for each in old[::10]:
        reply(channel, ana, each, days=3)
    assert process.read(asked(ana, channel, since(days=1))) == []
    assert server.requests_to(REPLIES) == []


def test_what_is_kept_does_not_hide_them(process, server, store, workspace, channel, ana, old):
    """A channel that was read by somebody who waited: what is kept is not quite all."""
    chat = ChatStore(store)
    chat.listening("slack", workspace.id, ago(days=20))
    reply(channel, ana, old[30])
    channel.post(ana, "new", ago(hours=2), quietly=True)
    wanted = since(days=1).model_copy(update={"thorough": False})
    assert process.read(asked(ana, channel, wanted)) == ["new"]
    assert process.read(asked(ana, channel, since(days=1))) == ["new", "reply"]


def test_what_was_not_heard_yet_is_asked_for(process, store, workspace, channel, ana):
    """Slack tells of messages in any order; a later one is here, an earlier one on its way."""
    chat, now = ChatStore(store), datetime.now(UTC)
    chat.listening("slack", workspace.id, ago(days=20))
    first = channel.post(ana, "first", ago(minutes=2), quietly=True)
    second = channel.post(ana, "second", ago(minutes=1), quietly=True)
    first_kept = kept_message(render.message(second), team=workspace.id, channel=channel.id)
    covers = (ago(days=3).timestamp(), ago(minutes=3).timestamp())
    chat.keep_heard("slack", workspace.id, channel.id, [first_kept], covers, read_at=now)
    assert process.read(asked(ana, channel, since(days=1))) == ["first", "second"]
    assert first.ts < second.ts


def test_a_reply_that_comes_while_it_reads_is_left_to_the_next(
    server, process, channel, ana, monkeypatch
):
    """Else the next digest would go on after it, and miss what came to the channel before."""
    parent = channel.post(ana, "question", ago(hours=1), quietly=True)
    reply(channel, ana, parent, "answer", minutes=50)
    read_thread = pages.Pages.thread

    async def meanwhile(self, ts, oldest):
        channel.post(ana, "missed by the page", quietly=True)
        channel.post(ana, "late", thread=parent, quietly=True)
        return await read_thread(self, ts, oldest)

    monkeypatch.setattr(pages.Pages, "thread", meanwhile)
    assert process.read(asked(ana, channel, since(days=1))) == ["question", "answer"]
    monkeypatch.undo()
    read = process.read(asked(ana, channel, since(days=1)))
    assert read == ["question", "answer", "missed by the page", "late"]


@pytest.mark.parametrize("where", ["channel", "first of a thread", "reply"])
def test_one_message_is_read_again_with_one_call(
    server, process, channel, ana, old, where, monkeypatch
):
    """What a digest left open, of which nobody told what became of it."""
    monkeypatch.setattr(kept, "RESUMED", timedelta(0))  # as long after
    message = old[50]
    if where != "channel":
        answer = reply(channel, ana, message)
        message = answer if where == "reply" else message
    key = message_id(channel.workspace.id, channel.id, message.ts)
    everything = asked(ana, channel, since(days=30))
    [known] = [each.message for each in process.heard(everything) if each.id == key]
    request = asked(ana, channel)

    def as_now():
        before = len(reads(server))
        now = process.run(
            lambda platform: SlackPoster(platform._workspaces, platform).as_now(request, known)
        )
        assert len(reads(server)) == before + 1
        return now

    assert as_now() == known
    message.edit("edited")
    assert as_now().text == "edited"
    message.delete()
    assert as_now() is None


def reads(server):
    return [*server.requests_to(HISTORY), *server.requests_to(REPLIES)]
