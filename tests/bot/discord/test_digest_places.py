"""What a digest's channels hold, and who may read them, as Discord says at that moment."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.platform import Refusal, SourceInfo
from precis.ask import AskRequest
from tests.bot.discord.digest_views import Posts, catch_up, waited
from tests.peers.discord_server import BOT_PERMISSIONS, Permission

P = Permission
NOW = datetime.now(UTC)
SINCE = NOW - timedelta(days=1)


@pytest.fixture
def asked(bot, guild):
    """Asks the poster of this server."""
    poster = Posts(bot, guild).poster

    def ask(method, *args):
        return waited(bot, getattr(poster, method)(str(guild.id), *args))

    return ask


@pytest.fixture
def heard(bot, server, guild):
    return lambda: catch_up(bot, server, guild)


def thread(server, channel, name, at, **more):
    made = channel.add_thread(name, at=NOW - timedelta(days=9), **more)
    server.say(made, channel.guild.owner, name, at=at)
    return made


def test_a_channel_comes_with_its_threads_of_that_time(
    server, guild, algebra, people, asked, heard
):
    recent, old = NOW - timedelta(hours=2), NOW - timedelta(days=3)
    active = thread(server, algebra, "active", recent)
    archived = [thread(server, algebra, f"archived {n}", recent) for n in range(3)]
    quiet = thread(server, algebra, "quiet", old)
    thread(server, algebra, "private", recent, private=True, members=[server.bot])
    for each in (*archived, quiet):
        each.archive()
    thread(server, guild.add_text_channel("other"), "elsewhere", recent)
    heard()
    found = asked("places", str(algebra.id), SINCE)
    assert [each.place for each in found] == [str(each.id) for each in (algebra, active, *archived)]
    assert {each.server for each in found} == {str(guild.id)}
    assert [each.parent for each in found] == [None, *[str(algebra.id)] * 4]


def test_archived_threads_come_by_pages_and_no_further_than_needed(
    server, guild, algebra, asked, heard
):
    archived = [thread(server, algebra, f"t{n}", NOW) for n in range(130)]
    for n, each in enumerate(archived):
        each.archived, each.archive_timestamp = True, NOW - timedelta(minutes=n)
    older = [thread(server, algebra, f"old{n}", NOW - timedelta(days=5)) for n in range(120)]
    for n, each in enumerate(older):
        each.archived, each.archive_timestamp = True, NOW - timedelta(days=4, minutes=n)
    guild.refresh_bots_view()
    heard()
    found = asked("places", str(algebra.id), SINCE)
    assert {each.place for each in found} >= {str(each.id) for each in archived}
    assert not {each.place for each in found} & {str(each.id) for each in older}
    pages = server.requests_to("GET /channels/{}/threads/archived/public")
    assert [page.query.get("before") is None for page in pages] == [True, False]


def test_a_forum_is_its_posts(server, bot, guild, people, asked, heard):
    forum = guild.add_forum("forum")
    post = forum.add_post("Exam", "What will be asked?", people[1])
    heard()
    assert [each.place for each in asked("places", str(forum.id), SINCE)] == [
        str(forum.id),
        str(post.id),
    ]
    assert asked("bot_refusal", str(forum.id)) is None
    assert asked("reader_refusal", str(forum.id), str(people[1].id)) is None
    request = AskRequest(
        platform="discord", server=str(guild.id), source=str(forum.id), place="1", person="1"
    )
    found = waited(bot, bot.platform.source(request))
    assert isinstance(found, SourceInfo)
    assert found.name == "forum"


def test_a_message_is_asked_for_where_it_stands(bot, server, guild, algebra, people, heard):
    """A thread is told of with the message that it began from, which is in the channel."""
    question = server.say(algebra, people[0], "question", at=NOW - timedelta(hours=2))
    from_it = algebra.add_thread("thread", from_message=question)
    inside = server.say(from_it, people[1], "inside", at=NOW - timedelta(hours=1))
    heard()
    poster = Posts(bot, guild).poster
    thread = AskRequest(
        platform="discord", server=str(guild.id), source=str(from_it.id), place="1", person="1"
    )
    channel = thread.model_copy(update={"source": str(algebra.id)})

    async def read():
        return [each.message async for each in bot.platform.history(thread) if each.message]

    known = {each.text: each for each in waited(bot, read())}

    def as_now(request, text):
        return waited(bot, poster.as_now(request, known[text]))

    assert set(known) == {"question", "inside"}
    for request in (thread, channel):
        assert as_now(request, "question").text == "question"
    assert as_now(thread, "inside") == known["inside"]
    server.edit(question, "edited")
    server.delete(inside)
    assert as_now(thread, "question").text == "edited"
    assert as_now(thread, "inside") is None
    algebra.set_overwrite(server.bot, deny=P.VIEW_CHANNEL)
    assert as_now(channel, "question") is None


def test_what_cannot_be_read_has_no_places(server, guild, people, asked, heard, algebra):
    voice, closed = guild.add_voice_channel("lounge"), guild.add_text_channel("closed")
    closed.set_overwrite(server.bot, deny=P.READ_MESSAGE_HISTORY)
    gone = guild.add_text_channel("gone")
    gone.delete()
    elsewhere = server.add_guild("Another", people[0]).add_text_channel("x")
    guild.everyone.set_permissions(guild.everyone.permissions & ~P.CONNECT)
    heard()
    refusals = {
        voice: Refusal.BOT_CANNOT_CONNECT,
        closed: Refusal.BOT_CANNOT_READ_HISTORY,
        gone: Refusal.CHANNEL_GONE,
        elsewhere: Refusal.CHANNEL_GONE,
    }
    for channel, refusal in refusals.items():
        assert asked("places", str(channel.id), SINCE) == ()
        assert asked("bot_refusal", str(channel.id)) is refusal
        assert asked("reader_refusal", str(channel.id), str(people[1].id)) is refusal
        assert not asked("all_may_read", str(channel.id), str(algebra.id)) or channel is closed


def test_a_reader_is_asked_for_as_of_now(server, guild, people, asked, heard, algebra):
    role = guild.add_role("Club")
    ben = guild.members[people[1].id]
    private = guild.add_text_channel("private").make_private(role, server.bot)
    heard()
    assert asked("reader_refusal", str(private.id), str(ben.user.id)) is Refusal.PERSON_CANNOT_VIEW
    assert asked("reader_refusal", str(algebra.id), str(people[2].id)) is None
    ben.add_role(role)
    guild.kick(people[2])
    assert asked("reader_refusal", str(private.id), str(ben.user.id)) is None
    assert asked("reader_refusal", str(algebra.id), str(people[2].id)) is Refusal.PERSON_CANNOT_VIEW


def test_who_reads_a_target_reads_its_sources(server, guild, asked, heard, algebra):
    role = guild.add_role("Club")
    private, other = guild.add_text_channel("private"), guild.add_text_channel("other")
    private.make_private(role, server.bot)
    unseen = guild.add_text_channel("unseen").make_private(role)
    voice = guild.add_voice_channel("lounge")
    forum = guild.add_forum("forum")
    guild.bot_role.set_permissions(BOT_PERMISSIONS | P.CONNECT)
    secret = algebra.add_thread("secret", private=True, members=[server.bot])
    public = algebra.add_thread("public")
    heard()

    def all_read(source, target):
        return asked("all_may_read", str(source.id), str(target.id))

    assert all_read(algebra, algebra)
    assert all_read(algebra, other)
    assert all_read(algebra, private)
    assert all_read(private, private)
    assert all_read(forum, other)
    assert all_read(voice, other)
    assert all_read(public, other)
    assert not all_read(private, other)
    assert not all_read(secret, algebra)
    assert not all_read(algebra, unseen)
    assert not all_read(unseen, unseen)
    guild.everyone.set_permissions(guild.everyone.permissions & ~P.CONNECT)
    heard()
    assert not all_read(voice, other)
    assert all_read(voice, voice)
