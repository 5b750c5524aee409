"""One job at a time, without a broker."""

import threading
from datetime import timedelta

import pytest

from precis.errors import StoreError
from precis.job import JobRequest, JobState
from precis.places import where
from precis.store import Store
from tests.services import wait_until
from tests.worker.summarisers import TALK, Held, Quick
from worker.running import JobRunner
from worker.summariser import Deadline, JobAbandonedError, JobTimedOutError


@pytest.fixture
def store(settings):
    opened = Store.open(settings.store_url)
    yield opened
    opened.close()


def runner(settings, store, summariser, **more):
    return JobRunner(settings.model_copy(update=more), store, summariser, "worker")


def test_work_that_ignores_its_deadline_loses_its_claim(settings, store, caplog):
    let_go = threading.Event()

    class Stuck:
        def summarise(self, request, conversation, deadline):
            let_go.wait(30)
            raise ValueError

    job_id = store.submit(JobRequest(), TALK)
    limits = {"job_time_limit": timedelta(seconds=0.05), "lease": timedelta(seconds=0.3)}
    thread = threading.Thread(target=runner(settings, store, Stuck(), **limits).run, args=[job_id])
    thread.start()
    wait_until(lambda: "is stuck" in caplog.text)
    wait_until(lambda: store.claim(job_id, "other", timedelta(minutes=1), 3))
    let_go.set()
    thread.join()
    assert (store.job(job_id).state, store.job(job_id).attempts) == (JobState.RUNNING, 2)


def test_a_worker_that_lost_its_claim_stops_and_writes_nothing(settings, store):
    job_id, summariser = store.submit(JobRequest(), TALK), Held()
    first = runner(settings, store, summariser, lease=timedelta(seconds=0.3))
    thread = threading.Thread(target=first.run, args=[job_id])
    thread.start()
    summariser.begun.acquire()
    store.cancel(job_id, "taken away")
    thread.join(20)
    assert summariser.abandoned
    assert store.job(job_id).reason == "taken away"


def test_a_stopped_runner_takes_no_more_jobs(settings, store):
    job_id, summariser = store.submit(JobRequest(), TALK), Quick()
    stopped = runner(settings, store, summariser)
    stopped.stop()
    stopped.run(job_id)
    assert summariser.seen == []
    assert store.job(job_id).state is JobState.QUEUED


def test_a_store_that_is_away_is_one_line_in_the_log(settings, store, monkeypatch, caplog):
    def away(*_):
        raise StoreError("the store is away")

    monkeypatch.setattr(store, "claim", away)
    runner(settings, store, Quick()).run("id")
    assert [record.message for record in caplog.records] == ["job id: the store is away"]


def test_a_single_try_is_called_so(settings, store):
    job_id = store.submit(JobRequest(), TALK)
    runner(settings, store, Quick(ValueError()), job_tries=1).run(job_id)
    assert "an internal error, once;" in store.job(job_id).reason
    assert job_id in store.job(job_id).reason


def test_an_errors_place_says_types_and_files_but_no_message():
    def fail():
        try:
            {}["xylophone"]
        except KeyError as error:
            raise ValueError("xylophone") from error

    with pytest.raises(ValueError, match="xylophone") as caught:
        fail()
    said = where(caught.value)
    assert "ValueError at " in said
    assert "caused by KeyError at " in said
    assert "test_running.py" in said
    assert "xylophone" not in said


def test_a_deadline_tells_an_end_from_a_cancellation():
    past = Deadline(timedelta(0))
    with pytest.raises(JobTimedOutError, match="smaller window"):
        past.check()
    ahead = Deadline(timedelta(minutes=1))
    ahead.check()
    assert 0 < ahead.remaining() <= 60
    ahead.cancel()
    assert ahead.remaining() == 0
    with pytest.raises(JobAbandonedError):
        ahead.check()
