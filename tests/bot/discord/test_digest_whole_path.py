"""From `/digest` to what is posted, with the real use cases; and what nobody else may do."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from bot.texts import ENGLISH
from precis.schedule import Schedule
from precis.store.digest_tables import subscriptions
from tests.bot.discord.digest_views import catch_up, waited
from tests.peers.discord_server import Permission
from tests.services import wait_until

WORDS = ENGLISH.digests.words


@pytest.fixture
def ana(people):
    return people[0]


@pytest.fixture
def ben(people):
    """Who doesn't manage the server."""
    return people[1]


@pytest.fixture
def used(server, bot, algebra):
    """What somebody is told by a subcommand."""

    def use(person, which, place=algebra, **options):
        return server.slash(person, place, "digest", which, **options).wait_for_answer().text

    return use


@pytest.fixture
def due(store, bot):
    """Makes every subscription's next digest due now, and waits until each has come to its end."""

    def make():
        now = datetime.now(UTC)
        clock = Schedule(hour=now.hour, minute=now.minute).model_dump(mode="json")
        with store.database.writing() as connection:
            connection.execute(
                update(subscriptions).values(next_at=now, next_day=now.date(), schedule=clock)
            )
        waited(bot, bot.frontend.digests.running.settled())

    return make


def embeds(messages):
    return [message for message in messages if message.embeds]


def test_a_digest_is_posted_where_it_was_asked_for(server, bot, guild, algebra, ana, used, due):
    thread = algebra.add_thread("limits", owner=ana)
    server.fill(thread, [ana], ["Who has the notes?"] * 6)
    catch_up(bot, server, guild)
    assert algebra.mention in used(ana, "here", zone="Europe/Berlin")
    due()
    [message] = embeds(server.messages_by_bot(algebra))
    assert message.embeds[0]["title"].startswith("Digest for ")
    assert "306 messages" in message.text
    assert thread.mention in message.text
    assert message.pinged == frozenset()
    due()
    assert embeds(server.messages_by_bot(algebra)) == [message], "nothing is new"


def test_a_preview_comes_to_who_asks_alone(server, algebra, ben, used):
    used(ben, "me")
    assert used(ben, "preview") == WORDS.previewing
    wait_until(lambda: embeds(server.dms(ben)), 20, "a preview")
    [message] = server.dms(ben)
    assert message.embeds[0]["title"].startswith("Preview of the digest")
    assert server.messages_by_bot(algebra) == []


def test_only_managers_have_digests_posted(server, guild, algebra, ana, ben, used):
    assert used(ben, "here") == WORDS.managers_only
    assert used(ben, "to", channel=guild.add_text_channel("x")) == WORDS.managers_only
    assert used(ben, "list") == ENGLISH.digests.none
    guild.members[ben.id].add_role(guild.add_role("Managers", Permission.MANAGE_GUILD))
    assert used(ben, "here") != WORDS.managers_only


def test_what_is_not_for_all_is_not_posted_for_all(server, bot, guild, algebra, ana, ben, used):
    private = guild.add_text_channel("private").make_private(server.bot, ana)
    catch_up(bot, server, guild)
    said = used(ana, "here", channels=private.mention)
    assert said == WORDS.not_all_may_read.format(target=algebra.mention, source=private.mention)
    said = used(ben, "me", channels=private.mention)
    assert said == ENGLISH.person_cannot_view.format(place=private.mention)
    assert "can't" not in used(ana, "here", place=private)
    assert "can't" not in used(ana, "me", channels=private.mention)


@pytest.fixture
def theirs(store, ben, used):
    """The id of Ben's own."""
    used(ben, "me")
    with store.database.reading() as connection:
        return connection.scalar(select(subscriptions.c.id))


def test_a_personal_digest_is_its_persons_alone(server, bot, algebra, ana, ben, used, theirs):
    assert used(ana, "list") == ENGLISH.digests.none
    for which in ("pause", "resume", "preview", "stop"):
        assert used(ana, which, digest=theirs) == WORDS.not_there
    other = server.add_guild("Another", ben, members=[ana]).add_text_channel("x")
    catch_up(bot, server, other.guild)
    assert used(ben, "stop", place=other, digest=theirs) == WORDS.not_there
    used(ana, "me")
    shown = server.slash(ana, algebra, "digest", "list").wait_for_answer()
    button = shown.buttons[-1]
    button["custom_id"] = f"precis:subs:stop:{algebra.guild.id}:{theirs}"
    said = server.click(ana, shown, button["custom_id"]).wait_for_followup()
    assert said.content == WORDS.not_there
    assert used(ben, "pause", digest=theirs) == WORDS.now_paused
    assert used(ben, "stop") == WORDS.stopped


def test_a_channel_that_is_closed_pauses_its_digest_and_that_is_told_once(
    server, bot, guild, algebra, ana, used, due
):
    used(ana, "here")
    algebra.set_overwrite(
        server.bot, allow=Permission.SEND_MESSAGES, deny=Permission.READ_MESSAGE_HISTORY
    )
    catch_up(bot, server, guild)
    due()
    due()
    wait_until(lambda: server.dms(ana), 20, "a word")
    [told] = server.dms(ana)
    assert algebra.mention in told.text
    assert "paused" in used(ana, "list")
