"""Share, and Delete."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from precis.store.tables import asks
from tests.bot.discord.managing import change
from tests.bot.discord.serving import answered, bot_running
from tests.peers.discord_server import Permission
from tests.services import wait_until

FOLLOWUP = "POST /webhooks/{}/{}"


@pytest.fixture
def ana(people):
    return people[0]


@pytest.fixture
def private(server, bot, algebra, ana):
    """An answer that Ana alone sees."""
    return answered(server.slash(ana, algebra, "summarize", last=50))


def shared(server, person, answer):
    """The message in which a private answer is shared."""
    click = server.click(person, answer, "Share")
    message = click.wait_for_followup()
    wait_until(lambda: "Share" not in labels(answer), what="the end of sharing")
    return message


def labels(message):
    return [button["label"] for button in message.buttons]


def refusal(click):
    answer = click.wait_for_followup()
    assert answer.only_for is click.user
    return answer.content


def test_a_private_answer_is_shared_with_the_channel(server, algebra, private, ana, people):
    message = shared(server, ana, private)
    assert message.embeds == private.embeds
    assert message.content == f"Shared by {ana.mention}"
    assert message.visible_to(people[1])
    assert server.messages_by_bot(algebra) == [message]


def test_sharing_pings_nobody(server, private, ana):
    assert shared(server, ana, private).pinged == frozenset()


def test_what_is_shared_can_be_judged_and_deleted(server, private, ana):
    assert labels(shared(server, ana, private)) == ["👍", "👎", "Delete", "Report"]


def test_an_answer_that_is_shared_has_no_button_to_share_it(server, private, ana):
    shared(server, ana, private)
    assert labels(private) == ["👍", "👎", "Report"]


def test_of_two_clicks_at_once_one_shares(server, algebra, private, ana):
    clicks = [server.click(ana, private, "Share") for _ in range(2)]
    said = [click.wait_for_followup() for click in clicks]
    wait_until(lambda: "Share" not in labels(private), what="the end of sharing")
    assert len(server.messages_by_bot(algebra)) == 1
    assert sorted(bool(message.embeds) for message in said) == [False, True]
    assert "That is shared already." in [message.content for message in said]


def test_what_could_not_be_posted_may_be_shared_again(server, algebra, private, ana):
    server.fail("POST /webhooks/{}/{}", 400)
    assert "internal error" in refusal(server.click(ana, private, "Share"))
    assert shared(server, ana, private).embeds


@pytest.fixture
def unnoted(store):
    """A store that takes no note of messages that are posted; mended by a call."""
    trigger = (
        "CREATE TRIGGER full BEFORE UPDATE OF posted ON asks BEGIN SELECT RAISE(ABORT, ''); END"
    )
    with store.database.writing() as connection:
        connection.execute(text(trigger))

    def mend():
        with store.database.writing() as connection:
            connection.execute(text("DROP TRIGGER full"))

    return mend


def test_what_cannot_be_noted_is_taken_back_and_may_be_shared_again(
    server, algebra, private, ana, request
):
    mend = request.getfixturevalue("unnoted")  # once there is an answer
    click = server.click(ana, private, "Share")
    wait_until(lambda: "can't reach its store" in click.text, what="what is told of it")
    assert server.messages_by_bot(algebra) == []
    mend()
    assert shared(server, ana, private).embeds


def test_what_cannot_be_noted_at_once_is_noted_soon(
    server, algebra, private, ana, people, request, store
):
    mend = request.getfixturevalue("unnoted")
    click = server.click(ana, private, "Share")
    wait_until(lambda: server.messages_by_bot(algebra), what="what is shared")
    mend()
    message = click.wait_for_followup()
    wait_until(lambda: "Share" not in labels(private), what="the end of sharing")
    with store.database.reading() as connection:
        [posted] = connection.scalars(select(asks.c.posted))
    assert str(message.id) in posted


def test_of_a_share_that_fails_halfway_nothing_stays(server, bot, summariser, algebra, ana):
    summariser.texts = tuple("x" * 500 for _ in range(20))
    use = server.slash(ana, algebra, "summarize", last=30)
    wait_until(lambda: use.messages and use.messages[-1].buttons, what="the last part")
    hang = server.hang(FOLLOWUP, after_effect=True)
    click = server.click(ana, use.messages[-1], "Share")
    wait_until(lambda: hang.waiting, what="the first part")
    server.fail(FOLLOWUP, 400)
    hang.release()
    wait_until(lambda: any("internal error" in each.content for each in click.followups))
    assert server.messages_by_bot(algebra) == []


def test_a_summary_of_another_channel_is_not_shared(server, bot, guild, algebra, ana):
    thread = guild.add_text_channel("tutors").add_thread("limits", owner=ana)
    server.fill(thread, [ana], ["in the thread"])
    answer = answered(server.slash(ana, algebra, "summarize", thread=thread))
    said = refusal(server.click(ana, answer, "Share"))
    assert said == f"This can't be shared here: not everybody here can read {thread.mention}."
    assert server.messages_by_bot(algebra) == []


def test_a_summary_of_a_thread_is_shared_with_its_channel(server, bot, algebra, ana, people):
    thread = algebra.add_thread("limits", owner=ana)
    server.fill(thread, [ana], ["in the thread"])
    answer = answered(server.slash(ana, algebra, "summarize", thread=thread))
    assert shared(server, ana, answer).visible_to(people[1])


def test_who_lost_access_shares_nothing(server, bot, guild, people):
    ben = people[1]
    channel = guild.add_text_channel("tutors")
    server.fill(channel, people, ["one", "two"])
    answer = answered(server.slash(ben, channel, "summarize"))
    channel.set_overwrite(ben, deny=Permission.READ_MESSAGE_HISTORY)
    assert "You can't read the message history" in refusal(server.click(ben, answer, "Share"))
    assert server.messages_by_bot(channel) == []


def test_a_purged_summary_is_not_shared(server, bot, store, algebra, private, ana):
    store.purge_older_than(timedelta(0))
    said = refusal(server.click(ana, private, "Share"))
    assert said == "That summary is no longer stored; please ask again."
    assert server.messages_by_bot(algebra) == []


def test_an_answer_of_before_a_restart_is_shared_after_it(
    server, guild, settings, store, algebra, ana
):
    with bot_running(server, settings, store):
        answer = answered(server.slash(ana, algebra, "summarize"))
    with bot_running(server, settings, store):
        assert shared(server, ana, answer).embeds == answer.embeds


def test_a_shared_answer_says_what_it_lacks(server, bot, guild, algebra, ana):
    change(bot, guild, largest_window=20)
    answer = answered(server.slash(ana, algebra, "summarize"))
    message = shared(server, ana, answer)
    assert "There were more; these are the latest 20." in message.text


@pytest.fixture
def public(server, bot, algebra, people):
    """A public answer that Ben asked for."""
    return answered(server.slash(people[1], algebra, "summarize", last=50, private=False))


def deleted(server, person, message):
    server.click(person, message, "Delete")
    wait_until(lambda: message.deleted, what="the answer to be deleted")


def test_who_asked_deletes_a_public_answer(server, algebra, public, people):
    deleted(server, people[1], public)
    assert server.messages_by_bot(algebra) == []


def test_a_moderator_deletes_a_public_answer(server, guild, public, people):
    moderators = guild.add_role("Moderators", permissions=Permission.MANAGE_MESSAGES)
    guild.members[people[2].id].add_role(moderators)
    deleted(server, people[2], public)


def test_others_delete_nothing(server, public, people):
    said = refusal(server.click(people[2], public, "Delete"))
    assert said == "Only who asked and moderators can delete it."
    assert not public.deleted


@pytest.fixture
def forgotten(bot, public, people):
    """The same answer, after Ben had all deleted that is stored of him."""
    wait_until(lambda: bot.context.chat.stored_of("discord", str(people[1].id)).asks)
    bot.context.chat.forget_person("discord", str(people[1].id))
    return public


def test_a_moderator_deletes_an_answer_that_nobody_knows_of_any_more(server, forgotten, people):
    deleted(server, people[0], forgotten)  # the server's owner


def test_who_was_forgotten_still_deletes_what_they_asked_for(server, algebra, forgotten, people):
    deleted(server, people[1], forgotten)
    assert server.messages_by_bot(algebra) == []


def test_of_who_was_forgotten_others_delete_nothing(server, forgotten, people):
    assert refusal(server.click(people[2], forgotten, "Delete")).startswith("Only who asked")
    assert not forgotten.deleted


def test_who_was_forgotten_deletes_all_parts(server, bot, summariser, algebra, people):
    summariser.texts = tuple("x" * 500 for _ in range(20))
    others = answered(server.slash(people[2], algebra, "summarize", last=20, private=False))
    use = server.slash(people[1], algebra, "summarize", last=30, private=False)
    wait_until(lambda: use.messages and use.messages[-1].buttons, what="the last part")
    bot.context.chat.forget_person("discord", str(people[1].id))
    server.click(people[1], use.messages[-1], "Delete")
    wait_until(lambda: use.messages == [], what="all parts to be deleted")
    assert not others.deleted


def test_an_answer_of_several_messages_is_deleted_whole(server, bot, summariser, algebra, people):
    summariser.texts = tuple("x" * 500 for _ in range(20))
    use = server.slash(people[1], algebra, "summarize", last=30, private=False)
    wait_until(lambda: use.messages and use.messages[-1].buttons, what="the last part")
    assert len(server.messages_by_bot(algebra)) > 2
    server.click(people[1], use.messages[-1], "Delete")
    wait_until(lambda: server.messages_by_bot(algebra) == [], what="all parts to be deleted")


def test_a_shared_answer_is_deleted_by_who_shared_it_and_stays_with_them(
    server, algebra, private, ana
):
    message = shared(server, ana, private)
    deleted(server, ana, message)
    assert server.messages_by_bot(algebra) == []
    assert not private.deleted
