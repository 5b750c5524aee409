"""What is written in watched channels is scored, soon and all of it, and nothing else is."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest

from bot.delays import Delays
from bot.moderation.listening import Listening
from bot.platform import PlatformDownError, Refusal
from precis.errors import StoreError
from precis.job import WATCH_QUEUE
from tests.bot.moderation.desks import MOD, at
from tests.conversations import message as said_at
from tests.precis.store.chats import tables_with
from tests.precis.store.moderating import watch
from tests.services import until


def message(number, author="Ana", text="xylophone", ago=0.0):
    """A message of so many seconds ago."""
    time = datetime.now(UTC) - timedelta(seconds=ago)
    return said_at(number, author, f"{text} {number}", time=time)


async def settled(listening):
    """Until nothing waits to be taken or read."""

    def busy():
        later = listening._missed or listening._some.is_set()
        return listening._waiting or listening._catching_up or later

    await until(lambda: not busy(), what="the listening to settle")


def heard(scene, *messages, place=None, listening=None, then=None):
    """What is taken of what is heard, as ids by job."""

    async def scenario():
        hears = listening or Listening(scene.context)
        for each in messages:
            hears.hear(place or at(), each)
        hears.begin()
        await settled(hears)
        if then:
            await then(hears)
            await settled(hears)
        await hears.close()

    asyncio.run(scenario())
    return taken(scene)


def taken(scene):
    sender = scene.context.sender
    return [[each.id for each in scene.jobs.conversation(job).messages] for job, _ in sender.sent]


def caught_up(scene, *places, server="s1"):
    """The same of what another bot reads when it connects."""
    scene.context.sender.sent.clear()
    listening = Listening(scene.context)

    async def scenario():
        listening.begin()
        listening.catch_up(server, places)
        await settled(listening)
        await listening.close()

    asyncio.run(scenario())
    return [each for some in taken(scene) for each in some]


def scored_late(scene, said):
    watch(scene.cases, scene.jobs, [said], place=at())
    return said


def test_messages_of_a_place_go_together_to_be_scored(scene):
    assert heard(scene, message(1), message(2, "Ben")) == [["1", "2"]]
    (job_id, queue) = scene.context.sender.sent[0]
    assert queue == WATCH_QUEUE
    assert scene.jobs.job(job_id).request.task == "score"


def test_the_job_has_the_thresholds_of_its_channel(scene):
    scene.settings(thresholds={"insult": 0.5}, channel_thresholds={"c1": {"toxicity": 0.3}})
    heard(scene, message(1), place=at("t1", parent="c1"))
    (job_id, _) = scene.context.sender.sent[0]
    assert scene.jobs.job(job_id).request.thresholds == {"insult": 0.5, "toxicity": 0.3}


@pytest.mark.parametrize(
    "place", [at("c2"), at("t1", parent="c2"), at("c1", server=None), at("c1", server="s2")]
)
def test_what_is_written_elsewhere_is_not_taken(scene, place):
    assert heard(scene, message(1), place=place) == []


def test_a_thread_of_a_watched_channel_is_watched(scene):
    assert heard(scene, message(1), place=at("t1", parent="c1")) == [["1"]]


@pytest.mark.parametrize("forbidden", ["c1", "category"])
def test_what_is_never_read_is_not_taken(scene, forbidden):
    scene.platform.within["c1"] = ("c1", "category")
    scene.settings(never_read=(forbidden,))
    assert heard(scene, message(1)) == []


def test_who_opted_out_is_not_heard(scene):
    scene.context.chat.opt_out("discord", "ana")
    assert heard(scene, message(1), message(2, "Ben")) == [["2"]]


def test_what_was_deleted_meanwhile_is_not_kept(scene):
    scene.context.deleted.note({"1"})
    assert heard(scene, message(1), message(2)) == [["2"]]


def test_who_opts_out_while_it_is_stored_is_forgotten(scene):
    take = scene.cases.take

    def meanwhile(*args):
        scene.context.chat.opt_out("discord", "ana")
        return take(*args)

    scene.cases.take = meanwhile
    assert heard(scene, message(1), message(2, "Ben")) == [["2"]]
    assert tables_with(scene.jobs, "xylophone 1") == set()


def test_of_a_message_edited_at_once_the_last_text_is_taken(scene):
    heard(scene, message(1), message(1, text="zither"))
    (job_id, _) = scene.context.sender.sent[0]
    assert [each.text for each in scene.jobs.conversation(job_id).messages] == ["zither 1"]


def test_a_channel_that_is_watched_no_more_is_not_heard(scene):
    before = scene.context.chat.server_settings("discord", "s1")

    async def stop(listening):
        after = scene.settings(watched=())
        scene.moderation.listening = listening
        await scene.moderation.settings_changed(MOD, before, after)
        listening.hear(at(), message(2))

    assert heard(scene, message(1), then=stop) == [["1"]]
    assert scene.cases.watched_until("discord", "s1") == {}


def test_what_was_written_while_a_channel_was_not_watched_is_not_read_once_it_is_again(scene):
    watching = scene.context.chat.server_settings("discord", "s1")
    unwatched = scene.settings(watched=())
    asyncio.run(scene.moderation.settings_changed(MOD, watching, unwatched))
    heard_late = scored_late(scene, message(1, ago=3_600))  # another bot had it in hand
    scene.platform.written["c1"] = [heard_late, message(2, ago=1_800)]
    watched = scene.settings(watched=("c1",))
    asyncio.run(scene.moderation.settings_changed(MOD, unwatched, watched))
    assert caught_up(scene, at()) == []


def test_while_the_store_is_down_messages_wait(scene, monkeypatch):
    monkeypatch.setattr("bot.moderation.listening.AGAIN_AFTER", 0.05)
    take, tries = scene.cases.take, []

    def down_at_first(*args):
        tries.append(1)
        if len(tries) < 3:
            raise StoreError("the store is down")
        return take(*args)

    scene.cases.take = down_at_first
    assert heard(scene, message(1), message(2)) == [["1", "2"]]


def test_a_bug_about_one_batch_ends_no_listening(scene, monkeypatch):
    monkeypatch.setattr("bot.moderation.listening.AGAIN_AFTER", 0.05)
    take, tries = scene.cases.take, []
    scene.platform.written["c1"] = [message(1)]

    def broken_at_first(*args):
        tries.append(1)
        if len(tries) < 2:
            raise RuntimeError("a bug")
        return take(*args)

    async def more(listening):
        listening.hear(at(), message(2))

    scene.cases.take = broken_at_first
    heard(scene, message(1), then=more)
    found = {each for some in taken(scene) for each in some}
    assert found == {"1", "2"}  # what was given up was read from the history


def test_a_place_that_the_platform_does_not_tell_of_keeps_no_other_waiting(scene, monkeypatch):
    monkeypatch.setattr("bot.moderation.listening.AGAIN_AFTER", 0.05)
    scene.settings(watched=("c1", "c2"), never_read=("c9",))
    source = scene.platform.source

    async def down_for_one(request):
        if request.source == "c1":
            raise PlatformDownError
        return await source(request)

    async def scenario():
        listening = Listening(scene.context)
        listening.hear(at(), message(1))
        listening.begin()
        await until(lambda: listening._catching_up, what="the first place to be left for later")
        listening.hear(at("c2"), message(2))
        await until(lambda: taken(scene), what="the other place")
        scene.platform.source = source
        await settled(listening)
        await listening.close()

    scene.platform.source = down_for_one
    asyncio.run(scenario())
    assert taken(scene) == [["2"]]


def test_after_a_restart_what_was_missed_is_read(scene):
    heard(scene, message(1, ago=600))
    scene.platform.written["c1"] = [message(n, ago=500 - n) for n in range(2, 5)]
    assert caught_up(scene, at()) == ["2", "3", "4"]


def test_what_was_missed_is_read_also_where_something_newer_is_heard_first(scene):
    heard(scene, message(1, ago=600))
    scene.platform.written["c1"] = [message(2, ago=300), message(3)]
    scene.context.sender.sent.clear()
    listening = Listening(scene.context)

    async def connected(hears):
        hears.catch_up("s1", [at()])

    heard(scene, message(3), listening=listening, then=connected)
    assert "2" in {each for some in taken(scene) for each in some}


def test_what_was_written_while_the_connection_was_lost_is_read(scene):
    listening = Listening(scene.context)

    async def lost(hears):
        hears.connection_lost()
        scene.platform.written["c1"] = [message(2)]
        hears.catch_up("s1", [at()])

    heard(scene, message(1, ago=600), listening=listening, then=lost)
    assert taken(scene) == [["1"], ["2"]]


def test_what_was_read_moves_the_watermark_in_order(scene, monkeypatch):
    """So that a bot that dies halfway leaves nothing unread behind the watermark."""
    monkeypatch.setattr("bot.moderation.listening.AT_ONCE", 2)
    heard(scene, message(0, ago=900))
    scene.platform.written["c1"] = [message(n, ago=600 - n) for n in range(1, 7)]
    assert caught_up(scene, at()) == [str(n) for n in range(1, 7)]


def test_threads_that_were_heard_are_read_too_and_new_ones_as_their_channel(scene):
    heard(scene, message(1, ago=600), place=at("t1", parent="c1"))
    heard(scene, message(2, ago=600))
    scene.platform.written |= {"t1": [message(3, ago=300)], "t2": [message(4, ago=300)]}
    assert sorted(caught_up(scene, at(), at("t2", parent="c1"))) == ["3", "4"]


def test_a_channel_is_watched_from_when_it_was_first_heard_of(scene):
    scene.platform.written["c1"] = [message(1, ago=600)]
    assert caught_up(scene, at()) == []
    scene.platform.written["c1"].append(message(2))
    assert "2" in caught_up(scene, at())


def test_no_more_than_a_day_is_read(scene):
    heard(scene, message(1, ago=4 * 24 * 3600))
    scene.platform.written["c1"] = [message(2, ago=26 * 3600), message(3, ago=3600)]
    assert caught_up(scene, at()) == ["3"]


def test_what_cannot_be_read_now_is_read_later(scene, monkeypatch):
    monkeypatch.setattr("bot.moderation.listening.AGAIN_AFTER", 0.1)
    heard(scene, message(1, ago=600))
    scene.platform.written["c1"] = [message(2, ago=300)]
    history, tries = scene.platform.history, []

    async def down_at_first(request):
        tries.append(1)
        if len(tries) < 3:
            raise PlatformDownError
        async for each in history(request):
            yield each

    scene.platform.history = down_at_first
    assert caught_up(scene, at()) == ["2"]


def test_a_channel_that_may_not_be_read_keeps_no_other_from_being_read(scene):
    scene.settings(watched=("c1", "c2"))
    heard(scene, message(1, ago=600))
    heard(scene, message(2, ago=600), place=at("c2"))
    scene.platform.written["c2"] = [message(3, ago=300)]
    history = scene.platform.history

    async def forbidden(request):
        if request.source == "c1":
            raise RuntimeError("403")
        async for each in history(request):
            yield each

    scene.platform.history = forbidden
    assert caught_up(scene, at(), at("c2")) == ["3"]


def test_a_channel_that_is_gone_is_not_read(scene):
    scene.settings(never_read=("c9",))
    heard(scene, message(1, ago=600))
    scene.platform.written["c1"] = [message(2, ago=300)]
    scene.platform.refusals["c1"] = Refusal.CHANNEL_GONE
    assert caught_up(scene, at()) == []


def test_what_waits_is_stored_as_the_bot_stops(scene):
    scene.context.delays = Delays(watched_messages=30.0)
    slow = Listening(scene.context)

    async def stopped():
        slow.begin()
        await asyncio.sleep(0)  # it has begun to look
        slow.hear(at(), message(1))
        await slow.close()

    asyncio.run(stopped())
    assert taken(scene) == [["1"]]


def test_settings_that_were_read_before_a_change_are_not_believed_after_it(scene):
    """A read that began before the change and ended after it would count as current."""
    unwatched = scene.settings(watched=())
    settings_of, read, let_go = scene.context.chat.server_settings, [], threading.Event()

    def slow_at_first(*args):
        found = settings_of(*args)
        read.append(found)
        if len(read) == 1:
            assert let_go.wait(60)
        return found

    async def changed(listening):
        early = asyncio.create_task(listening.watches(at()))
        await until(lambda: read, what="the read")
        scene.context.chat.server_settings = settings_of
        watched = scene.settings(watched=("c1",))
        scene.moderation.listening = listening
        await scene.moderation.settings_changed(MOD, unwatched, watched)
        let_go.set()
        await early
        listening.hear(at(), message(1))
        assert await listening.watches(at())

    scene.context.chat.server_settings = slow_at_first
    assert heard(scene, then=changed) == [["1"]]
    assert read == [unwatched]


@pytest.fixture
def refreshed(scene):
    """What is heard in a place, by a bot that knows the settings, as another bot changes them."""

    def seen(place, within=(), *, watched=("c1", "c2")):
        async def another_bot(listening):
            assert not await listening.watches(place, within)
            scene.settings(watched=watched)
            said = message(1)
            scene.platform.written.setdefault(place.place, []).append(said)
            listening.hear(place, said, within=within)
            await until(lambda: taken(scene) or not listening._skipped, what="a second look")

        return heard(scene, then=another_bot)

    return seen


@pytest.mark.parametrize("place", [at("c2"), at("t1", parent="c2")])
def test_what_another_bot_began_to_watch_is_read_from_the_history(refreshed, place, monkeypatch):
    """This bot takes the settings that it has for current, for a while."""
    monkeypatch.setattr("bot.moderation.listening.FRESH", 0.5)
    assert refreshed(place) == [["1"]]


def test_a_category_that_another_bot_began_to_watch_is_read_too(refreshed, monkeypatch):
    monkeypatch.setattr("bot.moderation.listening.FRESH", 0.5)
    assert refreshed(at("c2"), ["category"], watched=("c2",)) == [["1"]]


def test_what_nobody_began_to_watch_is_not_read(scene, refreshed, monkeypatch):
    monkeypatch.setattr("bot.moderation.listening.FRESH", 0.5)
    assert refreshed(at("c2"), watched=("c1",)) == []
    assert scene.platform.read == []
