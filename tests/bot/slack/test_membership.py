"""Who is told what a channel says: who is in it, of where the bot is too."""

import pytest

from bot.platform import Refusal
from bot.slack import membership
from tests.bot.slack.adapters import Process, asked


@pytest.fixture
def process(server, workspace, settings, store):
    return Process(server, workspace, settings, store)


@pytest.fixture
def ana(workspace):
    return workspace.add_user("ana", admin=True)


@pytest.fixture
def ben(workspace):
    return workspace.add_user("ben")


def refusal(process, request):
    async def work(platform):
        first = await platform.refusal(request)
        assert await platform.refusal(request, again=True) == first
        return first

    return process.run(work)


def source(process, request):
    return process.run(lambda platform: platform.source(request))


@pytest.mark.parametrize("private", [False, True])
def test_who_is_in_a_channel_with_the_bot_is_told(process, workspace, ana, ben, private):
    channel = workspace.add_channel("algebra", private=private, members=[ana, ben])
    assert refusal(process, asked(ben, channel)) is None


@pytest.mark.parametrize("private", [False, True])
def test_who_is_not_in_it_is_refused_whoever_they_are(process, workspace, ana, ben, private):
    channel = workspace.add_channel("algebra", private=private, members=[ben])
    assert refusal(process, asked(ana, channel)) is Refusal.PERSON_CANNOT_VIEW


@pytest.mark.parametrize("private", [False, True])
def test_a_channel_without_the_bot_is_refused(process, workspace, ana, private):
    channel = workspace.add_channel("algebra", private=private, members=[ana], bot=False)
    assert refusal(process, asked(ana, channel)) is Refusal.BOT_NOT_INVITED


def test_a_channel_without_the_bot_is_told_of_by_what_pings_nobody(process, workspace, ana):
    channel = workspace.add_channel("algebra", private=True, members=[ana], bot=False)
    found = source(process, asked(ana, channel))
    assert found.shown == f"<#{channel.id}>"
    assert "algebra" not in found.name


def test_a_channel_is_called_by_its_name(process, workspace, ana):
    channel = workspace.add_channel("algebra", members=[ana])
    found = source(process, asked(ana, channel))
    assert (found.name, found.shown, found.within, found.parent) == (
        "algebra", f"<#{channel.id}>", (channel.id,), None,
    )  # fmt: skip


def test_a_thread_is_within_its_channel_and_as_it(process, workspace, ana, ben):
    channel = workspace.add_channel("algebra", members=[ana])
    request = asked(ana, channel, thread=channel.post(ana, "a question"))
    found = source(process, request)
    assert found.within == (request.source, channel.id)
    assert found.parent == channel.id
    assert refusal(process, request) is None
    theirs = request.model_copy(update={"person": ben.person})
    assert refusal(process, theirs) is Refusal.PERSON_CANNOT_VIEW


def test_an_archived_channel_is_readable(process, workspace, ana):
    channel = workspace.add_channel("algebra", members=[ana])
    channel.archive()
    assert refusal(process, asked(ana, channel)) is None


def test_who_was_deactivated_is_refused(process, workspace, ana, ben):
    channel = workspace.add_channel("algebra", members=[ana, ben])
    ben.deactivate()
    assert refusal(process, asked(ben, channel)) is Refusal.PERSON_CANNOT_VIEW


def test_direct_messages_with_the_bot_are_nothing_to_read(process, workspace, ana):
    channel = workspace.add_dm(ana)
    assert source(process, asked(ana, channel)) is Refusal.DIRECT_MESSAGES
    assert refusal(process, asked(ana, channel)) is Refusal.DIRECT_MESSAGES


def test_a_guest_is_told_of_their_channel_alone(process, workspace, ana):
    guest = workspace.add_user("guest", guest=True)
    theirs = workspace.add_channel("theirs", members=[ana, guest])
    other = workspace.add_channel("other", members=[ana])
    assert refusal(process, asked(guest, theirs)) is None
    assert refusal(process, asked(guest, other)) is Refusal.PERSON_CANNOT_VIEW


def test_a_stranger_is_told_of_a_shared_channel_they_are_in(process, server, workspace, ana):
    elsewhere = server.add_workspace("Elsewhere")
    ada, bob = elsewhere.add_user("ada"), elsewhere.add_user("bob")
    shared = workspace.add_channel("shared", members=[ana, ada])
    other = workspace.add_channel("other", members=[ana, bob])
    request = asked(ada, shared)
    assert refusal(process, request) is None
    assert refusal(process, asked(ada, other)) is Refusal.PERSON_CANNOT_VIEW
    assert refusal(process, asked(bob, shared)) is Refusal.PERSON_CANNOT_VIEW


def test_of_a_large_channel_the_persons_channels_are_looked_through(
    process, server, workspace, ana, ben, monkeypatch
):
    monkeypatch.setattr(membership, "AT_ONCE", 3)
    crowd = [workspace.add_user(f"user{number}") for number in range(10)]
    for number in range(7):
        workspace.add_channel(f"other{number}", members=[ana, ben])
    large = workspace.add_channel("large", members=[*crowd, ana])
    assert refusal(process, asked(ana, large)) is None
    assert refusal(process, asked(ben, large)) is Refusal.PERSON_CANNOT_VIEW
    assert server.requests_to("conversations.members") == []
    assert len(server.requests_to("users.conversations")) > 6


def test_a_stranger_in_a_large_channel_is_found(process, server, workspace, ana, monkeypatch):
    monkeypatch.setattr(membership, "AT_ONCE", 3)
    ada = server.add_workspace("Elsewhere").add_user("ada")
    crowd = [workspace.add_user(f"user{number}") for number in range(10)]
    shared = workspace.add_channel("shared", members=[*crowd, ana, ada])
    assert refusal(process, asked(ada, shared)) is None
    assert server.requests_to("users.conversations") == [], "Slack lists none of strangers"


def test_who_was_removed_meanwhile_is_refused_before_an_answer_is_shown(
    process, server, workspace, ana, ben
):
    channel = workspace.add_channel("algebra", members=[ana, ben])
    request = asked(ben, channel)

    async def work(platform):
        assert await platform.refusal(request) is None
        channel.remove(ben, quietly=True)
        assert await platform.refusal(request) is None, "it is remembered for a moment"
        return await platform.refusal(request, again=True)

    assert process.run(work) is Refusal.PERSON_CANNOT_VIEW


def test_a_bot_that_was_removed_meanwhile_shows_no_answer(process, workspace, ana):
    channel = workspace.add_channel("algebra", members=[ana])
    request = asked(ana, channel)

    async def work(platform):
        assert await platform.refusal(request) is None
        channel.remove_bot()
        return await platform.refusal(request, again=True)

    assert process.run(work) is Refusal.BOT_NOT_INVITED


def test_what_was_told_is_not_asked_for_again_at_once(process, server, workspace, ana):
    channel = workspace.add_channel("algebra", members=[ana])
    request = asked(ana, channel)

    async def work(platform):
        for _ in range(5):
            await platform.source(request)
            await platform.refusal(request)

    process.run(work)
    assert len(server.requests_to("conversations.info")) == 1
    assert len(server.requests_to("conversations.members")) == 1


@pytest.mark.parametrize(
    ("place", "fits"), [("{0}", True), ("{0}:1700000000.000100", True), ("{1}", False)]
)
def test_an_answer_for_all_fits_the_very_channel_alone(process, workspace, ana, place, fits):
    algebra, other = (workspace.add_channel(name, members=[ana]) for name in ("algebra", "other"))
    request = asked(ana, algebra, place=place.format(algebra.id, other.id))
    assert process.run(lambda platform: platform.audience_fits(request)) is fits


def test_a_shared_channel_that_the_bot_is_asked_into_is_known_soon(
    process, server, workspace, ana, monkeypatch
):
    monkeypatch.setattr(membership, "FRESH", 0.0)
    ada = server.add_workspace("Elsewhere").add_user("ada")
    channel = workspace.add_channel("shared", members=[ana, ada], bot=False)

    async def work(platform):
        before = await platform.shares(workspace.id, channel.id)
        channel.add_bot(by=ana)
        return before, await platform.shares(workspace.id, channel.id)

    assert process.run(work) == (False, True)
