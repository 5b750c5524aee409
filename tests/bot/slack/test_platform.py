"""What Slack tells of people, places and workspaces, and what its outages are taken for."""

import asyncio

import pytest

from bot.platform import PlatformDownError, UnreachableError
from bot.slack.installing import make_flow
from precis.store import ChatStore
from tests.bot.slack.adapters import Process, ago, answer_to, ask_of, asked, command
from tests.bot.slack.serving import by_oauth


@pytest.fixture
def ana(workspace):
    return workspace.add_user("ana", "Ana", admin=True)


@pytest.fixture
def ben(workspace):
    return workspace.add_user("ben", "Ben")


@pytest.fixture
def channel(workspace, ana, ben):
    return workspace.add_channel("algebra", members=[ana, ben])


@pytest.fixture
def process(server, workspace, settings, store):
    return Process(server, workspace, settings, store)


async def nothing(message):
    """Note nothing of what is posted."""


def test_administrators_are_those_of_the_workspace_itself(process, server, workspace, ana, ben):
    elsewhere = server.add_workspace("Elsewhere")
    theirs = elsewhere.add_user("chief", owner=True)
    workspace.add_channel("shared", members=[ana, theirs])
    owner = workspace.add_user("owner", owner=True)

    async def work(platform):
        people = (ana, owner, ben, theirs)
        return [await platform.is_admin(workspace.id, person.id) for person in people]

    assert process.run(work) == [True, True, False, False]


def test_an_administrator_who_was_deactivated_is_none(process, workspace, ana):
    ana.deactivate()
    assert process.run(lambda platform: platform.is_admin(workspace.id, ana.id)) is False


def test_whether_places_are_still_there(process, workspace, ana):
    channel = workspace.add_channel("algebra", members=[ana])
    left = workspace.add_channel("left", members=[ana], bot=False)
    gone = workspace.add_channel("gone", members=[ana])
    thread = channel.post(ana, "a question")
    channel.post(ana, "an answer", thread=thread)
    gone.delete()

    async def work(platform):
        places = (
            None,
            channel.id,
            f"{channel.id}:{thread.ts}",
            left.id,
            gone.id,
            f"{channel.id}:1700000000.000100",
        )
        return [await platform.still_there(workspace.id, place) for place in places]

    assert process.run(work) == [True, True, True, True, False, False]


def test_what_cannot_be_known_just_now_is_not_gone(process, server, workspace, ana):
    channel = workspace.add_channel("algebra", members=[ana])
    server.fail("conversations.info", 503, times=100)

    async def work(platform):
        return (
            await platform.still_there(workspace.id, channel.id),
            await platform.still_there("T0ELSEWHERE"),
        )

    # Another bot on the same store may be the one that serves it.
    assert process.run(work) == (None, None)


def test_a_workspace_is_gone_once_its_token_was_ended(process, workspace):
    async def work(platform):
        before = await platform.still_there(workspace.id)
        workspace.revoke()
        return before, await platform.still_there(workspace.id)

    assert process.run(work) == (True, False)


@pytest.mark.parametrize("code", ["invalid_auth", "not_authed", "token_expired"])
def test_a_token_that_is_refused_for_now_forgets_nothing(process, server, workspace, code):
    async def work(platform):
        before = await platform.still_there(workspace.id)
        server.fail("auth.test", error=code, times=1)
        return before, await platform.still_there(workspace.id)

    assert process.run(work) == (True, None)


def answer(process, request):
    ask = ask_of(request)
    process.run(lambda platform: platform.answer(ask, answer_to(ask), nothing))


def test_names_are_told_escaped_of_whom_slack_tells_any(process, workspace, ana):
    hostile = workspace.add_user("x", "<!channel> *x*")

    async def work(platform):
        return await platform.names(workspace.id, [ana.id, hostile.id, "U0NOBODY"])

    names = process.run(work)
    assert names[ana.id] == "Ana"
    assert "<" not in names[hostile.id]
    assert "U0NOBODY" not in names


def test_which_channels_are_shared(process, server, workspace, ana, channel):
    shared = workspace.add_channel("shared", members=[ana])
    shared.add(server.add_workspace("Elsewhere").add_user("ada"), quietly=True)
    left = workspace.add_channel("left", members=[ana], bot=False)

    async def work(platform):
        channels = (channel, shared, left)
        return [await platform.shares(workspace.id, each.id) for each in channels]

    assert process.run(work) == [False, True, False]


# Outages


@pytest.mark.parametrize("status", [500, 503, None])
def test_an_outage_is_one_that_may_pass(process, server, channel, ana, status):
    request = asked(ana, channel, private=False)
    server.fail("chat.postMessage", status, times=10)
    with pytest.raises(PlatformDownError):
        answer(process, request)


@pytest.mark.parametrize("error", ["internal_error", "fatal_error", "service_unavailable"])
def test_so_is_trouble_of_slacks_own(process, server, channel, ana, error):
    server.fail("conversations.info", times=10, error=error)
    with pytest.raises(PlatformDownError):
        process.run(lambda platform: platform.refusal(asked(ana, channel)))


def test_a_response_url_that_fails_is_tried_again_later(process, server, channel, ana):
    request, _ = command(ana, channel)
    server.fail("response_url", 503, times=1)
    with pytest.raises(PlatformDownError):
        answer(process, request)


@pytest.mark.parametrize("how", ["uninstall", "revoke"])
def test_where_the_bot_was_thrown_out_nobody_can_be_reached(process, workspace, channel, ana, how):
    request = asked(ana, channel)

    async def work(platform):
        await platform.source(request)
        await asyncio.to_thread(getattr(workspace, how))
        ask = ask_of(request)
        with pytest.raises(UnreachableError):
            await platform.answer(ask, answer_to(ask), nothing)
        return await platform.still_there(workspace.id)

    assert process.run(work) is False


# Several workspaces


def test_workspaces_with_the_same_ids_are_never_mixed_up(server, settings, store, key):
    places = [server.add_workspace("One")]
    places.append(server.add_workspace("Two", same_ids_as=places[0]))
    people, channels = [], []
    for place, name in zip(places, ("Ana", "Eva"), strict=True):
        place.install()
        people.append(place.add_user(name.lower(), name))
        channels.append(place.add_channel(f"of-{name.lower()}", members=people[-1:]))
        server.fill(channels[-1], people[-1:], [f"{name} says"])
        ChatStore(store).listening("slack", place.id, ago(seconds=1))
    assert (people[0].id, channels[0].id) == (people[1].id, channels[1].id)
    stranger = people[1].person
    process = Process(server, places[0], settings, store)
    process.settings = by_oauth(settings, server, key)

    async def work(platform):
        await install(platform, process.settings, *places)
        requests = [asked(who, where) for who, where in zip(people, channels, strict=True)]
        heard = [
            [(each.message.author_name, each.message.text) async for each in platform.history(r)]
            for _ in range(2)
            for r in requests
        ]
        names = [(await platform.source(request)).name for request in requests]
        for request in requests:
            public = request.model_copy(update={"private": False, "key": "the same"})
            await platform.say(public, f"for {request.server}")
        channels[1].remove(people[1], quietly=True)
        refusals = [await platform.refusal(request, again=True) for request in requests]
        return heard, names, refusals

    heard, names, refusals = process.run(work)
    assert heard == 2 * [[("Ana", "Ana says")], [("Eva", "Eva says")]]
    assert names == ["of-ana", "of-eva"]
    assert (refusals[0], refusals[1]) == (None, "person_cannot_view")
    for place, channel in zip(places, channels, strict=True):
        assert [message.shown for message in channel.messages_by_bot] == [f"for {place.id}"]
    assert stranger != people[0].person


async def install(platform, settings, *places):
    workspaces = platform._workspaces
    await workspaces.open()
    flow = make_flow(settings, workspaces, workspaces.installations, platform._context.blocking)
    for place in places:
        code = place.consent(place.add_user("installer"))
        await flow.store_installation(None, await flow.run_installation(code))
