"""One scenario, both transports: in memory with a thread, and a real Redis."""

import logging
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import redis

from precis.errors import ModelError, QueueError
from precis.job import SUMMARISE_TASK, JobRequest, JobState
from precis.settings import load_settings
from precis.store import Store
from precis.store.claims import LOST
from tests.conversations import conversation
from tests.services import free_port, redis_server, wait_until
from tests.worker.summarisers import Held, Quick, result_for
from worker.app import QUEUES, make_app, publish
from worker.asking import JobQueue
from worker.serving import embedded_worker, run_worker

SOON = timedelta(seconds=30)
TALK = conversation("Ana: xylophone", "Ben: hello")
QUICKLY = {
    "lease": timedelta(seconds=1.5),
    "requeue_after": timedelta(seconds=1),
    "reconcile_every": timedelta(seconds=0.2),
}


@pytest.fixture(params=["memory", "redis"])
def broker(request):
    if request.param == "memory":
        return "memory://"
    url = request.getfixturevalue("redis_url")
    redis.Redis.from_url(url).flushall()
    return url


@pytest.fixture
def make_settings(tmp_path, broker):
    """Settings on the broker, with lost jobs found soon."""

    def make(**more):
        return load_settings(home=tmp_path / "home", broker=broker, **{**QUICKLY, **more})

    return make


def ask(settings, store, app, count=1, **request):
    queue = JobQueue(settings, store, app)
    ids = [queue.submit(JobRequest(**request), TALK) for _ in range(count)]
    return [queue.wait(job_id, SOON) for job_id in ids]


@pytest.fixture
def opened(make_settings):
    settings = make_settings()
    store = Store.open(settings.store_url)
    yield store
    store.close()


def test_a_job_is_done_once(make_settings, opened):
    summariser = Quick()
    with embedded_worker(make_settings(), opened, summariser) as app:
        [job] = ask(make_settings(), opened, app)
    assert (job.state, job.attempts) == (JobState.DONE, 1)
    assert opened.result(job.id) == result_for(job.request)
    assert summariser.seen == ["xylophone"]
    assert opened.pending_deliveries("cli") == [job.id]


@pytest.mark.parametrize("queue", QUEUES)
def test_both_queues_are_served(make_settings, opened, queue):
    with embedded_worker(make_settings(), opened, Quick()) as app:
        [job] = ask(make_settings(), opened, app, queue=queue)
    assert job.state is JobState.DONE


def test_many_jobs_are_each_done_once(make_settings, opened):
    summariser = Quick()
    with embedded_worker(make_settings(), opened, summariser) as app:
        jobs = ask(make_settings(), opened, app, count=30)
    assert {(job.state, job.attempts) for job in jobs} == {(JobState.DONE, 1)}
    assert len(summariser.seen) == 30


def test_a_message_delivered_twice_is_worked_on_once(make_settings, opened):
    summariser = Quick()
    with embedded_worker(make_settings(), opened, summariser) as app:
        [job] = ask(make_settings(), opened, app)
        publish(app, job.id, "interactive")
        ask(make_settings(), opened, app)  # sees to it that the copy has been taken
    assert len(summariser.seen) == 2
    assert opened.job(job.id).attempts == 1


def test_a_withheld_summary_ends_withheld(make_settings, opened):
    with embedded_worker(make_settings(), opened, Quick(withheld=True)) as app:
        [job] = ask(make_settings(), opened, app)
    assert job.state is JobState.WITHHELD
    assert opened.result(job.id).summary is None


def test_a_passing_failure_is_tried_again(make_settings, opened, monkeypatch):
    monkeypatch.setattr("worker.running.FIRST_RETRY", timedelta(seconds=0.1))
    with embedded_worker(make_settings(), opened, Quick(ValueError("once"))) as app:
        [job] = ask(make_settings(), opened, app)
    assert (job.state, job.attempts) == (JobState.DONE, 2)


def test_the_third_failure_is_the_last(make_settings, opened, monkeypatch):
    monkeypatch.setattr("worker.running.FIRST_RETRY", timedelta(seconds=0.1))
    summariser = Quick(*(ValueError(f"no {n}") for n in range(9)))
    with embedded_worker(make_settings(), opened, summariser) as app:
        [job] = ask(make_settings(), opened, app)
    assert (job.state, job.attempts) == (JobState.FAILED, 3)
    assert "internal error, three times" in job.reason
    assert opened.pending_deliveries("cli") == [job.id]


def test_an_error_that_trying_again_cannot_heal_fails_at_once(make_settings, opened):
    with embedded_worker(
        make_settings(), opened, Quick(ModelError("no such model; use another"))
    ) as app:
        [job] = ask(make_settings(), opened, app)
    assert (job.state, job.attempts) == (JobState.FAILED, 1)
    assert job.reason == "no such model; use another"


def test_a_job_over_its_time_limit_fails_with_advice(make_settings, opened):
    settings = make_settings(job_time_limit=timedelta(seconds=0.3))
    with embedded_worker(settings, opened, Held()) as app:
        [job] = ask(settings, opened, app)
    assert (job.state, job.attempts) == (JobState.FAILED, 1)
    assert "smaller window" in job.reason


def test_a_request_of_an_unknown_version_fails_with_a_reason(make_settings, opened):
    with embedded_worker(make_settings(), opened, Quick()) as app:
        [job] = ask(make_settings(), opened, app, version=99)
    assert job.state is JobState.FAILED
    assert "version 99" in job.reason


def test_a_long_job_keeps_its_claim(make_settings, opened):
    settings, summariser = make_settings(lease=timedelta(seconds=0.6)), Held()
    with embedded_worker(settings, opened, summariser) as app:
        queue = JobQueue(settings, opened, app)
        job_id = queue.submit(JobRequest(), TALK)
        summariser.begun.acquire()
        looks = []
        wait_until(lambda: looks.append(opened.job(job_id)) or len(looks) > 60)  # > 2 leases
        summariser.let_go.set()
        assert queue.wait(job_id, SOON).attempts == 1


def test_no_chat_text_in_logs_or_reasons(make_settings, opened, caplog, monkeypatch):
    monkeypatch.setattr("worker.running.FIRST_RETRY", timedelta(seconds=0.1))
    caplog.set_level(logging.DEBUG)
    summariser = Quick(*(ValueError(f"cannot parse {TALK.messages[0].text}") for _ in range(3)))
    with embedded_worker(make_settings(), opened, summariser) as app:
        [job] = ask(make_settings(), opened, app)
    assert job.state is JobState.FAILED
    assert "ValueError" in caplog.text, "the operator sees what kind of error it was"
    assert "xylophone" not in caplog.text + job.reason


def test_a_stored_job_is_accepted_although_the_broker_is_down(tmp_path, caplog):
    port = free_port()
    settings = load_settings(
        home=tmp_path / "home", broker=f"redis://:hunter2@127.0.0.1:{port}/0", **QUICKLY
    )
    store = Store.open(settings.store_url)
    job_id = JobQueue(settings, store, make_app(settings)).submit(JobRequest(), TALK)
    assert store.job(job_id).state is JobState.QUEUED
    assert "hunter2" not in caplog.text
    with redis_server(tmp_path, port) as url:
        settings = load_settings(home=tmp_path / "home", broker=url, **QUICKLY)
        with embedded_worker(settings, store, Quick()) as app:
            assert JobQueue(settings, store, app).wait(job_id, SOON).state is JobState.DONE
    store.close()


def test_waiting_in_vain_says_what_to_do(settings):
    store = Store.open(settings.store_url)
    queue = JobQueue(settings, store, make_app(settings))
    job_id = queue.submit(JobRequest(), TALK)
    with pytest.raises(QueueError, match="precis worker"):
        queue.wait(job_id, timedelta(seconds=0.1))


def test_a_separate_worker_needs_a_broker(settings):
    with pytest.raises(QueueError, match="PRECIS_BROKER"):
        run_worker(settings, Store.open(settings.store_url), Quick())


def test_two_embedded_workers_do_not_take_each_others_jobs(tmp_path):
    first, second = (load_settings(home=tmp_path / name, **QUICKLY) for name in "ab")
    stores = [Store.open(s.store_url) for s in (first, second)]
    one, other = Quick(), Quick()
    with embedded_worker(first, stores[0], one) as app, embedded_worker(second, stores[1], other):
        ask(first, stores[0], app, count=5)
    assert (len(one.seen), len(other.seen)) == (5, 0)


class TestOnRedis:
    """What only a real broker and real processes can show."""

    @pytest.fixture
    def settings(self, redis_url, tmp_path, monkeypatch):
        redis.Redis.from_url(redis_url).flushall()
        monkeypatch.setenv("PRECIS_BROKER", redis_url)
        monkeypatch.setenv("PRECIS_STORE", f"sqlite:///{tmp_path / 'precis.db'}")
        for name, value in QUICKLY.items():
            monkeypatch.setenv(f"PRECIS_{name.upper()}", f"PT{value.total_seconds()}S")
        return load_settings()

    def test_a_message_carries_the_job_id_alone(self, settings, redis_url):
        store = Store.open(settings.store_url)
        job_id = JobQueue(settings, store, make_app(settings)).submit(JobRequest(), TALK)
        client = redis.Redis.from_url(redis_url)
        [raw] = client.lrange("interactive", 0, -1)
        everything = b"".join(client.dump(key) or b"" for key in client.scan_iter()) + raw
        assert job_id.encode() in raw
        assert SUMMARISE_TASK.encode() in raw
        assert b'"content-type": "application/json"' in raw
        for text in (b"xylophone", b"hello", b"Ana", b"Ben", b"study"):
            assert text not in everything

    def test_a_killed_workers_job_is_done_by_another_once(self, settings, tmp_path):
        store = Store.open(settings.store_url)
        queue = JobQueue(settings, store, make_app(settings))
        first, second = (tmp_path / name for name in ("first", "second"))
        with worker_process(first) as doomed:
            job_id = queue.submit(JobRequest(), TALK)
            wait_until((first / "begun").exists, what="the first worker in mid-job")
            doomed.send_signal(signal.SIGKILL)
            doomed.wait()
        assert store.job(job_id).state is JobState.RUNNING
        with worker_process(second):
            (second / "let_go").touch()
            job = queue.wait(job_id, SOON)
        assert (job.state, job.attempts) == (JobState.DONE, 2)
        assert store.pending_deliveries("cli") == [job_id]

    def test_a_job_that_kills_every_worker_fails_with_a_reason(self, settings, tmp_path):
        store = Store.open(settings.store_url)
        queue = JobQueue(settings, store, make_app(settings))
        job_id = queue.submit(JobRequest(), TALK)
        for number in range(settings.job_tries):
            folder = tmp_path / str(number)
            with worker_process(folder) as doomed:
                wait_until((folder / "begun").exists, what="a worker in mid-job")
                doomed.send_signal(signal.SIGKILL)
                doomed.wait()
        with worker_process(tmp_path / "last"):
            job = queue.wait(job_id, SOON)
        assert (job.state, job.reason) == (JobState.FAILED, LOST)

    def test_a_worker_told_to_stop_finishes_its_job(self, settings, tmp_path):
        store = Store.open(settings.store_url)
        queue = JobQueue(settings, store, make_app(settings))
        with worker_process(tmp_path) as process:
            job_id = queue.submit(JobRequest(), TALK)
            wait_until((tmp_path / "begun").exists, what="the worker in mid-job")
            process.send_signal(signal.SIGTERM)
            (tmp_path / "let_go").touch()
            process.wait(20)
        job = store.job(job_id)
        assert (job.state, job.attempts) == (JobState.DONE, 1)

    def test_jobs_survive_a_flushed_broker(self, settings, redis_url):
        store = Store.open(settings.store_url)
        summariser = Held()
        with embedded_worker(settings, store, summariser) as app:
            queue = JobQueue(settings, store, app)
            ids = [queue.submit(JobRequest(), TALK) for _ in range(12)]
            summariser.begun.acquire()  # one is in mid-job; most are still in the broker
            redis.Redis.from_url(redis_url).flushall()
            ids += [queue.submit(JobRequest(), TALK)]  # by a producer that was there before
            summariser.let_go.set()
            jobs = [queue.wait(job_id, SOON) for job_id in ids]
        assert {(job.state, job.attempts) for job in jobs} == {(JobState.DONE, 1)}
        assert sorted(store.pending_deliveries("cli")) == sorted(ids)

    def test_a_producer_from_before_a_flush_still_reaches_the_queue(self, settings, redis_url):
        client = redis.Redis.from_url(redis_url)
        app = make_app(settings)
        publish(app, "one", "interactive")
        client.flushall()
        publish(app, "two", "interactive")
        assert client.llen("interactive") == 1


@contextmanager
def worker_process(folder: Path):
    """A worker in a process of its own, killed at the end if need be."""
    folder.mkdir(exist_ok=True)
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.worker.worker_process", folder], cwd=root
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
