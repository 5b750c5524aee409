"""The stand-in's HTTP API, tried with the real discord.py: history, permissions, limits."""

import asyncio
import io
import time

import aiohttp
import discord
import pytest

from tests.peers.discord.permissions import P
from tests.peers.discord_client import Bot, running
from tests.services import wait_until


@pytest.fixture
def bot(lenient, guild, lounge):
    with running(Bot(lenient)) as started:
        yield started


def _channel(bot, place):
    return bot.get_partial_messageable(place.id)


async def _history(place, **options):
    return [message async for message in place.history(**options)]


def _send(bot, place, *args, **options):
    return bot.do(lambda: _channel(bot, place).send(*args, **options))


def _refusal(bot, place, *args, **options):
    with pytest.raises(discord.HTTPException) as refusal:
        _send(bot, place, *args, **options)
    return refusal.value


def test_history_is_paged_newest_first_with_a_429_in_the_middle(server, bot, lounge, ana, ben):
    server.fill(lounge, [ana, ben], 350)
    server.rate_limit(f"GET /channels/{lounge.id}/messages", retry_after=0.2)
    read = bot.do(lambda: _history(_channel(bot, lounge), limit=None))
    assert [message.content for message in read] == [f"message {n}" for n in range(350, 0, -1)]
    requests = server.history_requests(lounge)
    assert [request.status for request in requests] == [429, 200, 200, 200, 200]
    assert [len(request.answer) for request in requests[1:]] == [100, 100, 100, 50]


def test_history_goes_forward_and_around(server, bot, lounge, ana):
    written = server.fill(lounge, [ana], 30)
    place = _channel(bot, lounge)
    after = bot.do(lambda: _history(place, after=written[9], limit=5))
    assert [message.id for message in after] == [message.id for message in written[10:15]]
    around = bot.do(lambda: _history(place, around=written[9], limit=5))
    assert {message.id for message in around} == {message.id for message in written[7:12]}


def test_a_bucket_refills(server, bot, lounge, ana):
    server.fill(lounge, [ana], 600)
    server.set_limit("GET /channels/{}/messages", 2, per=0.3)
    began = time.monotonic()
    read = bot.do(lambda: _history(_channel(bot, lounge), limit=None))
    assert len(read) == 600
    assert time.monotonic() - began > 0.6
    assert {request.status for request in server.history_requests(lounge)} == {200}


def test_a_client_that_does_not_wait_gets_429(server, bot, lounge):
    server.set_limit("GET /channels/{}/messages", 2, per=5)
    statuses = bot.do(lambda: _raw_statuses(server, lounge))
    assert statuses == [200, 200, 429]


async def _raw_statuses(server, place):
    headers = {"Authorization": f"Bot {server.token}", "User-Agent": "DiscordBot (a test, 1)"}
    found = []
    async with aiohttp.ClientSession(headers=headers) as session:
        for _ in range(3):
            async with session.get(f"{server.api}/channels/{place.id}/messages") as response:
                found.append(response.status)
                limited = await response.json()
                names = response.headers
        assert limited["message"] == "You are being rate limited."
        assert 0 < limited["retry_after"] <= 5
        assert names["X-RateLimit-Remaining"] == "0"
        assert names["X-RateLimit-Limit"] == "2"
        assert int(names["Retry-After"]) >= 1
    return found


def test_the_global_limit_holds_all_requests(server, bot, lounge, ana):
    server.fill(lounge, [ana], 500)
    server.set_global_limit(3, per=0.3)
    read = bot.do(lambda: _history(_channel(bot, lounge), limit=None))
    assert len(read) == 500
    limited = [r for r in server.history_requests(lounge) if r.status == 429]
    assert limited
    assert limited[0].answer["global"]


def test_without_history_permission_a_channel_reads_as_empty(server, bot, guild, lounge, ana):
    server.fill(lounge, [ana], 3)
    lounge.set_overwrite(guild.bot_role, deny=P.READ_MESSAGE_HISTORY)
    place = _channel(bot, lounge)
    assert bot.do(lambda: _history(place)) == []
    with pytest.raises(discord.Forbidden):
        bot.do(lambda: place.fetch_message(lounge.messages[0].id))


def test_private_threads_are_for_members_and_moderators(server, bot, guild, lounge, ana, ben):
    thread = lounge.add_thread("plans", private=True, owner=ben)
    server.say(thread, ben, "hello")
    place = _channel(bot, thread)
    with pytest.raises(discord.Forbidden):
        bot.do(lambda: _history(place))
    assert thread.readable_by(ben)
    assert thread.readable_by(ana), "the owner of the guild"
    thread.add_member(server.bot)
    assert [message.content for message in bot.do(lambda: _history(place))] == ["hello"]
    thread.remove_member(server.bot)
    with pytest.raises(discord.Forbidden):
        bot.do(lambda: _history(place))
    guild.bot_role.set_permissions(guild.bot_role.permissions | P.MANAGE_THREADS)
    assert len(bot.do(lambda: _history(place))) == 1


def test_sending_in_threads_is_a_permission_of_its_own(server, bot, guild, lounge, ben):
    thread = lounge.add_thread("plans", owner=ben)
    lounge.set_overwrite(guild.bot_role, deny=P.SEND_MESSAGES)
    assert _refusal(bot, lounge, "hello").code == 50013
    _send(bot, thread, "hello")
    lounge.set_overwrite(guild.bot_role, deny=P.SEND_MESSAGES_IN_THREADS)
    assert _refusal(bot, thread, "hello").code == 50013


def test_embeds_need_their_permission(server, bot, guild, lounge):
    lounge.set_overwrite(guild.bot_role, deny=P.EMBED_LINKS)
    assert _refusal(bot, lounge, embed=discord.Embed(title="hello")).code == 50013


def test_a_role_overwrite_yields_to_a_member_overwrite(guild, lounge, ben):
    members = guild.add_role("members")
    guild.members[ben.id].add_role(members)
    lounge.set_overwrite(members, deny=P.VIEW_CHANNEL)
    assert not lounge.visible_to(ben)
    lounge.set_overwrite(ben, allow=P.VIEW_CHANNEL)
    assert lounge.visible_to(ben)


def test_a_forum_post_is_a_thread_and_a_voice_channel_has_a_chat(server, bot, guild, ben):
    forum = guild.add_forum("questions")
    post = forum.add_post("How?", "I wonder how", ben)
    voice = guild.add_voice_channel("talk")
    server.say(voice, ben, "anyone?")
    wait_until(lambda: len(bot.heard) == 2, 10, "the messages")
    assert isinstance(bot.heard[0].channel, discord.Thread)
    assert bot.heard[0].channel.parent.name == "questions"
    assert bot.heard[0].id == post.id
    assert isinstance(bot.heard[1].channel, discord.VoiceChannel)
    voice.set_overwrite(guild.bot_role, deny=P.CONNECT)
    with pytest.raises(discord.Forbidden):
        bot.do(lambda: _history(_channel(bot, voice)))


def test_threads_are_listed_active_and_archived(server, bot, guild, lounge, ben):
    message = server.say(lounge, ben, "shall we?")
    old = lounge.add_thread("old", owner=ben)
    new = lounge.add_thread("new", from_message=message)
    old.archive()
    seen = bot.get_guild(guild.id)
    assert [thread.id for thread in bot.do(seen.active_threads)] == [new.id]
    archived = bot.do(lambda: _listed(seen.get_channel(lounge.id).archived_threads()))
    assert [thread.id for thread in archived] == [old.id]
    read = bot.do(lambda: _history(_channel(bot, new)))
    assert [m.type for m in read] == [discord.MessageType.thread_starter_message]
    assert read[0].reference.resolved.content == "shall we?"
    server.say(old, ben, "again")
    assert not old.archived


async def _listed(threads):
    return [thread async for thread in threads]


def test_thread_members_can_be_asked_for_one_by_one(server, bot, lounge, ana, ben):
    thread = lounge.add_thread("plans", private=True, owner=ben, members=[server.bot])
    route = discord.http.Route
    path = "/channels/{channel_id}/thread-members/{user_id}"
    asked = route("GET", path, channel_id=thread.id, user_id=ben.id)
    found = bot.do(lambda: bot.http.request(asked))
    assert found["user_id"] == str(ben.id)
    stranger = route("GET", path, channel_id=thread.id, user_id=ana.id)
    with pytest.raises(discord.NotFound):
        bot.do(lambda: bot.http.request(stranger))
    everyone = route("GET", "/channels/{channel_id}/thread-members", channel_id=thread.id)
    assert len(bot.do(lambda: bot.http.request(everyone))) == 2
    server.revoke_intents("members")
    with pytest.raises(discord.Forbidden):
        bot.do(lambda: bot.http.request(everyone))


def test_a_nonce_makes_a_message_once(server, bot, lounge):
    first = _send(bot, lounge, "once", nonce="job-7")
    second = _send(bot, lounge, "once", nonce="job-7")
    assert first.id == second.id
    assert [message.content for message in lounge.messages] == ["once"]


def test_a_message_whose_answer_is_lost_is_not_doubled_by_its_nonce(server, bot, lounge):
    server.fail("POST /channels/{}/messages", 502, after_effect=True)
    _send(bot, lounge, "once", nonce="job-8")
    assert [r.status for r in server.requests_to("POST /channels/{}/messages")] == [502, 200]
    assert len(lounge.messages) == 1


def test_a_dropped_connection_is_an_error_of_the_client(server, bot, lounge):
    server.fail("POST /channels/{}/messages", None)
    with pytest.raises((OSError, aiohttp.ClientError)):
        _send(bot, lounge, "lost")
    assert lounge.messages == []


def test_a_route_hangs_until_it_is_released(server, bot, lounge):
    hang = server.hang("POST /channels/{}/messages")
    sending = _channel(bot, lounge).send("at last")
    work = asyncio.run_coroutine_threadsafe(sending, bot.loop)
    wait_until(lambda: hang.waiting == 1, 10, "the request")
    assert lounge.messages == []
    hang.release()
    assert work.result(10).content == "at last"


def test_direct_messages_may_be_refused(server, bot, guild, ben):
    shy = server.add_user("shy", accepts_dms=False)
    stranger = server.add_user("stranger")
    guild.add_member(shy)
    bot.do(lambda: _dm(bot, ben.id))
    assert [message.content for message in server.dms(ben)] == ["hello"]
    for user, code in ((shy, 50007), (stranger, 50278)):
        with pytest.raises(discord.Forbidden) as refusal:
            bot.do(lambda user=user: _dm(bot, user.id))
        assert refusal.value.code == code


async def _dm(bot, user_id):
    user = await bot.fetch_user(user_id)
    await user.send("hello")


def test_whom_a_message_pings(server, bot, guild, lounge, ana, ben):
    helpers = guild.add_role("helpers", mentionable=True)
    guild.members[ana.id].add_role(helpers)
    everyone = f"@everyone {ben.mention} {helpers.mention}"
    _send(bot, lounge, everyone)
    _send(bot, lounge, everyone, allowed_mentions=discord.AllowedMentions.none())
    _send(bot, lounge, f"`{ben.mention}` and {helpers.mention}")
    _send(bot, lounge, everyone, allowed_mentions=discord.AllowedMentions(users=[ana]))
    pinged = [set(message.pinged) for message in lounge.messages]
    assert pinged == [{ana, ben}, set(), {ana}, {ana, ben}]


def test_messages_of_others_cannot_be_edited(server, bot, lounge, ben):
    theirs = server.say(lounge, ben, "mine")
    message = _channel(bot, lounge).get_partial_message(theirs.id)
    for work, code in ((lambda: message.edit(content="ours"), 50005), (message.delete, 50013)):
        with pytest.raises(discord.Forbidden) as refusal:
            bot.do(work)
        assert refusal.value.code == code
    with pytest.raises(discord.NotFound):
        bot.do(lambda: _channel(bot, lounge).fetch_message(1))


def test_the_bots_own_messages_are_edited_and_deleted(server, bot, lounge, ben):
    asked = server.say(lounge, ben, "what was it?", attachments=["notes.txt"])
    message = _send(
        bot, lounge, "this", reference=_channel(bot, lounge).get_partial_message(asked.id)
    )
    mine = server.messages_by_bot(lounge)[0]
    assert mine.reply_to is asked
    assert mine.pinged == {ben}
    bot.do(lambda: message.edit(content="that"))
    assert (mine.content, bool(mine.edited_at)) == ("that", True)
    bot.do(message.delete)
    assert mine.deleted
    assert lounge.messages == [asked]
    server.delete(asked)
    refused = _refusal(
        bot, lounge, "this", reference=_channel(bot, lounge).get_partial_message(asked.id)
    )
    assert refused.code == 50035


def test_attachments_and_system_messages_are_read(server, bot, lounge, ben):
    server.say(lounge, ben, "see", attachments=["notes.txt"])
    server.say(lounge, ben, "", kind=7)
    joined, seen = bot.do(lambda: _history(_channel(bot, lounge)))
    assert seen.attachments[0].filename == "notes.txt"
    assert joined.type is discord.MessageType.new_member
    assert joined.is_system()


def test_an_uploaded_file_needs_its_permission(server, bot, guild, lounge):
    lounge.set_overwrite(guild.bot_role, deny=P.ATTACH_FILES)
    file = discord.File(io.BytesIO(b"one"), "one.txt")
    assert _refusal(bot, lounge, file=file).code == 50013
    lounge.clear_overwrite(guild.bot_role)
    _send(bot, lounge, file=discord.File(io.BytesIO(b"one"), "one.txt"))
    assert lounge.messages[0].attachments[0]["filename"] == "one.txt"


def test_ten_thousand_messages_are_read_quickly(server, bot, lounge, ana, ben):
    server.fill(lounge, [ana, ben], 10_000)
    read = bot.do(lambda: _history(_channel(bot, lounge), limit=None), seconds=60)
    assert len(read) == 10_000
    assert len(server.history_requests(lounge)) == 101
