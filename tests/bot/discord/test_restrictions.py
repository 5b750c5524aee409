"""What a server's managers and the operator restrict."""

import pytest

from precis.settings import load_settings
from tests.bot.discord.managing import change
from tests.bot.discord.serving import answered, bot_running
from tests.peers.discord_server import Permission


@pytest.fixture
def maths(guild):
    return guild.add_category("maths")


@pytest.fixture
def calculus(server, guild, maths, people):
    channel = guild.add_text_channel("calculus", maths)
    server.fill(channel, people, ["one", "two"])
    return channel


@pytest.fixture
def limits(server, calculus, people):
    thread = calculus.add_thread("limits", owner=people[0])
    server.fill(thread, people, ["one", "two"])
    return thread


def test_a_channel_that_is_never_read(server, bot, guild, calculus, people):
    change(bot, guild, never_read=(str(calculus.id),))
    answer = answered(server.slash(people[1], calculus, "summarize"))
    assert answer.content == (f"This server's managers don't let Précis read {calculus.mention}.")
    assert server.history_requests(calculus) == []


@pytest.mark.parametrize("closed", ["calculus", "maths", "limits"])
def test_a_thread_of_what_is_never_read(server, bot, guild, request, limits, people, closed):
    change(bot, guild, never_read=(str(request.getfixturevalue(closed).id),))
    answer = answered(server.slash(people[1], limits, "summarize"))
    assert "managers don't let Précis read" in answer.content
    assert server.history_requests(limits) == []


def test_a_channel_in_a_category_that_is_never_read(server, bot, guild, maths, calculus, people):
    change(bot, guild, never_read=(str(maths.id),))
    answer = answered(server.slash(people[1], calculus, "catchup"))
    assert "managers don't let Précis read" in answer.content


def test_a_post_of_a_forum_that_is_never_read(server, bot, guild, people):
    forum = guild.add_forum("questions")
    post = forum.add_post("How?", "How does it work?", people[0])
    change(bot, guild, never_read=(str(forum.id),))
    answer = answered(server.slash(people[1], post, "summarize"))
    assert "managers don't let Précis read" in answer.content


def test_managers_are_refused_too_what_is_never_read(server, bot, guild, calculus, people):
    change(bot, guild, never_read=(str(calculus.id),))
    answer = answered(server.slash(guild.owner, calculus, "summarize"))
    assert "managers don't let Précis read" in answer.content


def test_other_channels_are_read(server, bot, guild, calculus, algebra, people):
    change(bot, guild, never_read=(str(calculus.id),))
    assert answered(server.slash(people[1], algebra, "summarize")).embeds


def test_only_some_roles_may_ask(server, bot, guild, calculus, people):
    tutors = guild.add_role("Tutors")
    guild.members[people[1].id].add_role(tutors)
    change(bot, guild, roles=(str(tutors.id),))
    assert answered(server.slash(people[1], calculus, "summarize")).embeds
    refused = answered(server.slash(people[2], calculus, "summarize"))
    assert refused.content == "This server's managers let only some roles ask Précis."


def test_who_may_manage_the_server_may_always_ask(server, bot, guild, calculus, people):
    change(bot, guild, roles=("1",))
    managers = guild.add_role("Managers", permissions=Permission.MANAGE_GUILD)
    guild.members[people[1].id].add_role(managers)
    assert answered(server.slash(people[1], calculus, "summarize")).embeds


def test_a_person_who_asks_too_often_is_told_how_long_to_wait(server, guild, tmp_path, store,
                                                              calculus, people):  # fmt: skip
    settings = load_settings(home=tmp_path / "home", person_limit=2)
    with bot_running(server, settings, store):
        for last in (1, 2):
            assert answered(server.slash(people[0], calculus, "summarize", last=last)).embeds
        refused = answered(server.slash(people[0], calculus, "summarize"))
        assert refused.content == "That was a lot of questions; please ask again in 10 min."
        assert answered(server.slash(people[1], calculus, "summarize")).embeds


def test_a_server_that_asks_too_often_is_told_how_long_to_wait(server, guild, tmp_path, store,
                                                               calculus, people):  # fmt: skip
    settings = load_settings(home=tmp_path / "home", server_limit=2, limit_window=90)
    with bot_running(server, settings, store):
        for person in people[:2]:
            assert answered(server.slash(person, calculus, "summarize")).embeds
        refused = answered(server.slash(people[2], calculus, "summarize"))
        assert refused.content.startswith("This server asked a lot just now; please ask again in ")
        other = server.add_guild("Other group", owner=people[2])
        theirs = other.add_text_channel("theirs")
        server.fill(theirs, people[2:3], ["hello"])
        assert answered(server.slash(people[2], theirs, "summarize")).embeds


def test_damaged_settings_allow_nothing_and_say_so(server, bot, guild, calculus, people):
    change(bot, guild, largest_window=-1)
    answer = answered(server.slash(people[1], calculus, "summarize"))
    assert answer.content.startswith("That didn't work: this server's settings are damaged")
    assert server.history_requests(calculus) == []
