"""Schedules and the runs they make, with a clock that is moved by hand."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from precis.store import Store
from precis.store.training_runs import LOST, SEND_AGAIN, RunState, ScheduleStore

WEEK = timedelta(weeks=1)
LEASE = timedelta(seconds=60)


class Clock:
    def __init__(self):
        self.now = datetime(2026, 11, 24, 9, tzinfo=UTC)

    def __call__(self):
        return self.now

    def wait(self, time):
        self.now += time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def runs(store_url, clock):
    store = Store.open(store_url, clock)
    yield ScheduleStore(store, LEASE)
    store.close()


def test_a_schedule_makes_a_run_each_time(runs, clock):
    runs.set_schedule("refresh", WEEK, {"data": "here"})
    assert runs.due_runs() == []
    clock.wait(WEEK)
    [first] = runs.due_runs()
    held = runs.claim_run(first)
    assert held.options == {"data": "here"}
    assert runs.end_run(held, RunState.DONE, "nothing new")
    clock.wait(WEEK)
    assert len(runs.due_runs()) == 1
    assert [run.outcome for run in runs.runs()] == [None, "nothing new"]


def test_however_long_nobody_looked_it_is_one_run(runs, clock):
    runs.set_schedule("refresh", WEEK, {})
    clock.wait(5.5 * WEEK)
    assert len(runs.due_runs()) == 1
    assert len(runs.runs()) == 1
    [schedule] = runs.schedules()
    assert clock.now < schedule.next_at <= clock.now + WEEK


def test_a_run_that_goes_on_is_not_begun_beside_itself(runs, clock):
    runs.set_schedule("refresh", WEEK, {})
    clock.wait(WEEK)
    [run] = runs.due_runs()
    runs._lease = 2 * WEEK
    assert runs.claim_run(run) is not None
    clock.wait(WEEK)
    assert runs.due_runs() == []
    assert len(runs.runs()) == 1


@pytest.mark.both_stores
def test_of_two_that_look_at_once_one_makes_the_run(runs, clock):
    runs.set_schedule("refresh", WEEK, {})
    clock.wait(WEEK)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: runs.due_runs(), range(4)))
    assert sum(map(len, found)) == 1


@pytest.mark.both_stores
def test_of_two_that_take_it_one_has_it(runs, clock):
    runs.set_schedule("refresh", WEEK, {})
    clock.wait(WEEK)
    [run] = runs.due_runs()
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: runs.claim_run(run), range(4)))
    assert sum(each is not None for each in taken) == 1


def test_a_run_that_nobody_took_is_sent_again(runs, clock):
    runs.set_schedule("refresh", WEEK, {})
    clock.wait(WEEK)
    [run] = runs.due_runs()
    assert runs.due_runs() == []
    clock.wait(SEND_AGAIN)
    assert runs.due_runs() == [run]


def test_a_lost_worker_is_followed_once(runs, clock):
    runs.set_schedule("refresh", WEEK, {})
    clock.wait(WEEK)
    [run] = runs.due_runs()
    doomed = runs.claim_run(run)
    clock.wait(2 * LEASE)
    assert runs.due_runs() == [run]
    assert runs.claim_run(run) is not None
    assert not runs.end_run(doomed, RunState.DONE, "too late")
    clock.wait(2 * LEASE)
    assert runs.due_runs() == []
    [ended] = runs.runs()
    assert (ended.state, ended.outcome) == (RunState.FAILED, LOST)


def test_what_is_given_back_waits_as_if_it_had_not_been_begun(runs, clock):
    runs.set_schedule("refresh", WEEK, {})
    clock.wait(WEEK)
    [run] = runs.due_runs()
    held = runs.claim_run(run)
    assert runs.give_back(held)
    assert not runs.give_back(held)
    assert not runs.extend_run(held)
    assert runs.due_runs() == [run]
    assert [each.attempts for each in runs.runs()] == [0]
    assert runs.claim_run(run) is not None


def test_signs_of_life_keep_it(runs, clock):
    runs.set_schedule("refresh", WEEK, {})
    clock.wait(WEEK)
    [run] = runs.due_runs()
    held = runs.claim_run(run)
    for _ in range(5):
        clock.wait(LEASE / 2)
        assert runs.extend_run(held)
        assert runs.due_runs() == []
    assert runs.end_run(held, RunState.DONE, "done")


def test_a_schedule_is_changed_and_dropped(runs, clock):
    runs.set_schedule("refresh", WEEK, {"a": 1})
    runs.set_schedule("refresh", 2 * WEEK, {"a": 2})
    [schedule] = runs.schedules()
    assert (schedule.every, schedule.options) == (2 * WEEK, {"a": 2})
    assert runs.drop_schedule("refresh")
    assert not runs.drop_schedule("refresh")
    clock.wait(3 * WEEK)
    assert runs.due_runs() == []
