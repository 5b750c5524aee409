"""Access that is lost between the question and the answer."""

import asyncio

import pytest
from sqlalchemy import select

from precis.store.tables import asks
from tests.bot.discord.managing import change
from tests.bot.discord.serving import answered, is_last_word
from tests.peers.discord_server import Permission
from tests.services import wait_until

P = Permission
FOLLOWUP = "POST /webhooks/{}/{}"


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
    wait_until(lambda: waiting.begun.acquire(blocking=False), what="a job in hand")
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
    wait_until(lambda: waiting.begun.acquire(blocking=False), what="a job in hand")
    lose()
    waiting.go.set()
    said = use.wait_for_followup()
    assert is_last_word(said.content)
    assert said.only_for is ben
    assert use.messages == [said], "the public answer is gone"
    assert server.messages_by_bot(channel) == []


@pytest.mark.parametrize("late", [False, True])
def test_a_public_answer_that_stopped_halfway_is_withdrawn_with_all_its_parts(
    server, bot_that_waits, waiting, algebra, people, late
):
    waiting.texts = tuple("x" * 500 for _ in range(20))
    ben = people[1]
    use = server.slash(ben, algebra, "summarize", last=30, private=False)
    wait_until(lambda: waiting.begun.acquire(blocking=False), what="a job in hand")
    hang = server.hang(FOLLOWUP, after_effect=True)
    waiting.go.set()
    wait_until(lambda: hang.waiting, what="the second part")
    assert len(server.messages_by_bot(algebra)) == 2
    algebra.set_overwrite(ben, deny=P.READ_MESSAGE_HISTORY)
    server.fail(FOLLOWUP, 400)
    hang.release()
    if late:
        wait_until(lambda: server.requests_to(FOLLOWUP)[-1].status == 400, what="the fault")
        server.expire_tokens()
        wait_until(lambda: server.dms(ben), what="the refusal")
    else:
        wait_until(lambda: use.messages and use.messages[-1].only_for is ben, what="the refusal")
    assert server.messages_by_bot(algebra) == []


def test_late_parts_are_withdrawn_too(server, bot, algebra, people):
    """Those are nobody's command's, so that only who posted them knows them."""
    ben = people[1]
    use = server.slash(ben, algebra, "summarize", last=30, private=False)
    answered(use)
    [request] = _requests(bot)
    server.expire_tokens()
    place = bot.get_channel(algebra.id)

    async def withdrawn():
        part = await place.send("a late part")
        await bot.platform.withdraw(request, "No.", posted=[str(part.id)])

    asyncio.run_coroutine_threadsafe(withdrawn(), bot.loop).result(30)
    assert server.messages_by_bot(algebra) == []
    assert [said.content for said in server.dms(ben)] == ["No."]


def _requests(bot):
    with bot.context.jobs.database.reading() as connection:
        ids = list(connection.scalars(select(asks.c.id)))
    return [bot.context.chat.ask(each).request for each in ids]


def test_a_private_thread_is_not_told_to_who_was_put_out(
    server, bot_that_waits, waiting, algebra, people
):
    ana, ben = people[:2]
    secret = algebra.add_thread("secret", private=True, owner=ana, members=[ben, server.bot])
    server.fill(secret, [ana], ["hush"])
    use = server.slash(ben, secret, "summarize")
    wait_until(lambda: waiting.begun.acquire(blocking=False), what="a job in hand")
    secret.remove_member(ben)
    waiting.go.set()
    assert answered(use).content.startswith(f"You can't read {secret.mention}")


def test_a_channel_closed_by_managers_meanwhile_is_not_told(
    server, bot_that_waits, waiting, guild, algebra, people
):
    use = server.slash(people[1], algebra, "summarize")
    wait_until(lambda: waiting.begun.acquire(blocking=False), what="a job in hand")
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
    wait_until(lambda: waiting.begun.acquire(blocking=False), what="a job in hand")
    wait_until(lambda: all(use.original for use in uses), what="both to wait")
    guild.members[ben.id].remove_role(tutors)
    waiting.go.set()
    assert answered(uses[0]).embeds
    assert answered(uses[1]).embeds == []
