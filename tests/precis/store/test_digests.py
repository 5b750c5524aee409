"""Subscriptions and digests on each database: one a day, held by one, going on from the last."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from precis.digest import DigestState, Part, PauseReason, SkipReason
from precis.schedule import Every, Schedule
from precis.store import TooMany
from precis.store.digest_tables import subscriptions
from tests.precis.store.chats import NO_LIMITS, request, talk
from tests.precis.store.subscribed import (
    DUE,
    WORKING,
    at,
    claimed,
    due,
    ended,
    opened,
    posted,
    subscribe,
    with_job,
)


def test_a_target_has_one_subscription_for_each_every(kept):
    first = subscribe(kept)
    again = subscribe(kept, sources=("c1", "c2"), least=9)
    assert again.id == first.id
    weekly = subscribe(kept, schedule=Schedule(every=Every.WEEK, days=(0,)))
    subscribe(kept, "ana", kind="person")
    subscribe(kept, server="s2")
    assert weekly.id != first.id
    assert sorted(each.least for each in kept.subscriptions("discord", "s1")) == [5, 5, 9]
    assert len(kept.subscriptions()) == 4
    assert kept.subscription(first.id) == again


def test_each_local_day_has_one_digest(kept, clock):
    at(clock, 2026, 1, 31, 12)
    made = subscribe(kept)
    assert (made.next_day, made.next_at) == (
        date(2026, 1, 31),
        datetime(2026, 1, 31, 18, tzinfo=UTC),
    )
    assert due(kept) == []
    at(clock, 2026, 1, 31, 18)
    [digest_id] = due(kept)
    assert due(kept) == [digest_id]
    assert kept.digest(digest_id).day == "2026-01-31"
    clock.advance(hours=-2)  # the clock is set back
    assert kept.make_due("discord") == 0
    clock.advance(hours=3)
    assert kept.make_due("discord") == 0


@pytest.mark.both_stores
def test_of_many_that_look_at_once_one_makes_it(kept, clock):
    subscribe(kept)
    at(clock, 2026, 1, 31, 18, 0, 5)
    together = threading.Barrier(6)

    def look():
        together.wait()
        kept.make_due("discord")

    with ThreadPoolExecutor(6) as pool:
        for each in [pool.submit(look) for _ in range(6)]:
            each.result()
    assert len(opened(kept, DUE)) == 1


def test_a_changed_zone_gives_no_day_a_second_digest(kept, store, clock):
    at(clock, 2026, 1, 31, 0)
    subscribe(kept, schedule=Schedule(zone="Asia/Tokyo", hour=18))
    at(clock, 2026, 1, 31, 9)  # 18:00 in Tokyo
    posted(kept, store, talk("Ana: hello"))
    subscribe(kept, schedule=Schedule(zone="America/New_York", hour=18))
    at(clock, 2026, 1, 31, 23)  # 18:00 in New York, of the same day
    assert due(kept) == []
    at(clock, 2026, 2, 1, 23)
    assert [kept.digest(each).day for each in due(kept)] == ["2026-02-01"]


def test_asleep_for_some_hours_it_is_late_and_over_six_hours_it_is_skipped(kept, clock):
    made = subscribe(kept)
    at(clock, 2026, 1, 31, 23, 59)
    held = claimed(kept)
    assert kept.begin(held) == clock.now
    assert kept.skip(held, SkipReason.QUIET)
    at(clock, 2026, 2, 5, 0, 1)  # for days: the last of them is over six hours ago
    assert due(kept) == []
    last = kept.latest([made.id])[made.id]
    assert (last.day, last.state, last.skipped) == (
        "2026-02-04",
        DigestState.SKIPPED,
        SkipReason.LATE,
    )
    assert kept.subscription(made.id).next_day == date(2026, 2, 5)


def test_a_digest_is_held_by_one_until_its_lease_ends(kept, clock):
    subscribe(kept)
    at(clock, 2026, 1, 31, 18)
    held = claimed(kept)
    assert kept.claim(held.id) is None
    assert opened(kept, DUE) == []
    clock.advance(seconds=50)
    assert kept.extend(held)
    clock.advance(seconds=61)
    again = kept.claim(held.id)
    assert again.digest.tries == 2
    assert not kept.extend(held)
    assert kept.add_part(held, Part(source="c1", place="c1")) is None
    assert not kept.gathered(held)
    assert kept.gathered(again)


def test_it_waits_for_all_its_jobs(kept, store, clock):
    subscribe(kept)
    at(clock, 2026, 1, 31, 18)
    held = claimed(kept)
    jobs = [
        with_job(kept, held, talk("Ana: one")),
        with_job(kept, held, talk("Ben: two"), place="t1"),
    ]
    kept.gathered(held)
    assert opened(kept, WORKING) == []
    assert kept.claim(held.id) is None
    ended(store, jobs[0])
    assert opened(kept, WORKING) == []
    ended(store, jobs[1])
    assert kept.of_job(jobs[1]) == opened(kept, WORKING) == [held.id]
    assert [part.job_id for part in kept.claim(held.id).digest.parts] == jobs


def test_who_waits_for_a_preview_waits_for_no_digests(kept, clock):
    at(clock, 2026, 3, 10, 9)
    made = [subscribe(kept, f"c{number}") for number in range(3)]
    at(clock, 2026, 3, 10, 18, 1)
    first, second, third = due(kept)
    at(clock, 2026, 3, 10, 18, 2)
    wanted = kept.preview(made[0].id, request(), NO_LIMITS)
    assert opened(kept, DUE) == [wanted, first, second, third]


def test_a_preview_moves_nothing_and_takes_no_day(kept, store, clock):
    made = subscribe(kept)
    before = kept.marks(made.id)
    preview = kept.preview(made.id, request(), NO_LIMITS)
    assert kept.preview(made.id, request(), NO_LIMITS) == preview  # it is still open
    assert kept.preview("0" * 32, request(), NO_LIMITS) is None
    few = NO_LIMITS.model_copy(update={"person": 2})
    assert isinstance(kept.preview(made.id, request(), few), TooMany)
    held = posted(kept, store, talk("Ana: one"))
    assert held.digest.preview_for == "ana"
    assert kept.marks(made.id) == before
    at(clock, 2026, 1, 31, 18)
    assert len(due(kept)) == 1


def test_an_earlier_day_comes_first(kept, store, clock):
    subscribe(kept)
    at(clock, 2026, 1, 31, 18)
    [first] = due(kept)
    at(clock, 2026, 2, 1, 18)
    kept.make_due("discord")
    assert opened(kept, DUE) == [first]
    held = kept.claim(first)
    assert kept.skip(held, SkipReason.LATE)
    assert len(opened(kept, DUE)) == 1


def test_a_pause_is_told_of_once_and_makes_no_digests(kept, clock):
    made = subscribe(kept)
    assert kept.pause(made.id, PauseReason.UNREADABLE, "c1")
    assert not kept.pause(made.id, PauseReason.AUDIENCE, "c1")
    assert [each.id for each in kept.untold("discord")] == [made.id]
    assert (kept.told(made.id), kept.told(made.id)) == (True, False)
    assert kept.untold("discord") == []
    at(clock, 2026, 2, 3, 18)
    assert due(kept) == []
    assert kept.resume(made.id).next_at == datetime(2026, 2, 4, 18, tzinfo=UTC)
    assert kept.resume("0" * 32) is None


def test_one_that_somebody_paused_is_told_to_nobody(kept):
    made = subscribe(kept)
    assert kept.pause(made.id, PauseReason.ASKED)
    assert kept.untold("discord") == []


def test_a_stopped_one_is_gone_also_where_it_is_at_work(kept, store, clock):
    made = subscribe(kept)
    at(clock, 2026, 1, 31, 18)
    held = claimed(kept)
    with_job(kept, held, talk("Ana: one"))
    assert (kept.stop(made.id), kept.stop(made.id)) == (True, False)
    assert not kept.extend(held)
    assert kept.subscriptions() == []


def test_an_empty_store_has_nothing_to_do(kept):
    assert kept.make_due("discord") == 0
    assert opened(kept, DUE) == opened(kept, WORKING) == []
    assert kept.unended("discord") == 0


def test_a_clock_that_was_ahead_once_silences_nothing(kept, clock):
    made = subscribe(kept)
    at(clock, 2027, 6, 1, 12)
    kept.make_due("discord")
    at(clock, 2026, 1, 31, 18, 1)
    kept.make_due("discord")
    assert kept.subscription(made.id).next_day == date(2026, 2, 1)
    at(clock, 2026, 2, 1, 18)
    assert len(due(kept)) == 1


def test_a_damaged_one_is_in_no_others_way(kept, store, clock, caplog):
    subscribe(kept, "c2", sources=("c2",))
    damaged = subscribe(kept)
    with store.database.writing() as connection:
        connection.execute(
            subscriptions.update()
            .where(subscriptions.c.id == damaged.id)
            .values(schedule={"zone": "Mars/Base"})
        )
    at(clock, 2026, 1, 31, 18)
    assert len(due(kept)) == 1
    assert kept.make_due("discord") == 0
    assert [each.target.id for each in kept.subscriptions()] == ["c2"]
    assert kept.subscription(damaged.id) is None
    assert damaged.id in caplog.text


def test_a_server_that_is_busy_is_passed_over(kept, clock):
    subscribe(kept)
    subscribe(kept, server="s2")
    at(clock, 2026, 1, 31, 18)
    kept.make_due("discord")
    assert [server for _, server in kept.open("discord", DUE, busy=["s1"])] == ["s2"]


@pytest.mark.parametrize(
    ("zone", "before", "day"),
    [
        ("Europe/Berlin", (2026, 3, 28, 20), "2026-03-29"),  # there is no 02:30
        ("Europe/Berlin", (2026, 10, 24, 20), "2026-10-25"),  # there are two
        ("UTC", (2028, 2, 28, 20), "2028-02-29"),
    ],
)
def test_a_night_of_looks_makes_one_digest_whatever_the_clocks_do(kept, clock, zone, before, day):
    at(clock, *before)
    made = subscribe(kept, schedule=Schedule(zone=zone, hour=2, minute=30))
    days = []
    for _ in range(24 * 4):
        clock.advance(minutes=15)
        kept.make_due("discord")
        days += [kept.digest(each).day for each in opened(kept, DUE)]
        for each in opened(kept, DUE):
            assert kept.skip(kept.claim(each), SkipReason.QUIET)
    assert days == [day]
    assert kept.latest([made.id])[made.id].day == day
