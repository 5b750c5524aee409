"""Digests in channels, threads and direct messages: once each, whatever is lost or dies."""

import pytest

from bot.digests.poster import UnwritableError
from bot.platform import PlatformDownError
from precis.digest import Target
from tests.bot.discord.digest_views import TITLE, Posts, catch_up, digest, long, waited
from tests.peers.discord_server import BOT_PERMISSIONS, EVERYONE, Permission

SEND = "POST /channels/{}/messages"
THREAD = "POST /channels/{}/messages/{}/threads"
P = Permission


@pytest.fixture
def posts(bot, guild):
    return Posts(bot, guild)


@pytest.fixture
def channel(guild):
    return guild.add_text_channel("general")


@pytest.fixture
def target(channel):
    return Target(kind="channel", id=str(channel.id))


@pytest.fixture
def to_ben(people):
    return Target(kind="person", id=str(people[1].id))


def words(messages):
    return [line for message in messages for line in message.text.splitlines()]


def topics(messages):
    return [line for line in words(messages) if line.startswith("**Topic")]


ALL = [f"**Topic {number}**" for number in range(20)]


def test_a_short_digest_is_one_message_that_pings_nobody(server, posts, target, channel, people):
    posts(target, digest(3, text=f"@everyone {people[1].mention}"))
    [message] = server.messages_by_bot(channel)
    assert message.embeds[0]["title"] == TITLE
    assert topics([message]) == ALL[:3]
    assert (message.pinged, posts.noted) == (frozenset(), [str(message.id)])
    assert channel.threads == []
    posts(target, digest(3))
    assert server.messages_by_bot(channel) == [message], "shown again it isn't"


def test_a_long_one_has_a_thread(server, posts, target, channel):
    posts(target, long())
    [first] = server.messages_by_bot(channel)
    [thread] = channel.threads
    parts = [each for each in server.messages_by_bot(thread) if each.embeds]
    assert (thread.name, thread.id) == (TITLE, first.id)
    assert words([first]) == [TITLE, "12 messages", "all in one channel"]
    assert topics(parts) == ALL
    assert posts.noted == [str(each.id) for each in (first, *parts)]


def test_where_the_bot_may_make_no_thread_the_rest_follows(
    server, bot, guild, posts, target, channel
):
    guild.everyone.set_permissions(EVERYONE & ~P.CREATE_PUBLIC_THREADS)
    catch_up(bot, server, guild)
    posts(target, long())
    assert topics(server.messages_by_bot(channel)) == ALL
    assert "all in one channel" not in words(server.messages_by_bot(channel))
    assert len(posts.noted) == len(server.messages_by_bot(channel)) > 2


def test_a_thread_that_is_refused_all_the_same(server, posts, target, channel):
    server.fail(THREAD, 403)
    posts(target, long())
    assert topics(server.messages_by_bot(channel)) == ALL


def test_a_voice_channel_has_messages_in_a_row(server, bot, guild, posts):
    guild.bot_role.set_permissions(BOT_PERMISSIONS | P.CONNECT)
    channel = guild.add_voice_channel("lounge")
    catch_up(bot, server, guild)
    posts(Target(kind="channel", id=str(channel.id)), long())
    assert topics(server.messages_by_bot(channel)) == ALL


def test_direct_messages_are_in_a_row(server, posts, to_ben, people):
    posts(to_ben, long())
    assert topics(server.dms(people[1])) == ALL
    assert posts.noted == [str(each.id) for each in server.dms(people[1])]


@pytest.mark.parametrize(("route", "status"), [(SEND, None), (THREAD, None), (THREAD, 500)])
def test_a_lost_answer_posts_nothing_twice(server, posts, target, channel, route, status):
    """Of the last one the library asks anew, before the use case does."""
    server.fail(route, status, after_effect=True)
    if status is None:
        with pytest.raises(PlatformDownError):
            posts(target, long())
    posts(target, long())
    [thread] = channel.threads
    assert len(server.messages_by_bot(channel)) == 1
    assert topics(server.messages_by_bot(thread)) == ALL


@pytest.fixture
def way(request, server, guild, bot, channel, people):
    """A target, and where messages for it may be."""
    if request.param == "direct":
        person = people[1]
        return Target(kind="person", id=str(person.id)), lambda: [server.dm_channel(person)]
    if request.param == "row":
        guild.everyone.set_permissions(EVERYONE & ~P.CREATE_PUBLIC_THREADS)
        catch_up(bot, server, guild)
    target = Target(kind="channel", id=str(channel.id))
    return target, lambda: [channel, *channel.threads]


@pytest.mark.parametrize(
    ("way", "number"),
    [("thread", 0), ("thread", 1), ("thread", 2), ("row", 1), ("direct", 0), ("direct", 2)],
    indirect=["way"],
)
def test_what_was_posted_and_not_noted_is_found(server, guild, posts, people, way, number):
    """Later than Discord remembers a nonce, among what others write."""
    target, places = way
    posts.dying(target, long(), number)
    server.fill(places()[0], [people[1]], 50)
    other = Posts(posts.bot, guild)
    other(target, long(key="ab" * 16, text="other"))
    server.advance(400)
    posts(target, long())
    made = [each for place in places() for each in server.messages_by_bot(place)]
    ours = [each for each in made if str(each.id) in posts.noted]
    theirs = [each for each in made if str(each.id) in other.noted]
    assert topics(ours) == topics(theirs) == ALL
    assert len({*posts.noted, *other.noted}) == len([each for each in made if each.embeds])


def test_a_digest_that_was_taken_away_halfway_is_not_gone_on_with(server, posts, target, channel):
    posts.dying(target, long(), 1)
    server.delete(server.messages_by_bot(channel)[0])
    channel.threads[0].delete()
    posts(target, long())
    assert server.messages_by_bot(channel) == []
    assert len(posts.noted) == 1


def test_where_nothing_can_be_written_that_is_told(
    server, guild, posts, target, channel, to_ben, people
):
    bot = posts.bot
    people[1].accepts_dms = False
    with pytest.raises(UnwritableError):
        posts(to_ben, digest())
    poster, server_id = posts.poster, str(guild.id)
    with pytest.raises(UnwritableError):
        waited(bot, poster.tell(server_id, to_ben.id, "paused", "key"))
    with pytest.raises(UnwritableError):
        posts(Target(kind="person", id="7"), digest())
    assert waited(bot, poster.may_write(server_id, target))
    channel.set_overwrite(server.bot, deny=P.SEND_MESSAGES)
    catch_up(bot, server, guild)
    with pytest.raises(UnwritableError):
        posts(target, digest())
    assert not waited(bot, poster.may_write(server_id, target))
    channel.delete()
    with pytest.raises(UnwritableError):
        posts(target, digest())
    other = server.add_guild("Another", guild.owner).add_text_channel("general")
    with pytest.raises(UnwritableError):
        posts(Target(kind="channel", id=str(other.id)), digest())
    assert server.messages_by_bot(other) == []


def test_a_line_is_told_once(server, guild, posts, people):
    text = f"Paused: {waited(posts.bot, posts.poster.place(str(guild.id), '22'))}"
    for _ in range(2):
        waited(posts.bot, posts.poster.tell(str(guild.id), str(people[1].id), text, "a-key:22"))
    assert [each.text for each in server.dms(people[1])] == ["Paused: <#22>"]
