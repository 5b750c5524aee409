"""`/catchup`, and the menus of a message."""

import pytest

from tests.bot.discord.serving import answered
from tests.peers.discord_server import UnavailableError


@pytest.fixture
def channel(guild):
    return guild.add_text_channel("calculus")


def test_what_was_said_since_ones_own_last_message(server, bot, summariser, channel, people):
    ana, ben = people[:2]
    server.fill(channel, [ben, ana, ben, ben], ["one", "two", "three", "four"])
    use = server.slash(ana, channel, "catchup")
    answered(use)
    assert use.ephemeral
    assert summariser.read == [["three", "four"]]


def test_a_command_of_ones_own_is_a_message_too(server, bot, summariser, channel, people):
    ana, ben = people[:2]
    server.fill(channel, [ben, ana, ben], ["one", "!roll", "three"])
    answered(server.slash(ana, channel, "catchup"))
    assert summariser.read == [["three"]]


def test_who_opted_out_catches_up_too(server, bot, summariser, channel, people):
    ana, ben = people[:2]
    server.fill(channel, [ana, ben, ana, ben], ["one", "two", "three", "four"])
    bot.context.chat.opt_out("discord", str(ana.id))
    answered(server.slash(ana, channel, "catchup"))
    assert summariser.read == [["four"]]


def test_a_pin_is_no_message_of_ones_own(server, bot, summariser, channel, people):
    ana, ben = people[:2]
    server.fill(channel, [ana, ben], ["one", "two"])
    server.say(channel, ana, "", kind=6)
    server.say(channel, ben, "three")
    answered(server.slash(ana, channel, "catchup"))
    assert summariser.read == [["two", "three"]]


def test_an_earlier_question_is_no_message_of_ones_own(server, bot, summariser, channel, people):
    ana, ben = people[:2]
    server.fill(channel, [ana, ben], ["one", "two"])
    answered(server.slash(ana, channel, "summarize", private=False))
    answered(server.slash(ana, channel, "catchup"))
    assert summariser.read[1] == ["two"]


def test_who_never_wrote_here_gets_everything(server, bot, summariser, channel, people):
    server.fill(channel, people[1:3], ["one", "two"])
    answered(server.slash(people[0], channel, "catchup"))
    assert summariser.read == [["one", "two"]]


def test_who_wrote_last_has_nothing_to_catch_up_on(server, bot, summariser, channel, people):
    server.fill(channel, [people[1], people[0]], ["one", "two"])
    answer = answered(server.slash(people[0], channel, "catchup"))
    assert answer.content == "Nobody has written since your last message here."
    assert summariser.read == []


def test_a_style_may_be_asked_for(server, bot, summariser, channel, people):
    server.fill(channel, people[1:3], ["one", "two"])
    answered(server.slash(people[0], channel, "catchup", style="bullets"))
    assert summariser.requests[0].style == "bullets"


def test_from_a_message_on(server, bot, summariser, channel, people):
    said = server.fill(channel, people, ["one", "two", "three", "four"])
    use = server.context_menu(people[0], said[2], "Summarise from here")
    answered(use)
    assert use.ephemeral
    assert summariser.read == [["three", "four"]]


def test_from_a_message_on_in_a_thread(server, bot, summariser, channel, people):
    thread = channel.add_thread("limits", owner=people[0])
    said = server.fill(thread, people, ["one", "two", "three"])
    answered(server.context_menu(people[0], said[1], "Summarise from here"))
    assert summariser.read == [["two", "three"]]


def test_from_a_message_on_that_is_gone_by_then(server, bot, summariser, channel, people):
    said = server.fill(channel, people, ["one", "two", "three"])
    hang = server.hang(f"GET /channels/{channel.id}/messages")
    use = server.context_menu(people[0], said[1], "Summarise from here")
    server.delete(said[1])
    hang.release()
    answered(use)
    assert summariser.read == [["three"]]


def test_the_thread_of_a_message(server, bot, summariser, channel, people):
    origin = server.say(channel, people[0], "How does it work?")
    thread = channel.add_thread("limits", from_message=origin)
    server.say(thread, people[1], "Like this.")
    use = server.context_menu(people[2], origin, "Summarise this thread")
    answer = answered(use)
    assert use.ephemeral
    assert answer.embeds[0]["title"] == "Summary of limits"
    assert summariser.read == [["How does it work?", "Like this."]]


def test_a_message_without_a_thread_is_told_so(server, bot, summariser, channel, people):
    said = server.say(channel, people[0], "hello")
    use = server.context_menu(people[0], said, "Summarise this thread")
    assert use.wait_for_answer().content.startswith("That message has no thread")
    assert use.ephemeral
    assert summariser.read == []


def test_a_thread_that_is_deleted_is_told_so(server, bot, summariser, channel, people):
    origin = server.say(channel, people[0], "hello")
    thread = channel.add_thread("limits", from_message=origin)
    thread.delete()
    answer = answered(server.context_menu(people[0], origin, "Summarise this thread"))
    assert answer.content == "That channel or thread is gone."


@pytest.mark.parametrize("command", ["summarize", "catchup"])
def test_there_is_nothing_to_summarise_in_direct_messages(server, bot, people, command):
    with pytest.raises(UnavailableError, match="direct messages"):
        server.slash(people[0], server.dm_channel(people[0]), command)
