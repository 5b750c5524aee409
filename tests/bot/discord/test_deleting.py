"""A message that is deleted on Discord is deleted here."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.delays import NO_DELAYS
from precis.store.tables import asks, jobs
from tests.bot.discord.serving import answered
from tests.services import wait_until


@pytest.fixture
def channel(server, guild, people):
    channel = guild.add_text_channel("calculus")
    server.fill(channel, people, ["one", "two", "three"])
    return channel


def stored(store):
    """The texts of the one conversation that is stored."""
    with store.database.reading() as connection:
        [job_id] = connection.scalars(select(jobs.c.id))
    return [message.text for message in store.conversation(job_id).messages]


def test_a_message_deleted_later_leaves_the_store(server, bot, store, channel, people):
    answered(server.slash(people[0], channel, "summarize"))
    server.delete(channel.messages[1])
    wait_until(lambda: stored(store) == ["one", "three"], what="the message to be forgotten")


def test_messages_deleted_together_leave_the_store(server, bot, store, channel, people):
    answered(server.slash(people[0], channel, "summarize"))
    server.bulk_delete(channel.messages[:2])
    wait_until(lambda: stored(store) == ["three"], what="the messages to be forgotten")


def test_a_deleted_channel_leaves_the_store(server, bot, store, channel, people):
    answered(server.slash(people[0], channel, "summarize"))
    channel.delete()
    wait_until(lambda: stored(store) == [], what="the channel to be forgotten")


@pytest.mark.parametrize("way", ["itself", "with its channel"])
def test_a_deleted_thread_leaves_the_store(server, bot, store, channel, people, way):
    thread = channel.add_thread("limits", owner=people[0])
    server.fill(thread, people, ["one", "two"])
    answered(server.slash(people[0], thread, "summarize"))
    (thread if way == "itself" else channel).delete()
    wait_until(lambda: stored(store) == [], what="the thread to be forgotten")


def test_a_deleted_channel_takes_its_archived_threads(server, bot, store, channel, people):
    thread = channel.add_thread("limits", owner=people[0])
    server.fill(thread, people, ["one", "two"])
    answered(server.slash(people[0], thread, "summarize"))
    thread.archive()
    wait_until(lambda: bot.get_channel(thread.id) is None, what="the bot to lose sight of it")
    channel.delete()
    wait_until(lambda: stored(store) == [], what="the thread to be forgotten")


def test_a_deleted_channel_leaves_the_store_when_its_question_has(
    server, bot, store, channel, people
):
    answered(server.slash(people[4], channel, "summarize"))
    wait_until(lambda: ended(store), what="the ask to end")
    bot.context.chat.forget_person("discord", str(people[4].id))
    channel.delete()
    wait_until(lambda: stored(store) == [], what="the channel to be forgotten")


def ended(store):
    with store.database.reading() as connection:
        return all(connection.scalars(select(asks.c.ended_at)))


def test_a_server_that_puts_the_bot_out_leaves_the_store(
    server, bot, store, guild, channel, people
):
    answered(server.slash(people[0], channel, "summarize"))
    guild.remove_bot()
    chat = bot.context.chat
    wait_until(lambda: chat.known_servers("discord") == [], what="the server to be forgotten")
    assert stored(store) == []


def test_a_server_that_is_back_in_a_moment_is_not_forgotten(
    server, bot, store, guild, channel, people
):
    bot.context.delays = replace(NO_DELAYS, deletions=2.0)  # the moment
    answered(server.slash(people[0], channel, "summarize"))
    heard = []
    bot.add_listener(noting_servers(heard), "on_guild_remove")
    # At once: the bot hears of both in a row, however busy the cores are.
    server.world.run(lambda: (guild.remove_bot(), guild.add_bot()))
    wait_until(lambda: heard and bot.get_guild(guild.id), what="the bot to be back")
    server.delete(channel.messages[1])
    wait_until(lambda: stored(store) == ["one", "three"], what="the rest to be forgotten")


def noting_servers(heard):
    async def note(guild):
        heard.append(guild.id)

    return note


def test_a_server_with_an_outage_is_not_forgotten(server, bot, store, guild, channel, people):
    answered(server.slash(people[0], channel, "summarize"))
    with server.guilds_unavailable():
        wait_until(lambda: bot.get_guild(guild.id).unavailable, what="the outage")
    wait_until(lambda: not bot.get_guild(guild.id).unavailable, what="the outage's end")
    server.delete(channel.messages[1])
    wait_until(lambda: stored(store) == ["one", "three"], what="the message to be forgotten")


def test_what_was_said_of_a_deleted_message_is_not_shown_again(
    server, bot, store, summariser, channel, people
):
    summariser.texts = ("About one.", "About two.")
    use = server.slash(people[0], channel, "summarize")
    answered(use)
    server.delete(channel.messages[0])
    wait_until(lambda: stored(store) == ["two", "three"], what="the message to be forgotten")
    click = server.click(people[0], use.original, "Share")
    shared = click.wait_for_followup()
    assert "About one." not in shared.text
    assert "About two." in shared.text


def test_a_summary_of_deleted_messages_alone_is_gone(
    server, bot, store, summariser, channel, people
):
    use = server.slash(people[0], channel, "summarize")
    answered(use)
    server.bulk_delete(channel.messages)
    wait_until(lambda: stored(store) == [], what="the messages to be forgotten")
    said = server.click(people[0], use.original, "Share").wait_for_followup()
    assert said.content.startswith("The messages behind this summary were deleted")
    assert said.only_for is people[0]


def test_after_a_deletion_it_is_summarised_anew(server, bot, store, summariser, channel, people):
    answered(server.slash(people[0], channel, "summarize"))
    server.delete(channel.messages[1])
    wait_until(lambda: stored(store) == ["one", "three"], what="the message to be forgotten")
    answered(server.slash(people[0], channel, "summarize"))
    assert summariser.read == [["one", "two", "three"], ["one", "three"]]


def test_a_message_deleted_while_it_is_read_is_not_kept(server, bot, store, guild, people):
    channel = guild.add_text_channel("long")
    said = server.fill(channel, people, 150)
    heard = []
    bot.add_listener(noting(heard), "on_raw_message_delete")
    hang = server.hang(f"GET /channels/{channel.id}/messages", after_effect=True)
    use = server.slash(people[0], channel, "summarize", last=150)
    wait_until(lambda: hang.waiting, what="the bot to read")
    server.delete(said[-1])  # it is in the page that is on its way
    wait_until(lambda: heard, what="the bot to hear of it")
    hang.release()
    answered(use)
    assert "message 150" not in stored(store)
    assert "message 149" in stored(store)


def noting(heard):
    async def note(event):
        heard.append(event.message_id)

    return note


def test_a_message_deleted_while_it_is_summarised_is_not_told(
    server, bot_that_waits, store, waiting, channel, people
):
    waiting.texts = ("About one.", "About two.")
    use = server.slash(people[0], channel, "summarize")
    wait_until(lambda: waiting.begun.acquire(blocking=False), what="a job in hand")
    server.delete(channel.messages[0])
    wait_until(lambda: stored(store) == ["two", "three"], what="the message to be forgotten")
    waiting.go.set()
    text = answered(use).text
    assert "About one." not in text
    assert "About two." in text


def test_a_message_deleted_just_before_the_bot_ends_is_forgotten(
    server, guild, settings, store, channel, people, bot
):
    bot.context.delays = replace(NO_DELAYS, deletions=2.0)  # the moment
    answered(server.slash(people[0], channel, "summarize"))
    heard = []
    bot.add_listener(noting(heard), "on_raw_message_delete")
    server.delete(channel.messages[1])
    wait_until(lambda: heard, what="the bot to hear of it")
    bot.loop.call_soon_threadsafe(bot.asked_to_stop.set)
    wait_until(bot.is_closed, what="the bot's end")
    wait_until(lambda: stored(store) == ["one", "three"], 5, what="the message to be forgotten")
