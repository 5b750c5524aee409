"""What is heard of watched channels: who, where, and what was written while no bot listened."""

import pytest

from tests.bot.discord.managing import change
from tests.bot.discord.moderators import KIND, RUDE, watch
from tests.bot.discord.serving import bot_running
from tests.peers.discord_server import Permission
from tests.services import wait_until


@pytest.fixture
def running(server, settings, store, moderation, judge):
    """Starts the bot anew, each time it is called."""

    def start():
        return bot_running(server, settings, store, judge)

    moderation.judge = judge
    return start


def scored(desk):
    """The texts that were scored, in order."""
    return [message.text for each in desk.judge.scored for message in each.messages]


def scores_only(desk, *texts):
    """Whatever else was said before this line isn't scored."""
    desk.say("and so on", author=desk.member)
    wait_until(lambda: "and so on" in scored(desk), 15, "the last line")
    assert scored(desk) == [*texts, "and so on"]


def test_other_channels_are_not_heard(desk, algebra):
    desk.say(RUDE, place=algebra)
    scores_only(desk)


def test_threads_of_a_watched_channel_are_heard(desk):
    thread = desk.watched.add_thread("aside", owner=desk.author)
    desk.raised(place=thread)
    assert desk.case.parent == str(desk.watched.id)
    assert thread.mention in desk.card().text


def test_posts_of_a_watched_forum_are_heard(server, running, store, moderation):
    forum = moderation.guild.add_forum("questions")
    watch(store, moderation, watched=(str(forum.id),))
    with running():
        forum.add_post("help", RUDE, moderation.author)
        moderation.card()
        assert moderation.case.parent == str(forum.id)


def test_bots_and_commands_are_not_heard(desk):
    robot = desk.server.add_user("robot", bot=True)
    desk.guild.add_member(robot)
    desk.say(RUDE, author=robot)
    desk.say(f"!insult {RUDE}")
    desk.server.say(desk.watched, desk.author, RUDE, kind=7)
    scores_only(desk)


def test_who_opted_out_is_not_heard(desk):
    desk.bot.context.chat.opt_out("discord", str(desk.author.id))
    desk.say(RUDE)
    desk.say(KIND, author=desk.member)
    scores_only(desk, KIND)


def test_a_category_that_is_never_read_keeps_its_channels_from_being_heard(desk):
    category = desk.guild.add_category("closed")
    inside = desk.guild.add_text_channel("inside", category)
    watched = (str(desk.watched.id), str(inside.id))
    change(desk.bot, desk.guild, watched=watched, never_read=(str(category.id),))
    desk.bot.frontend.moderation.listening.settings_changed(str(desk.guild.id))
    desk.say(RUDE, place=inside)
    scores_only(desk)


def test_direct_messages_are_not_heard(desk):
    desk.server.say(desk.server.dm_channel(desk.author), desk.author, RUDE)
    scores_only(desk)


def test_what_was_written_while_no_bot_ran_is_read(running, store, moderation):
    watch(store, moderation)
    with running():
        moderation.say("before")
        wait_until(lambda: "before" in scored(moderation), 15, "the first line")
    moderation.say(RUDE)
    thread = moderation.watched.add_thread("meanwhile", owner=moderation.member)
    moderation.say(f"{RUDE} too", author=moderation.member, place=thread)
    with running():
        wait_until(lambda: len(moderation.cards) == 2, 15, "both cards")
        assert {case.said.text for case in moderation.cases} == {RUDE, f"{RUDE} too"}


def test_what_was_written_while_it_had_no_connection_is_read(desk):
    desk.say(KIND)
    wait_until(lambda: KIND in scored(desk), 15, "the first line")
    with desk.server.gateway_down(resumable=False):
        desk.say(RUDE)
    desk.card()
    assert len(desk.cases) == 1


def test_what_a_resumed_session_brings_along_is_a_case_once(desk):
    with desk.server.gateway_down():
        desk.say(RUDE)
    desk.card()
    assert len(desk.cases) == 1


def test_what_was_written_before_a_channel_was_watched_is_not_read(running, store, moderation):
    moderation.say(RUDE)
    watch(store, moderation)
    with running():
        moderation.say(KIND)
        wait_until(lambda: KIND in scored(moderation), 15, "the line since")
        assert RUDE not in scored(moderation)


def test_a_channel_that_the_bot_cannot_read_keeps_no_other_from_being_caught_up(
    running, store, moderation, algebra
):
    watch(store, moderation, watched=(str(algebra.id), str(moderation.watched.id)))
    with running():
        for place in (algebra, moderation.watched):
            moderation.say("before", place=place)
        wait_until(lambda: scored(moderation).count("before") == 2, 15, "both lines")
    algebra.set_overwrite(moderation.server.bot, deny=Permission.VIEW_CHANNEL)
    moderation.say(RUDE)
    with running():
        moderation.card()
