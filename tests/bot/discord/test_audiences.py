"""A public answer is posted where everybody who reads it could read what it is of."""

import pytest

from tests.bot.discord.serving import answered
from tests.peers.discord_server import Permission

NOTE = "For you alone: not everybody here may read what it is of."


@pytest.fixture
def ana(people):
    return people[0]


def a_thread(server, channel, owner, **more):
    thread = channel.add_thread("limits", owner=owner, **more)
    server.fill(thread, [owner], ["in the thread"])
    return thread


def is_public(use, people):
    """Whether all these people see the summary."""
    answer = answered(use)
    assert "A summary" in answer.text
    assert NOTE not in answer.text
    return all(answer.visible_to(person) for person in people)


def test_a_channel_of_its_own_readers(server, bot, algebra, people):
    assert is_public(server.slash(people[1], algebra, "summarize", private=False), people)


def test_a_thread_for_the_readers_of_its_channel(server, bot, algebra, ana, people):
    thread = a_thread(server, algebra, ana)
    use = server.slash(ana, algebra, "summarize", thread=thread, private=False)
    assert is_public(use, people)


def test_a_thread_for_the_readers_of_another_thread_of_its_channel(
    server, bot, algebra, ana, people
):
    thread, other = a_thread(server, algebra, ana), a_thread(server, algebra, ana)
    use = server.slash(ana, other, "summarize", thread=thread, private=False)
    assert is_public(use, people)


def test_a_thread_for_the_members_of_a_private_thread_of_its_channel(server, bot, algebra, people):
    ana, ben = people[:2]
    thread = a_thread(server, algebra, ana)
    private = a_thread(server, algebra, ana, private=True, members=[ben, server.bot])
    use = server.slash(ana, private, "summarize", thread=thread, private=False)
    assert is_public(use, [ana, ben])


def test_an_archived_thread_for_the_readers_of_its_channel(server, bot, algebra, ana, people):
    thread = a_thread(server, algebra, ana)
    thread.archive()
    use = server.slash(ana, algebra, "summarize", thread=thread, private=False)
    assert is_public(use, people)


def test_a_private_thread_for_its_members(server, bot, algebra, people):
    ana, ben = people[:2]
    private = a_thread(server, algebra, ana, private=True, members=[ben, server.bot])
    use = server.slash(ana, private, "summarize", private=False)
    assert is_public(use, [ana, ben])


@pytest.mark.parametrize("kind", ["another channel's", "a private"])
def test_a_thread_that_not_all_here_can_read_is_for_who_asked(
    server, bot, guild, algebra, people, kind
):
    ana, ben = people[:2]
    parent = guild.add_text_channel("tutors") if kind == "another channel's" else algebra
    private = kind == "a private"
    thread = a_thread(server, parent, ana, private=private, members=[server.bot])
    use = server.slash(ana, algebra, "summarize", thread=thread, private=False)
    answer = answered(use)
    assert use.visible_to(ana) == [answer]
    assert use.visible_to(ben) == []
    assert NOTE in answer.text
    assert server.messages_by_bot(algebra) == []


def test_the_note_is_not_for_what_was_asked_in_private(server, bot, guild, algebra, ana):
    thread = a_thread(server, guild.add_text_channel("tutors"), ana)
    answer = answered(server.slash(ana, algebra, "summarize", thread=thread))
    assert answer.embeds
    assert NOTE not in answer.text


def test_not_where_somebody_may_view_but_not_read_the_history(server, bot, algebra, ana, people):
    algebra.set_overwrite(people[3], deny=Permission.READ_MESSAGE_HISTORY)
    use = server.slash(ana, algebra, "summarize", private=False)
    answer = answered(use)
    assert NOTE in answer.text
    assert use.visible_to(people[3]) == []
