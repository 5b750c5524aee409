"""Who may read a digest's channels on Slack: the bot, a reader, all who read another channel."""

import asyncio
import time

import pytest

from bot.platform import Refusal
from bot.slack import digest_audience, digest_poster
from bot.slack.digest_poster import SlackPoster
from precis.ask import Place
from tests.bot.slack.adapters import Process, ago


@pytest.fixture
def ana(workspace):
    return workspace.add_user("ana", admin=True)


@pytest.fixture
def ben(workspace):
    return workspace.add_user("ben")


@pytest.fixture
def guest(workspace):
    return workspace.add_user("guest", guest="multi")


@pytest.fixture
def ask(server, workspace, settings, store):
    """Asks a poster something, in a process of its own."""
    process = Process(server, workspace, settings, store)

    def asked(work):
        async def ran(platform):
            return await work(SlackPoster(platform._workspaces, platform))

        return process.run(ran)

    return asked


@pytest.fixture
def fits(ask, workspace):
    def asked(source, target):
        return ask(lambda it: it.all_may_read(workspace.id, source.id, target.id))

    return asked


@pytest.fixture
def public(workspace, ana):
    return workspace.add_channel("algebra", members=[ana])


@pytest.fixture
def private(workspace, ana):
    return workspace.add_channel("tutors", members=[ana], private=True)


def test_a_channel_is_one_place(ask, workspace, public):
    [place] = ask(lambda it: it.places(workspace.id, public.id, ago(days=1)))
    assert place == Place(server=workspace.id, place=public.id)


def test_where_the_bot_is_not_there_is_no_place(ask, workspace, public):
    public.remove_bot()
    assert ask(lambda it: it.places(workspace.id, public.id, ago(days=1))) == ()
    assert ask(lambda it: it.bot_refusal(workspace.id, public.id)) is Refusal.BOT_NOT_INVITED
    assert ask(lambda it: it.places(workspace.id, "no such place", ago(days=1))) == ()


def test_who_reads_is_asked_anew_each_time(ask, workspace, public, ana, ben):
    async def work(poster):
        public.add(ben, quietly=True)
        first = await poster.reader_refusal(workspace.id, public.id, ben.person)
        public.remove(ben, quietly=True)
        second = await poster.reader_refusal(workspace.id, public.id, ben.person)
        before = await poster.bot_refusal(workspace.id, public.id)
        public.remove_bot()
        return first, second, before, await poster.bot_refusal(workspace.id, public.id)

    assert ask(work) == (None, Refusal.PERSON_CANNOT_VIEW, None, Refusal.BOT_NOT_INVITED)


@pytest.mark.parametrize("person", ["nobody", "T1", "", "T1/U1/x"])
def test_who_is_nobody_reads_nothing(ask, workspace, public, person):
    assert ask(lambda it: it.reader_refusal(workspace.id, public.id, person)) is not None


def test_too_many_calls_are_waited_for(server, ask, workspace, public, ana):
    """More often than the client itself does."""
    server.rate_limit("conversations.members", 1.0, times=3)
    assert ask(lambda it: it.reader_refusal(workspace.id, public.id, ana.person)) is None


def test_people_come_first_at_slacks_limits(ask, workspace, public, monkeypatch):
    """A thousand digests that are due at once don't use up what a workspace may be asked."""
    monkeypatch.setattr(digest_poster, "A_SECOND", 10.0)
    monkeypatch.setattr(digest_poster, "AT_ONCE", 2)

    async def work(poster):
        begun = time.monotonic()
        await asyncio.gather(*(poster.bot_refusal(workspace.id, public.id) for _ in range(6)))
        return time.monotonic() - begun

    assert ask(work) >= 0.4


@pytest.mark.parametrize("is_private", [False, True])
def test_a_channel_fits_itself(fits, workspace, ana, guest, is_private):
    channel = workspace.add_channel("x", members=[ana, guest], private=is_private)
    assert fits(channel, channel)
    channel.remove_bot()
    assert not fits(channel, channel)


@pytest.mark.parametrize("is_private", [False, True])
def test_what_is_public_everybody_may_read_but_guests(
    fits, workspace, public, ben, guest, is_private
):
    target = workspace.add_channel("digests", members=[ben], private=is_private)
    assert fits(public, target)
    target.add(guest, quietly=True)
    assert not fits(public, target)
    public.add(guest, quietly=True)
    assert fits(public, target)


def test_what_is_private_its_members_alone_may_read(fits, workspace, private, ana, ben):
    target = workspace.add_channel("staff", members=[ana], private=True)
    assert fits(private, target)
    target.add(ben, quietly=True)
    assert not fits(private, target)


def test_what_is_private_does_not_fit_what_everybody_may_open(fits, workspace, private, ana):
    target = workspace.add_channel("digests", members=[ana])
    assert not fits(private, target)


def test_another_apps_bot_reads_too(fits, workspace, private, ana):
    target = workspace.add_channel("staff", members=[ana, workspace.add_bot("x")], private=True)
    assert not fits(private, target)


def test_group_messages_are_as_private_channels(fits, workspace, ana, ben, private):
    group = workspace.add_group_dm([ana, ben])
    private.add(ben, quietly=True)
    assert fits(group, private)
    private.add(workspace.add_user("chen"), quietly=True)
    assert not fits(group, private)
    assert fits(private, group)


def test_channels_that_workspaces_share_fit_none_but_those_of_fewer_people(
    fits, server, workspace, public, ana, ben
):
    ada = server.add_workspace("Elsewhere").add_user("ada")
    shared = workspace.add_channel("shared", members=[ana, ada])
    assert not fits(public, shared)
    assert not fits(shared, public)
    assert fits(shared, workspace.add_channel("few", members=[ana], private=True))
    assert not fits(shared, workspace.add_channel("more", members=[ana, ben], private=True))


@pytest.mark.parametrize("which", ["source", "target"])
def test_where_the_bot_is_not_nothing_fits(fits, workspace, public, ana, which):
    other = workspace.add_channel("digests", members=[ana])
    (public if which == "source" else other).remove_bot()
    assert not fits(public, other)


def test_places_that_are_none_fit_nothing(ask, workspace, public):
    assert not ask(lambda it: it.all_may_read(workspace.id, "?", public.id))
    assert not ask(lambda it: it.all_may_read(workspace.id, public.id, "C0NOWHERE"))


def test_who_cannot_be_known_may_not(server, fits, workspace, public, ben):
    target = workspace.add_channel("digests", members=[ben])
    server.fail("users.info", 200, error="user_not_visible")
    assert not fits(public, target)


def test_of_many_people_all_of_the_workspaces_are_looked_through(
    server, fits, workspace, public, guest, monkeypatch
):
    monkeypatch.setattr(digest_audience, "FEW", 3)
    monkeypatch.setattr(digest_audience, "A_PAGE", 4)
    monkeypatch.setattr(digest_audience, "MOST_MEMBERS", 4)
    crowd = [workspace.add_user(f"user{number}") for number in range(10)]
    target = workspace.add_channel("digests", members=crowd)
    assert fits(public, target)
    assert server.requests_to("users.info") == []
    target.add(guest, quietly=True)
    assert not fits(public, target)


def test_more_members_than_can_be_counted_do_not_fit(fits, workspace, public, monkeypatch):
    monkeypatch.setattr(digest_audience, "MOST_MEMBERS", 2)
    monkeypatch.setattr(digest_audience, "MOST_PAGES", 2)
    crowd = [workspace.add_user(f"user{number}") for number in range(6)]
    assert not fits(public, workspace.add_channel("digests", members=crowd))


def test_who_is_a_guest_is_remembered(server, ask, workspace, public, ben):
    target = workspace.add_channel("digests", members=[ben])

    async def work(poster):
        for _ in range(3):
            assert await poster.all_may_read(workspace.id, public.id, target.id)

    ask(work)
    assert len(server.requests_to("users.info")) == 1


def test_channels_are_shown_by_what_pings_nobody(ask, workspace, public):
    assert ask(lambda it: it.place(workspace.id, public.id)) == f"<#{public.id}>"
    assert ask(lambda it: it.place(workspace.id, f"{public.id}:1.000001")) == f"<#{public.id}>"
    assert ask(lambda it: it.place(workspace.id, "<!channel>")) == "…"
