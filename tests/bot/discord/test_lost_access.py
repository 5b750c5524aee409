"""Access that is lost between the question and the answer."""

import pytest

from tests.bot.discord.managing import change
from tests.bot.discord.serving import answered, is_last_word
from tests.peers.discord_server import Permission
from tests.services import wait_until

P = Permission


@pytest.fixture
def tutors(guild, people):
    """A role that Ben has."""
    role = guild.add_role("Tutors")
    guild.members[people[1].id].add_role(role)
    return role


@pytest.fixture
def channel(server, guild, tutors, people):
    """A channel for tutors alone."""
    channel = guild.add_text_channel("tutors").make_private(tutors, server.bot)
    server.fill(channel, people[1:2], ["only tutors"])
    return channel


@pytest.fixture(
    params=[
        "a role removed",
        "a role deleted",
        "an overwrite changed",
        "history denied",
        "kicked",
        "the bot put out",
        "the channel deleted",
    ]
)
def lose(request, server, guild, channel, tutors, people):
    """Takes Ben's access, or the bot's, away."""
    ben = people[1]
    return {
        "a role removed": lambda: guild.members[ben.id].remove_role(tutors),
        "a role deleted": lambda: guild.delete_role(tutors),
        "an overwrite changed": lambda: channel.set_overwrite(tutors, deny=P.VIEW_CHANNEL),
        "history denied": lambda: channel.set_overwrite(ben, deny=P.READ_MESSAGE_HISTORY),
        "kicked": lambda: guild.kick(ben),
        "the bot put out": lambda: channel.clear_overwrite(server.bot),
        "the channel deleted": channel.delete,
    }[request.param]


def test_a_private_answer_is_not_shown(server, bot_that_waits, waiting, channel, people, lose):
    ben = people[1]
    use = server.slash(ben, channel, "summarize")
    assert waiting.begun.acquire(timeout=30)
    lose()
    waiting.go.set()
    answer = answered(use)
    assert answer.embeds == []
    assert answer.only_for is ben
    assert "A summary" not in use.text


def test_a_public_answer_is_withdrawn_and_that_is_told_privately(
    server, bot_that_waits, waiting, channel, people, lose
):
    ben = people[1]
    use = server.slash(ben, channel, "summarize", private=False)
    assert waiting.begun.acquire(timeout=30)
    lose()
    waiting.go.set()
    said = use.wait_for_followup()
    assert is_last_word(said.content)
    assert said.only_for is ben
    assert use.messages == [said], "the public answer is gone"
    assert server.messages_by_bot(channel) == []


def test_a_private_thread_is_not_told_to_who_was_put_out(
    server, bot_that_waits, waiting, algebra, people
):
    ana, ben = people[:2]
    secret = algebra.add_thread("secret", private=True, owner=ana, members=[ben, server.bot])
    server.fill(secret, [ana], ["hush"])
    use = server.slash(ben, secret, "summarize")
    assert waiting.begun.acquire(timeout=30)
    secret.remove_member(ben)
    waiting.go.set()
    assert answered(use).content.startswith(f"You can't read {secret.mention}")


def test_a_channel_closed_by_managers_meanwhile_is_not_told(
    server, bot_that_waits, waiting, guild, algebra, people
):
    use = server.slash(people[1], algebra, "summarize")
    assert waiting.begun.acquire(timeout=30)
    change(bot_that_waits, guild, never_read=(str(algebra.id),))
    waiting.go.set()
    said = answered(use).content
    assert said == f"This server's managers don't let Précis read {algebra.mention}."


def test_a_role_lost_a_moment_after_asking_counts(
    server, bot, guild, summariser, channel, tutors, people
):
    """What the command brought along of its person is out of date by then."""
    ben = people[1]
    hang = server.hang(f"GET /channels/{channel.id}/messages")
    use = server.slash(ben, channel, "summarize")
    wait_until(lambda: hang.waiting, what="the bot to read")
    guild.members[ben.id].remove_role(tutors)
    hang.release()
    assert answered(use).content.startswith(f"You can't read {channel.mention}")


def test_of_two_who_wait_the_one_who_may_is_answered(
    server, bot_that_waits, waiting, guild, channel, tutors, people
):
    ana, ben = people[:2]
    uses = [server.slash(person, channel, "summarize") for person in (ana, ben)]
    assert waiting.begun.acquire(timeout=30)
    wait_until(lambda: all(use.original for use in uses), what="both to wait")
    guild.members[ben.id].remove_role(tutors)
    waiting.go.set()
    assert answered(uses[0]).embeds
    assert answered(uses[1]).embeds == []
