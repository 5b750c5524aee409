"""What is read of a channel or a thread, in which order, and at how many calls."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.slack.kept import kept_message
from precis.ask import Wanted
from precis.store import ChatStore
from tests.bot.slack.adapters import Process, ago, asked, last, since
from tests.peers.slack import render
from tests.services import wait_until

HISTORY = "conversations.history"
REPLIES = "conversations.replies"


@pytest.fixture
def ana(workspace):
    return workspace.add_user("ana", "Ana")


@pytest.fixture
def ben(workspace):
    return workspace.add_user("ben", "Ben")


@pytest.fixture
def channel(workspace, ana, ben):
    return workspace.add_channel("algebra", members=[ana, ben])


@pytest.fixture
def settings(settings):
    """Pages of ten messages."""
    return settings.model_copy(update={"slack_page": 10})


@pytest.fixture
def process(server, workspace, settings, store):
    return Process(server, workspace, settings, store)


@pytest.fixture
def chat(store):
    return ChatStore(store)


def minutes(channel, user, *texts, start=60.0, thread=None, step=1.0):
    """Messages a minute apart, from so many minutes ago on."""
    return [
        channel.post(user, text, ago(minutes=start - number * step), thread, quietly=True)
        for number, text in enumerate(texts)
    ]


def numbered(count, name="m"):
    return [f"{name}{number}" for number in range(count)]


# Windows


def test_the_latest_are_read_page_by_page(process, server, channel, ana, ben):
    server.fill(channel, [ana, ben], numbered(45))
    assert process.read(asked(ana, channel, last(25))) == numbered(45)[20:]


def test_all_is_read_to_the_channels_beginning(process, server, channel, ana):
    server.fill(channel, [ana], numbered(45))
    assert process.read(asked(ana, channel)) == numbered(45)
    assert len(server.requests_to(HISTORY)) == 5


def test_an_empty_channel_has_nothing(process, channel, ana):
    assert process.read(asked(ana, channel)) == []


def test_a_window_ends_where_it_says_with_both_ends_in_it(process, server, channel, ana):
    sent = minutes(channel, ana, *numbered(40))
    wanted = since(sent[12].at, until=sent[21].at)
    assert process.read(asked(ana, channel, wanted)) == numbered(40)[12:22]


def test_from_a_message_on(process, channel, ana):
    sent = minutes(channel, ana, *numbered(30))
    assert process.read(asked(ana, channel, Wanted(after=sent[18].id))) == numbered(30)[18:]


def test_since_ones_own_last_message(process, channel, ana, ben):
    minutes(channel, ana, *numbered(15))
    minutes(channel, ben, "mine", start=40)
    minutes(channel, ana, "new", "newer", start=30)
    assert process.read(asked(ben, channel, Wanted(since_own=True))) == ["new", "newer"]


# Threads


def test_replies_are_read_where_they_were_sent(process, channel, ana, ben):
    first, _ = minutes(channel, ana, "a", "b", start=60)
    minutes(channel, ben, "under a", start=50, thread=first)
    minutes(channel, ana, "c", start=40)
    minutes(channel, ben, "later under a", start=30, thread=first)
    request = asked(ana, channel)
    assert process.read(request) == ["a", "b", "under a", "c", "later under a"]
    times = [each.time for each in process.heard(request)]
    assert times == sorted(times, reverse=True)


def test_a_reply_says_what_it_is_under(process, channel, ana, ben):
    [parent] = minutes(channel, ana, "question")
    [reply] = minutes(channel, ben, "answer", start=50, thread=parent)
    said = {each.id: each.message for each in process.heard(asked(ana, channel))}
    assert said[reply.id].reply_to == parent.id
    assert said[reply.id].thread == said[parent.id].thread == parent.id


def test_a_reply_sent_to_the_channel_too_is_read_once(process, channel, ana):
    [parent] = minutes(channel, ana, "a")
    channel.post(ana, "for all", ago(minutes=30), parent, broadcast=True, quietly=True)
    assert process.read(asked(ana, channel)) == ["a", "for all"]


def test_long_threads_are_read_whole(process, channel, ana):
    [parent] = minutes(channel, ana, "a")
    minutes(channel, ana, *numbered(35), start=50, thread=parent)
    assert process.read(asked(ana, channel)) == ["a", *numbered(35)]


def test_replies_in_the_window_under_what_was_written_before_it(process, channel, ana, ben):
    [parent] = minutes(channel, ana, "old question", start=100)
    minutes(channel, ana, *numbered(8), start=90)
    minutes(channel, ben, "too old", start=95, thread=parent)
    minutes(channel, ben, "new answer", start=20, thread=parent)
    [recent] = minutes(channel, ana, "recent", start=30)
    assert process.read(asked(ana, channel, since(recent.at))) == ["recent", "new answer"]


def test_replies_under_what_is_a_page_further_back(process, channel, ana, ben):
    old = minutes(channel, ana, *numbered(10), start=200)
    new = minutes(channel, ana, *numbered(10, "n"), start=100)
    minutes(channel, ben, "new answer", start=50, thread=old[4])
    assert process.read(asked(ana, channel, since(new[0].at))) == [*numbered(10, "n"), "new answer"]
    assert process.read(asked(ana, channel, last(11))) == [*numbered(10, "n"), "new answer"]


def test_threads_that_ended_before_the_window_are_not_read(process, server, channel, ana):
    old = minutes(channel, ana, *numbered(10), start=200)
    for each in old:
        minutes(channel, ana, "reply", start=150, thread=each)
    [recent] = minutes(channel, ana, "recent", start=30)
    assert process.read(asked(ana, channel, since(recent.at))) == ["recent"]
    assert server.requests_to(REPLIES) == []


def test_of_the_few_latest_no_more_threads_are_read_than_needed(process, server, channel, ana):
    for each in minutes(channel, ana, *numbered(40), start=300):
        minutes(channel, ana, f"under {each.text}", start=100, thread=each)
    minutes(channel, ana, *numbered(30, "n"), start=50)
    assert process.read(asked(ana, channel, last(3))) == ["n27", "n28", "n29"]
    assert server.requests_to(REPLIES) == []


def test_a_thread_is_read_alone(process, server, channel, ana, ben):
    first, _ = minutes(channel, ana, "a", "b")
    minutes(channel, ben, *numbered(25), start=50, thread=first)
    request = asked(ana, channel, thread=first)
    assert process.read(request) == ["a", *numbered(25)]
    assert process.read(asked(ana, channel, last(3), thread=first)) == numbered(25)[22:]
    assert server.requests_to(HISTORY) == []


def test_a_window_of_a_thread(process, channel, ana):
    [parent] = minutes(channel, ana, "a")
    replies = minutes(channel, ana, *numbered(25), start=50, thread=parent)
    wanted = since(replies[20].at)
    assert process.read(asked(ana, channel, wanted, thread=parent)) == numbered(25)[20:]


def test_a_thread_that_is_gone_says_nothing(process, channel, ana):
    [parent] = minutes(channel, ana, "a")
    parent.delete()
    assert process.read(asked(ana, channel, thread=parent)) == []


# Names


def test_people_groups_and_channels_are_called_by_their_names(
    process, workspace, channel, ana, ben
):
    group = workspace.add_group("Tutors", "tutors")
    other = workspace.add_channel("geometry")
    ben.rename("Benno")
    text = f"{ben.mention} {group.mention} <#{other.id}> <#{channel.id}>"
    minutes(channel, ana, text)
    [said] = process.heard(asked(ana, channel))
    assert said.message.author_name == "Ana"
    assert said.message.text == "Benno tutors #geometry #algebra"


def test_a_private_channels_name_is_not_told(process, workspace, channel, ana):
    secret = workspace.add_channel("secret-plan", private=True)
    minutes(channel, ana, f"in <#{secret.id}>")
    [text] = process.read(asked(ana, channel))
    assert "secret-plan" not in text


def test_people_are_asked_for_once(process, server, channel, ana, ben):
    server.fill(channel, [ana, ben], numbered(45))
    process.read(asked(ana, channel))
    assert len(server.requests_to("users.info")) == 2


def test_people_of_whom_nothing_is_told_do_not_matter(process, server, channel, ana):
    server.fill(channel, [ana], numbered(3))
    server.fail("users.info", times=10, error="user_not_visible")
    assert process.read(asked(ana, channel)) == numbered(3)


def test_a_stranger_is_named_with_their_own_workspace(process, server, channel, ana):
    ada = server.add_workspace("Elsewhere").add_user("ada", "Ada")
    channel.add(ada, quietly=True)
    minutes(channel, ada, "hello")
    [said] = process.heard(asked(ana, channel))
    assert said.author_id == ada.person
    assert said.message.author_name == "Ada"


# Limits


def test_too_many_calls_are_waited_for_and_nothing_is_lost(process, server, channel, ana, ben):
    sent = server.fill(channel, [ana, ben], 20)
    for each in sent[::10]:
        minutes(channel, ana, "reply", start=0.1, thread=each)
    server.restrict_history(page=15, seconds=0.5)
    server.rate_limit("users.info", times=1)
    assert len(process.read(asked(ana, channel))) == 22
    assert any(request.status == 429 for request in server.requests_to(REPLIES))


def test_nobody_asks_before_slack_lets_them(process, server, channel, ana):
    for each in minutes(channel, ana, *numbered(6)):
        minutes(channel, ana, "reply", start=10, thread=each)
    server.set_limit(REPLIES, 2, 1.0)
    process.read(asked(ana, channel))
    requests = server.requests_to(REPLIES)
    waits = [request for request in requests if request.status == 429]
    after = requests[requests.index(waits[0]) + 4 :]  # four were side by side
    assert after
    assert not any(request.early for request in after)


def test_progress_is_told_while_pages_come_slowly(process, server, channel, ana):
    server.fill(channel, [ana], 250)
    told = []

    async def progress(count):
        told.append(count)

    process.read(asked(ana, channel), on_progress=progress)
    assert told == sorted(told)
    assert len(told) > 2


def test_waiting_can_be_ended(process, server, channel, ana):
    server.fill(channel, [ana], 5)
    server.rate_limit(HISTORY, seconds=60, times=100)
    request = asked(ana, channel)

    async def work(platform):
        async def read():
            return [each async for each in platform.history(request)]

        reading = asyncio.create_task(read())
        await asyncio.to_thread(wait_until, lambda: server.requests_to(HISTORY))
        reading.cancel()
        await asyncio.wait([reading], timeout=5)
        return reading.cancelled()

    assert process.run(work)


# What is kept


def test_a_gathering_that_was_cut_short_goes_on_where_it_was(
    server, workspace, settings, store, channel, ana
):
    server.fill(channel, [ana], numbered(60))
    request = asked(ana, channel)

    async def cut_short(platform):
        history = platform.history(request)
        read = 0
        async for _ in history:
            read += 1
            if read == 35:
                break
        await history.aclose()

    Process(server, workspace, settings, store).run(cut_short)
    before = len(server.requests_to(HISTORY))
    assert Process(server, workspace, settings, store).read(request) == numbered(60)
    # One page for what is new, then those two of six that weren't read yet.
    assert len(server.requests_to(HISTORY)) - before == 3


def test_a_long_thread_goes_on_where_it_was(server, workspace, settings, store, channel, ana):
    [parent] = minutes(channel, ana, "a")
    minutes(channel, ana, *numbered(50), start=50, thread=parent, step=0.5)
    request = asked(ana, channel, thread=parent)

    async def cut_short(platform):
        async def read():
            return [each async for each in platform.history(request)]

        reading = asyncio.create_task(read())
        await asyncio.to_thread(wait_until, lambda: len(server.requests_to(REPLIES)) == 4)
        reading.cancel()
        await asyncio.wait([reading])

    server.set_limit(REPLIES, 3, 60)
    Process(server, workspace, settings, store).run(cut_short)
    server.lift_restrictions()
    before = len(server.requests_to(REPLIES))
    assert Process(server, workspace, settings, store).read(request) == ["a", *numbered(50)]
    assert len(server.requests_to(REPLIES)) - before < 4


def listening(chat, workspace):
    chat.listening("slack", workspace.id, ago(seconds=1))


def test_a_followed_channel_is_read_at_no_call(process, server, workspace, chat, channel, ana, ben):
    parent, *_ = server.fill(channel, [ana, ben], numbered(30), start=ago(hours=2))
    minutes(channel, ana, "reply", start=10, thread=parent)
    listening(chat, workspace)
    request = asked(ana, channel)
    first = process.read(request)
    calls = len(server.requests_to(HISTORY)), len(server.requests_to(REPLIES))
    assert process.read(asked(ana, channel)) == first == [*numbered(30), "reply"]
    assert process.read(asked(ana, channel, last(5))) == first[-5:]
    assert process.read(asked(ana, channel, thread=parent)) == ["m0", "reply"]
    assert (len(server.requests_to(HISTORY)), len(server.requests_to(REPLIES))) == calls


def test_what_was_heard_since_is_read_with_what_was_kept(
    process, server, workspace, chat, channel, ana
):
    server.fill(channel, [ana], numbered(5), start=ago(hours=2))
    listening(chat, workspace)
    process.read(asked(ana, channel))
    heard(chat, workspace, channel, channel.post(ana, "new"))
    calls = len(server.requests_to(HISTORY))
    assert process.read(asked(ana, channel)) == [*numbered(5), "new"]
    assert len(server.requests_to(HISTORY)) == calls


def heard(chat, workspace, channel, message):
    """As who listens keeps an event."""
    kept = kept_message(render.message(message), team=workspace.id, channel=channel.id)
    chat.keep_heard("slack", workspace.id, channel.id, [kept], None)


def test_after_a_gap_in_the_listening_a_channel_is_read_anew(
    process, server, workspace, chat, channel, ana, monkeypatch
):
    monkeypatch.setattr("bot.slack.kept.RESUMED", timedelta(0))
    sent = server.fill(channel, [ana], numbered(35), start=ago(hours=2))
    listening(chat, workspace)
    process.read(asked(ana, channel))
    sent[2].edit("changed")
    channel.post(ana, "missed")
    chat.listening("slack", workspace.id, datetime.now(UTC))
    expected = [*numbered(2), "changed", *numbered(35)[3:], "missed"]
    assert process.read(asked(ana, channel)) == expected


def test_what_was_missed_while_a_gathering_was_cut_short_is_read(
    process, server, workspace, chat, channel, ana
):
    server.fill(channel, [ana], numbered(35), start=ago(hours=2))
    listening(chat, workspace)
    process.read(asked(ana, channel))
    channel.post(ana, "missed")
    chat.listening("slack", workspace.id, datetime.now(UTC))
    assert process.read(asked(ana, channel)) == [*numbered(35), "missed"]


def test_where_nobody_listens_what_is_old_is_read_anew(process, server, channel, ana, monkeypatch):
    sent = server.fill(channel, [ana], numbered(35), start=ago(hours=2))
    process.read(asked(ana, channel))
    sent[2].edit("changed")
    monkeypatch.setattr("bot.slack.kept.RESUMED", timedelta(0))
    expected = [*numbered(2), "changed", *numbered(35)[3:]]
    assert process.read(asked(ana, channel)) == expected


def test_a_channel_is_followed_before_it_is_read(process, server, workspace, chat, channel, ana):
    server.fill(channel, [ana], numbered(5), start=ago(hours=2))
    listening(chat, workspace)
    hang = server.hang(HISTORY, after_effect=True)

    async def work(platform):
        async def read():
            return [each async for each in platform.history(asked(ana, channel))]

        reading = asyncio.create_task(read())
        await asyncio.to_thread(wait_until, lambda: hang.waiting)
        followed = chat.heard_spans("slack", workspace.id, channel.id)
        hang.release()
        await reading
        return followed

    assert process.run(work) != []


def test_what_was_said_between_two_windows_is_not_missed(
    process, server, workspace, chat, channel, ana
):
    sent = minutes(channel, ana, *numbered(50), start=100)
    listening(chat, workspace)
    process.read(asked(ana, channel, since(sent[5].at, until=sent[12].at)))
    process.read(asked(ana, channel, since(sent[40].at)))
    assert process.read(asked(ana, channel)) == numbered(50)


def test_what_was_kept_of_one_workspace_is_not_read_in_another(
    server, workspace, settings, store, channel, ana, ben
):
    twin = server.add_workspace("Twin", same_ids_as=workspace)
    twin.install()
    others = [twin.add_user(name, name.capitalize()) for name in ("eva", "finn")]
    theirs = twin.add_channel("secrets", members=others)
    assert (theirs.id, others[0].id) == (channel.id, ana.id)
    server.fill(channel, [ana], ["ours"])
    server.fill(theirs, others, ["theirs"])
    chat = ChatStore(store)
    for place in (workspace, twin):
        listening(chat, place)
    one = Process(server, workspace, settings, store)
    other = Process(server, twin, settings, store)
    for _ in range(2):
        assert one.read(asked(ana, channel)) == ["ours"]
        assert other.read(asked(others[0], theirs)) == ["theirs"]


def test_what_was_deleted_is_not_read_though_it_was_kept(
    process, server, workspace, chat, channel, ana
):
    sent = server.fill(channel, [ana], numbered(5), start=ago(hours=2))
    listening(chat, workspace)
    process.read(asked(ana, channel))
    chat.forget_heard("slack", workspace.id, [sent[1].id])
    assert process.read(asked(ana, channel)) == ["m0", "m2", "m3", "m4"]
