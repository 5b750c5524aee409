"""How digests are posted on Slack: once each, in a channel or in direct messages."""

import pytest

from bot.digests.poster import UnwritableError
from bot.platform import PlatformDownError
from bot.slack.digest_poster import SlackPoster
from bot.slack.digest_posting import EVENT
from tests.bot.slack.adapters import Process
from tests.bot.slack.digest_views import (
    TITLE,
    Notes,
    channel_target,
    digest,
    hostile,
    long,
    person_target,
)

POST = "chat.postMessage"


@pytest.fixture
def ana(workspace):
    return workspace.add_user("ana", admin=True)


@pytest.fixture
def channel(workspace, ana):
    return workspace.add_channel("digests", members=[ana])


@pytest.fixture
def process(server, workspace, settings, store):
    return Process(server, workspace, settings, store)


@pytest.fixture
def posts(process, workspace):
    return Posts(process, workspace)


@pytest.fixture(params=["channel", "direct messages"])
def place(request, workspace, channel, ana):
    """A target, and the conversation that it is."""
    if request.param == "channel":
        return channel_target(channel), channel
    return person_target(ana), workspace.add_dm(ana)


class Posts:
    """Posts as a use case does; each time as another process, which remembers nothing."""

    def __init__(self, process, workspace):
        self._process = process
        self._workspace = workspace
        self.notes = Notes()

    def run(self, work):
        async def ran(platform):
            return await work(SlackPoster(platform._workspaces, platform))

        return self._process.run(ran)

    def __call__(self, target, view):
        noted = tuple(self.notes.ids)
        self.run(lambda it: it.post(self._workspace.id, target, view, noted, self.notes))

    def dying(self, target, view, number):
        """Until just after a message is posted, which isn't noted."""
        self.notes.dies_at = number
        with pytest.raises(KeyboardInterrupt):
            self(target, view)

    def tell(self, person, text="Paused.", key="k1"):
        self.run(lambda it: it.tell(self._workspace.id, person.person, text, key))


def numbers(messages):
    """Which of the digest's parts they are."""
    return [each.metadata["event_payload"]["part"] for each in messages]


def test_a_short_digest_is_one_message(posts, place):
    target, there = place
    posts(target, digest(2))
    [message] = there.messages_by_bot
    assert TITLE in message.shown
    assert "1 said" in message.shown
    assert [each["text"]["text"] for each in message.buttons] == ["My digests"]
    assert message.metadata["event_type"] == EVENT
    assert posts.notes.ids == [message.id]


def test_a_long_digest_is_a_message_and_its_thread(posts, place):
    target, there = place
    posts(target, long())
    first, *replies = there.messages_by_bot
    assert "all of it" in first.shown
    assert len(replies) > 1
    assert {each.thread_ts for each in replies} == {first.ts}
    assert "39 said" in replies[-1].shown
    assert posts.notes.ids == [each.id for each in (first, *replies)]
    assert numbers(there.messages_by_bot) == list(range(len(replies) + 1))


def test_nothing_is_unfurled_or_pings(server, posts, channel):
    posts(channel_target(channel), hostile())
    for request in server.requests_to(POST):
        assert request.args["unfurl_links"] in {False, "0", "false"}
        assert request.args["parse"] == "none"
        assert request.args["link_names"] in {False, "0", "false"}
    [message] = channel.messages_by_bot
    assert "<!channel>" not in message.text


@pytest.mark.parametrize("view", [digest(1), long()], ids=["short", "long"])
@pytest.mark.parametrize("number", [0, 1])
def test_what_was_posted_and_not_noted_is_found_again(posts, place, view, number):
    target, there = place
    if number and len(view.sections) == 1:
        return
    posts.dying(target, view, number)
    posts(target, view)
    assert numbers(there.messages_by_bot) == list(range(len(there.messages_by_bot)))
    assert posts.notes.ids == [each.id for each in there.messages_by_bot]


@pytest.mark.parametrize("nth", [0, 1])
def test_where_slacks_answer_is_lost_it_is_posted_once(server, posts, place, nth):
    target, there = place
    if nth:
        posts.dying(target, long(), 0)
    server.fail(POST, None, times=1, after_effect=True)
    with pytest.raises(PlatformDownError):
        posts(target, long())
    posts(target, long())
    assert numbers(there.messages_by_bot) == list(range(len(there.messages_by_bot)))
    assert len(posts.notes.ids) == len(there.messages_by_bot)


def test_where_nothing_was_posted_it_is_posted_later(server, posts, channel):
    server.fail(POST, 503, times=1)
    with pytest.raises(PlatformDownError):
        posts(channel_target(channel), digest())
    posts(channel_target(channel), digest())
    assert len(channel.messages_by_bot) == 1


def test_what_was_noted_is_not_posted_again(posts, place):
    target, there = place
    for view in (digest(), long(key="d2" * 16)):
        posts.notes.ids.clear()
        before = len(there.messages_by_bot)
        posts(target, view)
        after = len(there.messages_by_bot)
        posts(target, view)
        assert len(there.messages_by_bot) == after > before


def test_two_digests_are_two(posts, channel):
    posts(channel_target(channel), digest())
    posts.notes.ids.clear()
    posts(channel_target(channel), digest(key="d2" * 16))
    assert len(channel.messages_by_bot) == 2


def test_one_that_got_shorter_meanwhile_goes_on_as_it_began(posts, channel):
    posts.dying(channel_target(channel), long(), 1)
    posts(channel_target(channel), digest(2))
    assert len(channel.messages_by_bot) == 2
    assert len(posts.notes.ids) == 2


def test_one_that_got_longer_meanwhile_stays_as_it_is(posts, channel):
    posts.dying(channel_target(channel), digest(2), 0)
    posts(channel_target(channel), long())
    assert len(channel.messages_by_bot) == len(posts.notes.ids) == 1


def test_below_a_deleted_digest_nothing_follows(posts, channel):
    posts.dying(channel_target(channel), long(), 1)
    channel.messages_by_bot[0].delete()
    before = len(channel.messages)
    posts(channel_target(channel), long())
    assert len(channel.messages) == before


def test_anothers_message_with_the_same_mark_is_not_taken_for_it(posts, workspace, channel):
    other = workspace.add_bot("other")
    payload = {"key": digest().key, "part": 0, "parts": 1}
    mark = {"event_type": EVENT, "event_payload": payload}
    channel.post(other, "fake", metadata=mark)
    posts(channel_target(channel), digest())
    assert len(channel.messages_by_bot) == 1


def test_too_many_calls_are_waited_for(server, posts, channel):
    server.rate_limit(POST, 1.0)
    posts(channel_target(channel), digest())
    assert len(channel.messages_by_bot) == 1


def gone(channel):
    channel.delete()


def archived(channel):
    channel.archive()


def without_bot(channel):
    channel.remove_bot()


@pytest.mark.parametrize("happens", [gone, archived, without_bot])
@pytest.mark.parametrize("begun", [False, True])
def test_where_it_may_not_write_it_says_so(posts, workspace, channel, happens, begun):
    target = channel_target(channel)
    if begun:
        posts.dying(target, long(), 2)
    happens(channel)
    assert not posts.run(lambda it: it.may_write(workspace.id, target))
    with pytest.raises(UnwritableError):
        posts(target, long())


def test_it_may_write_where_it_is(posts, workspace, channel, ana):
    for target in (channel_target(channel), person_target(ana)):
        assert posts.run(lambda it, to=target: it.may_write(workspace.id, to))


def test_who_is_gone_cannot_be_written_to(posts, ana):
    ana.deactivate()
    with pytest.raises(UnwritableError):
        posts(person_target(ana), digest())
    with pytest.raises(UnwritableError):
        posts.tell(ana)


def test_somebody_is_told_once(server, posts, workspace, ana):
    server.fail(POST, None, times=1, after_effect=True)
    with pytest.raises(PlatformDownError):
        posts.tell(ana, "Your digest of <#C1> is paused.")
    posts.tell(ana, "Your digest of <#C1> is paused.")
    posts.tell(ana, "Something else.", "k2")
    shown = [each.shown for each in workspace.add_dm(ana).messages_by_bot]
    assert shown == ["Your digest of <#C1> is paused.", "Something else."]


def test_where_it_may_not_look_into_direct_messages_it_goes_on_after_what_was_noted(
    server, posts, workspace, ana
):
    """An older installation has no such scope."""
    workspace.install([each for each in server.app.scopes if each != "im:history"])
    posts.dying(person_target(ana), long(), 2)
    posts(person_target(ana), long())
    there = workspace.add_dm(ana).messages_by_bot
    assert numbers(there)[:2] == [0, 1]
    assert numbers(there).count(2) == 2  # Slack has no other way to know it again
    assert len(posts.notes.ids) == len(there) - 1


def test_while_slack_is_down_it_says_so(server, posts, workspace, channel):
    server.fail("conversations.info", 200, error="fatal_error")
    with pytest.raises(PlatformDownError):
        posts.run(lambda it: it.bot_refusal(workspace.id, channel.id))


def test_where_the_workspace_has_thrown_it_out_that_is_no_refusal(posts, workspace, channel):
    """Else a wrong token would end all digests."""

    async def work(poster):
        assert await poster.bot_refusal(workspace.id, channel.id) is None
        workspace.uninstall()
        await poster.bot_refusal(workspace.id, channel.id)

    with pytest.raises(PlatformDownError):
        posts.run(work)
