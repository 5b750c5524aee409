"""Scheduled training through a real Redis: made by any worker, done by one that trains."""

from datetime import timedelta
from pathlib import Path

import pytest
import redis

from precis.errors import PrecisError
from precis.job import JobRequest, JobState
from precis.settings import load_settings
from precis.store import Store
from precis.store.training_runs import RunState, ScheduleStore
from tests.bot.processes import Running
from tests.services import wait_until
from tests.worker.summarisers import QUICKLY, TALK, Quick
from tests.worker.summarisers import SOON as A_WHILE
from worker.app import make_app
from worker.asking import JobQueue
from worker.serving import embedded_worker
from worker.training_queue import Training

SOON = timedelta(seconds=1)


@pytest.fixture
def settings(tmp_path, redis_url):
    redis.Redis.from_url(redis_url).flushall()
    return load_settings(home=tmp_path / "home", broker=redis_url, **QUICKLY)


@pytest.fixture
def store(settings):
    opened = Store.open(settings.store_url)
    yield opened
    opened.close()


def ended(store):
    return [run for run in ScheduleStore(store).runs() if run.state is not RunState.QUEUED]


def outcome_of(settings, store, train):
    """What comes of a scheduled run."""
    ScheduleStore(store).set_schedule("refresh", SOON, {"data": "here"})
    app = make_app(settings)
    with Training(app, settings, store, train), embedded_worker(settings, store, Quick()):
        wait_until(
            lambda: [run for run in ended(store) if run.state is not RunState.RUNNING], 30, "a run"
        )
        ScheduleStore(store).drop_schedule("refresh")
    return ScheduleStore(store).runs()[-1]


def test_a_scheduled_run_is_done_by_a_worker_that_trains(settings, store):
    given = []

    def train(options):
        given.append(options)
        return "nothing was promoted: 12 decisions are missing"

    run = outcome_of(settings, store, train)
    assert (run.state, run.outcome) == (
        RunState.DONE,
        "nothing was promoted: 12 decisions are missing",
    )
    assert given[0] == {"data": "here"}


def test_what_it_can_not_do_is_told_in_a_line(settings, store):
    def train(_options):
        raise PrecisError("no data; give --data")

    run = outcome_of(settings, store, train)
    assert (run.state, run.outcome) == (RunState.FAILED, "no data; give --data")


def test_a_bug_ends_the_run_and_quotes_nothing(settings, store, caplog):
    def train(_options):
        raise RuntimeError("xylophone")

    run = outcome_of(settings, store, train)
    assert run.state is RunState.FAILED
    assert "xylophone" not in run.outcome + caplog.text


def test_without_a_worker_that_trains_it_waits(settings, store):
    ScheduleStore(store).set_schedule("refresh", SOON, {})
    with embedded_worker(settings, store, Quick()) as app:
        wait_until(lambda: ScheduleStore(store).runs(), 30, "the run")
        jobs = JobQueue(settings, store, app)
        assert jobs.wait(jobs.submit(JobRequest(), TALK), A_WHILE).state is JobState.DONE
    [run] = ScheduleStore(store).runs()
    assert run.state is RunState.QUEUED


def test_a_worker_told_to_stop_gives_its_run_back_and_waits_for_nothing(
    settings, store, redis_url, tmp_path
):
    ScheduleStore(store).set_schedule("refresh", SOON, {"begun": str(tmp_path / "begun")})
    variables = {"PRECIS_HOME": str(settings.home), "PRECIS_BROKER": redis_url}
    quick = {f"PRECIS_{k.upper()}": f"PT{v.total_seconds()}S" for k, v in QUICKLY.items()}
    trainer = Running([str(Path(__file__).parent / "training_process.py")], variables | quick)
    try:
        wait_until((tmp_path / "begun").exists, 60, "a run that takes hours")
        trainer.stop(20)
    finally:
        trainer.clear_away()
    [run] = [each for each in ScheduleStore(store).runs() if each.attempts == 0]
    assert run.state is RunState.QUEUED
