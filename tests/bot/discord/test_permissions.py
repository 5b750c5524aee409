"""Who is told what a channel says: who can read it, of what the bot can read."""

import pytest

from tests.bot.discord.managing import change
from tests.bot.discord.serving import answered
from tests.peers.discord_server import Permission, UnavailableError

P = Permission


@pytest.fixture
def ana(people):
    return people[0]


@pytest.fixture
def ben(people):
    return people[1]


@pytest.fixture
def secret(server, algebra, ana):
    """A private thread of Ana's, with the bot in it."""
    thread = algebra.add_thread("secret", private=True, owner=ana, members=[server.bot])
    server.fill(thread, [ana], ["hush"])
    return thread


def refused(server, use, channel):
    """The line that says why not; nothing was read for it."""
    answer = answered(use)
    assert answer.embeds == []
    assert "\n" not in answer.content
    assert server.history_requests(channel) == []
    return answer.content


def test_a_channel_that_the_bot_cannot_see_is_refused(server, bot, guild, algebra, ben):
    algebra.set_overwrite(server.bot, deny=P.VIEW_CHANNEL)
    said = refused(server, server.slash(ben, algebra, "summarize"), algebra)
    assert said == (
        f"Précis can't read {algebra.mention}; a moderator can let it in (View Channel)."
    )


def test_a_channel_whose_history_the_bot_cannot_read_is_refused(server, bot, algebra, ben):
    algebra.set_overwrite(server.bot, deny=P.READ_MESSAGE_HISTORY)
    said = refused(server, server.slash(ben, algebra, "summarize"), algebra)
    assert said.startswith(f"Précis can't read the message history of {algebra.mention}")


def test_a_channel_whose_history_one_cannot_read_is_refused(server, bot, algebra, ben):
    algebra.set_overwrite(ben, deny=P.READ_MESSAGE_HISTORY)
    for command in ("summarize", "catchup"):
        said = refused(server, server.slash(ben, algebra, command), algebra)
        assert said.startswith(f"You can't read the message history of {algebra.mention}")


def test_what_is_refused_in_public_is_told_in_private(server, bot, guild, algebra, ben):
    change(bot, guild, never_read=(str(algebra.id),))
    use = server.slash(ben, algebra, "summarize", private=False)
    said = use.wait_for_followup()
    assert said.content.startswith("This server's managers don't let Précis read")
    assert said.only_for is ben
    assert server.messages_by_bot(algebra) == []


def test_a_menu_asks_for_the_same_permissions(server, bot, algebra, ben):
    algebra.set_overwrite(ben, deny=P.READ_MESSAGE_HISTORY)
    said = server.say(algebra, ben, "hello")
    algebra.set_overwrite(ben, allow=P.READ_MESSAGE_HISTORY)
    with server.gateway_down():
        use = server.context_menu(ben, said, "Summarise from here")
        algebra.set_overwrite(ben, deny=P.READ_MESSAGE_HISTORY)
    assert refused(server, use, algebra).startswith("You can't read the message history")


def test_a_thread_has_its_channels_history_permission(server, bot, algebra, ana, ben):
    thread = algebra.add_thread("limits", owner=ana)
    algebra.set_overwrite(ben, deny=P.READ_MESSAGE_HISTORY)
    said = refused(server, server.slash(ben, thread, "summarize"), thread)
    assert said.startswith(f"You can't read the message history of {thread.mention}")


def test_a_private_channel_is_told_to_those_with_its_role(server, bot, guild, summariser, ben):
    tutors = guild.add_role("Tutors")
    guild.members[ben.id].add_role(tutors)
    channel = guild.add_text_channel("tutors").make_private(tutors, server.bot)
    server.fill(channel, [ben], ["only tutors"])
    answered(server.slash(ben, channel, "summarize"))
    assert summariser.read == [["only tutors"]]


def test_a_private_channel_is_told_to_its_servers_owner(server, bot, guild, summariser, ana, ben):
    channel = guild.add_text_channel("tutors").make_private(ben, server.bot)
    server.fill(channel, [ben], ["only tutors"])
    answered(server.slash(ana, channel, "summarize"))
    assert summariser.read == [["only tutors"]]


def test_a_private_thread_cannot_even_be_named_by_others(server, bot, algebra, secret, ben):
    """So says Discord's client; what reaches the bot all the same is tried with its faults."""
    with pytest.raises(UnavailableError):
        server.slash(ben, algebra, "summarize", thread=secret)


def test_a_private_thread_is_told_to_a_member(server, bot, summariser, algebra, secret, ben):
    secret.add_member(ben)
    answered(server.slash(ben, algebra, "summarize", thread=secret))
    assert summariser.read == [["hush"]]


def test_a_private_thread_is_told_to_who_manages_threads(
    server, bot, guild, summariser, secret, ben
):
    moderators = guild.add_role("Moderators", permissions=P.MANAGE_THREADS)
    guild.members[ben.id].add_role(moderators)
    answered(server.slash(ben, secret, "summarize"))
    assert summariser.read == [["hush"]]


def test_a_private_thread_is_refused_to_who_left_it(server, bot, algebra, secret, ben):
    secret.add_member(ben)
    with server.gateway_down():  # the command is on its way when Ben leaves
        use = server.slash(ben, secret, "summarize")
        secret.remove_member(ben)
    said = refused(server, use, secret)
    assert said.startswith(f"You can't read {secret.mention}")


def test_a_private_thread_without_the_bot_is_refused(server, bot, algebra, ana):
    thread = algebra.add_thread("secret", private=True, owner=ana)
    server.fill(thread, [ana], ["hush"])
    said = refused(server, server.slash(ana, thread, "summarize"), thread)
    assert said.startswith("Précis isn't in that thread: mention it there to add it.")


def test_a_private_thread_that_the_bot_was_put_out_of_is_refused(server, bot, secret, ana):
    secret.remove_member(server.bot)
    said = refused(server, server.slash(ana, secret, "summarize"), secret)
    assert said.startswith("Précis isn't in that thread")


def test_a_private_thread_is_read_by_a_bot_that_manages_threads(
    server, bot, guild, summariser, algebra, ana
):
    guild.bot_role.set_permissions(guild.bot_role.permissions | P.MANAGE_THREADS)
    thread = algebra.add_thread("secret", private=True, owner=ana)
    server.fill(thread, [ana], ["hush"])
    answered(server.slash(ana, thread, "summarize"))
    assert summariser.read == [["hush"]]


def test_another_servers_thread_is_not_told(server, bot, algebra, ana, ben):
    other = server.add_guild("Other group", owner=ana, members=[ben])
    thread = other.add_text_channel("theirs").add_thread("their thread", owner=ana)
    server.fill(thread, [ana], ["theirs alone"])
    use = server.slash(ben, algebra, "summarize", thread=thread)
    assert refused(server, use, thread) == "That channel or thread is gone."


def test_a_person_in_the_chat_of_a_voice_channel_must_be_able_to_join_it(
    server, bot, guild, ana, ben
):
    lounge = guild.add_voice_channel("lounge")
    server.fill(lounge, [ana], ["Can you hear me?"])
    with server.gateway_down():
        use = server.slash(ben, lounge, "summarize")
        lounge.set_overwrite(ben, deny=P.CONNECT)
    assert refused(server, use, lounge).startswith(f"You can't read {lounge.mention}")


def test_a_bot_in_the_chat_of_a_voice_channel_must_be_able_to_join_it(server, bot, guild, ana):
    lounge = guild.add_voice_channel("lounge")
    server.fill(lounge, [ana], ["Can you hear me?"])
    lounge.set_overwrite(server.bot, deny=P.CONNECT)
    said = refused(server, server.slash(ana, lounge, "summarize"), lounge)
    assert said.startswith(f"Précis can't read the chat of {lounge.mention}")
    assert "(Connect)" in said
