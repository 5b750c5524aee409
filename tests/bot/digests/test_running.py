"""A digest from its day to its post: once, of what is new, for those alone who may read it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.digests.digesting import Digests
from bot.platform import PlatformDownError
from precis.digest import DigestState, SkipReason
from tests.bot.digests.conftest import POSTED
from tests.bot.digests.posters import SIX, lines
from tests.measuring import Rise


def ended(outcome):
    return Rise("precis_digests_total", platform="discord", outcome=outcome)


def retried(reason):
    return Rise("precis_delivery_retries_total", platform="discord", what="digest", reason=reason)


async def test_a_digest_is_posted_once_with_what_was_said(written):
    posted = ended("posted")
    delay = Rise("precis_digest_delay_seconds_sum", platform="discord")
    await written.subscribe()
    await written.day(*SIX)
    await written.looked()
    [view] = written.poster.views
    assert lines(view)[:2] == ["Digest for Tuesday, March 10", "5 messages · 1 person"]
    assert "five" in " ".join(lines(view))
    assert written.states() == POSTED
    assert [queue for _, queue in written.sender.sent] == ["digest"]
    assert posted.by == 1
    assert delay.by == (written.clock.now - datetime(2026, 3, 10, 18, tzinfo=UTC)).total_seconds()


async def test_the_next_one_goes_on_after_the_last_message(written):
    await written.subscribe(least=1)
    await written.day(*SIX)
    written.write("c1", "six")
    await written.day(2026, 3, 11, 18, 0, 5)
    assert lines(written.poster.views[1])[1] == "1 message · 1 person"
    assert "six" in " ".join(lines(written.poster.views[1]))
    assert "five" not in " ".join(lines(written.poster.views[1]))


async def test_of_two_messages_at_one_moment_the_later_is_in_the_next(written):
    await written.subscribe(least=1)
    await written.day(*SIX)
    last = written.platform.written["c1"][-1]
    written.platform.written["c1"] += [last.model_copy(update={"id": "9999", "text": "same time"})]
    await written.day(2026, 3, 11, 18, 0, 5)
    assert lines(written.poster.views[1])[1] == "1 message · 1 person"


async def test_what_comes_while_it_gathers_is_in_the_next(written):
    async def somebody_writes(_source):
        written.platform.on_read = None
        written.write("c1", "meanwhile")

    await written.subscribe(least=1)
    written.platform.on_read = somebody_writes
    await written.day(*SIX)
    await written.day(2026, 3, 11, 18, 0, 5)
    assert ["meanwhile" in " ".join(lines(view)) for view in written.poster.views] == [False, True]


async def test_a_quiet_day_has_none_and_is_told_of_in_the_next(scene):
    quiet = ended("quiet")
    await scene.subscribe(least=3)
    scene.write("c1", "one", "two")
    await scene.day(*SIX)
    assert quiet.by == 1
    assert scene.states() == [(DigestState.SKIPPED, SkipReason.QUIET)]
    assert scene.sender.sent == []
    scene.write("c1", "three")
    await scene.day(2026, 3, 11, 18, 0, 5)
    [view] = scene.poster.views
    assert lines(view)[1] == "3 messages · 1 person"


async def test_threads_and_several_channels_are_one_digest_the_liveliest_first(scene):
    await scene.subscribe(channels=("c2", "c3"))
    scene.write("c1", "one")
    scene.write("c2", "two", "three", author="Ben")
    scene.write("c2/t", "four", "five", "six", author="Cem", thread="c2/t")
    await scene.day(*SIX)
    [view] = scene.poster.views
    told = lines(view)
    assert told[1] == "6 messages · 3 people · 1 thread · 2 channels"
    assert told.index("#c2 · 5 messages") < told.index("#c1 · 1 message")
    assert "Thread #c2/t" in told
    assert told[-1] == "Quiet: #c3"


async def test_it_is_late_and_says_so(written):
    await written.subscribe()
    await written.day(2026, 3, 10, 23, 0)
    assert "due at 18:00 and is late" in " ".join(lines(written.poster.views[0]))


async def test_over_six_hours_late_it_is_skipped_and_told_of_in_the_next(written):
    await written.subscribe()
    await written.day(2026, 3, 11, 0, 1)
    assert written.poster.posts == []
    assert written.states() == [(DigestState.SKIPPED, SkipReason.LATE)]
    await written.day(2026, 3, 11, 18, 0, 5)
    assert lines(written.poster.views[0])[1] == "5 messages · 1 person"


async def test_one_that_workers_are_late_with_is_skipped(written):
    late = ended("late")
    await written.subscribe()
    written.clock.at(*SIX)
    await written.looked()
    written.clock.advance(hours=7)
    written.work()
    await written.looked()
    assert written.poster.posts == []
    assert written.states() == [(DigestState.SKIPPED, SkipReason.LATE)]
    assert late.by == 1


async def test_two_bots_post_it_once(written, tmp_path):
    await written.subscribe()
    other = Digests(written.frontend.context, written.poster)
    written.clock.at(*SIX)
    await asyncio.gather(written.running.look(), other.running.look())
    await asyncio.gather(*written.running.in_hand, *other.running.in_hand)
    written.work()
    await asyncio.gather(written.running.look(), other.running.look())
    await asyncio.gather(*written.running.in_hand, *other.running.in_hand)
    assert len(written.poster.views) == 1
    assert written.states() == POSTED


async def test_a_bot_that_dies_halfway_through_its_post_goes_on_after_what_is_there(written):
    await written.subscribe()
    written.poster.dies_after = 1
    await written.day(*SIX)
    assert len(written.poster.posts) == 1
    written.clock.advance(minutes=2)
    await written.looked()
    assert [number for _, number, _ in written.poster.posts] == [0, 1]
    assert written.states() == POSTED


async def test_an_outage_is_waited_for_and_counts_as_no_try(written):
    await written.subscribe()
    waits = retried("platform_down")
    written.platform.down = PlatformDownError()
    written.clock.at(*SIX)
    for _ in range(8):
        await written.looked()
        written.clock.advance(seconds=31)
    written.platform.down = None
    await written.looked()
    written.work()
    await written.looked()
    assert written.states() == POSTED
    assert waits.by == 8


async def test_what_fails_for_good_is_given_up(written):
    failed, retries = ended("failed"), retried("error")
    await written.subscribe()
    written.poster.failing = [OSError("no")] * 9
    await written.day(*SIX)
    for _ in range(9):
        written.clock.advance(minutes=5)
        await written.looked()
    assert written.states() == [(DigestState.FAILED, None)]
    assert len(written.poster.failing) == 4
    assert (failed.by, retries.by) == (1, 4)


@pytest.mark.parametrize("how", ["down", "dies"])
async def test_where_that_cannot_be_told_now_it_is_told_later_once(written, how):
    paused = ended("paused")
    await written.subscribe()
    written.poster.unreadable.add((None, "c1"))
    written.poster.failing = [{"down": PlatformDownError(), "dies": OSError()}[how]]
    await written.day(*SIX)
    assert written.poster.told == []
    written.clock.advance(minutes=2)
    other = Digests(written.frontend.context, written.poster)
    await asyncio.gather(written.running.look(), other.running.look())
    await asyncio.gather(*written.running.in_hand, *other.running.in_hand)
    assert len(written.poster.told) == 1
    assert written.states() == [(DigestState.SKIPPED, SkipReason.PAUSED)]
    assert paused.by == 1


async def test_what_was_left_open_is_told_of_as_still_open(written):
    await written.subscribe(least=1)
    await written.day(*SIX, kind="question")
    written.write("c1", "six")
    await written.day(2026, 3, 11, 18, 0, 5)
    told = lines(written.poster.views[1])
    assert told[1] == "1 message · 1 person"
    assert sum("Still open" in each for each in told) == 5


async def test_a_thread_that_began_from_a_message_tells_it_once(scene):
    await scene.subscribe(least=1)
    scene.write("c1", "one", "two")
    first = scene.platform.written["c1"][0]
    scene.platform.written["c1/t"] = [first]
    scene.write("c1/t", "three")
    await scene.day(*SIX)
    assert lines(scene.poster.views[0])[1] == "3 messages · 1 person · 1 thread"


async def test_a_bot_that_is_stopped_leaves_it_to_the_next(written):
    await written.subscribe()
    written.clock.at(*SIX)
    reading = asyncio.Event()

    async def hangs(_source):
        reading.set()
        await asyncio.sleep(60)

    written.platform.on_read = hangs
    await written.running.look()
    await reading.wait()
    await written.digests.close()
    written.platform.on_read = None
    other = Digests(written.frontend.context, written.poster)
    await other.running.look()
    await asyncio.gather(*other.running.in_hand)
    written.work()
    await other.running.look()
    await asyncio.gather(*other.running.in_hand)
    assert written.states() == POSTED


async def test_a_summary_that_failed_or_was_purged_is_a_line(written, tmp_path):
    await written.subscribe(channels=("c2",))
    written.write("c2", "other")
    written.clock.at(*SIX)
    await written.looked()
    jobs = written.frontend.context.jobs
    held = jobs.claim(written.sender.sent[0][0], "w", written.frontend.context.settings.lease, 3)
    jobs.fail(held, "no")
    written.work()
    await written.looked()
    told = lines(written.poster.views[0])
    assert "This could not be summarised." in told
    assert "other" in " ".join(told)
    await written.day(2026, 3, 11, 18, 0, 5)
    assert "five" in " ".join(lines(written.poster.views[1]))


async def test_where_nothing_could_be_summarised_there_is_none_that_day(written):
    await written.subscribe()
    written.clock.at(*SIX)
    await written.looked()
    jobs = written.frontend.context.jobs
    held = jobs.claim(written.sender.sent[0][0], "w", written.frontend.context.settings.lease, 3)
    jobs.fail(held, "no")
    await written.looked()
    assert written.poster.posts == []
    assert written.states() == [(DigestState.FAILED, None)]
    await written.day(2026, 3, 11, 18, 0, 5)
    assert written.states() == POSTED


async def test_tried_again_it_reads_up_to_when_it_began(scene):
    """A thread that was read at first isn't passed by its channel's mark, read at second."""
    await scene.subscribe(least=1)
    scene.write("c1/t", "one")

    scene.write("c1/u", "zero")
    read = []

    async def down_at_second(source):
        read.append(source)
        if len(read) == 3:
            raise PlatformDownError

    scene.platform.on_read = down_at_second
    scene.clock.at(*SIX)
    await scene.looked()
    scene.platform.on_read = None
    scene.write("c1/t", "two")
    scene.write("c1", "three")
    await scene.day(2026, 3, 10, 18, 10)
    await scene.day(2026, 3, 11, 18, 0, 5)
    told = [" ".join(lines(view)) for view in scene.poster.views]
    for word in ("zero", "one", "two", "three"):
        assert sum(word in each for each in told) == 1


async def test_a_bot_that_lost_it_stops_posting(written):
    await written.subscribe()
    written.clock.at(*SIX)
    await written.looked()
    written.work()
    post = written.poster.post

    async def sleeps(server, target, view, posted, on_posted):
        written.clock.advance(minutes=5)
        [(digest_id, _)] = written.store.open("discord", DigestState.WORKING)
        assert written.store.claim(digest_id)
        await post(server, target, view, posted, on_posted)

    written.poster.post = sleeps
    await written.looked()
    assert len(written.poster.posts) == 1
    assert written.states() == [(DigestState.WORKING, None)]


async def test_one_whose_workers_were_late_says_so(written):
    await written.subscribe()
    written.clock.at(*SIX)
    await written.looked()
    written.clock.advance(hours=2)
    written.work()
    await written.looked()
    assert "is late" in " ".join(lines(written.poster.views[0]))


async def test_of_what_was_all_deleted_nothing_is_posted(written):
    await written.subscribe()
    written.clock.at(*SIX)
    await written.looked()
    written.work()
    ids = [message.id for message in written.platform.written["c1"]]
    written.frontend.context.chat.forget_messages("discord", ids)
    await written.looked()
    assert written.poster.posts == []
    assert written.states() == [(DigestState.SKIPPED, SkipReason.QUIET)]


async def test_an_edited_question_is_carried_as_it_is_now(written):
    await written.subscribe(least=1)
    await written.day(*SIX, kind="question")

    async def fresh():
        return written.platform.written["c1"][0].model_copy(update={"text": "Edited?"})

    await written.digests.edited("1001", fresh)
    await written.digests.edited("77", None)  # of no digest: nothing is asked
    [subscription] = written.store.subscriptions()
    kept = written.store.left_open(subscription.id, "c1", written.clock.now - timedelta(days=7))
    assert [each.text for each in kept] == ["Edited?", "two", "three", "four", "five"]


async def test_what_was_left_open_is_told_of_as_it_is_then(written):
    await written.subscribe(least=1)
    await written.day(*SIX, kind="question")
    there = written.platform.written["c1"]
    there[0] = there[0].model_copy(update={"text": "Edited?"})
    del there[1]
    written.write("c1", "six")
    await written.day(2026, 3, 11, 18, 0, 5)
    told = lines(written.poster.views[1])
    assert any("Edited?" in each for each in told)
    assert not any(each.endswith(("one ↗", "two ↗")) for each in told)
    assert sum("Still open" in each for each in told) == 4


async def test_where_the_platform_lets_it_wait_it_is_told_of_as_it_is_stored(written, monkeypatch):
    """Some answer one question a minute."""
    await written.subscribe(least=1)
    await written.day(*SIX, kind="question")
    written.write("c1", "six")
    asked = []

    async def waits(_request, message):
        asked.append(message.id)
        await asyncio.sleep(60)

    monkeypatch.setattr(written.poster, "as_now", waits)
    monkeypatch.setattr("bot.digests.gathering.ASKED_AGAIN_FOR", 0.1)
    await written.day(2026, 3, 11, 18, 0, 5)
    assert sum("Still open" in each for each in lines(written.poster.views[1])) == 5
    assert asked == ["1001"], "the others aren't waited for"


async def test_nothing_of_what_was_said_is_logged(written, caplog):
    caplog.set_level("DEBUG")
    written.poster.failing = [OSError("five")]
    await written.subscribe()
    await written.day(*SIX)
    assert "five" not in caplog.text
