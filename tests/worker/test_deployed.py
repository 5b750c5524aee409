"""The deployed set-up: a real Redis, a real PostgreSQL, workers in processes of their own."""

import base64
import json
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from precis.job import SUMMARISE_TASK, JobRequest, JobState
from precis.settings import load_settings
from precis.store import Store
from precis.store.claims import LOST
from tests.services import wait_until
from tests.worker.summarisers import QUICKLY, SOON, TALK, Held
from worker.app import make_app, publish
from worker.asking import JobQueue
from worker.serving import embedded_worker


@pytest.fixture
def settings(redis_url, postgresql_url, monkeypatch):
    redis.Redis.from_url(redis_url).flushall()
    monkeypatch.setenv("PRECIS_BROKER", redis_url)
    monkeypatch.setenv("PRECIS_STORE", postgresql_url)
    for name, value in QUICKLY.items():
        monkeypatch.setenv(f"PRECIS_{name.upper()}", f"PT{value.total_seconds()}S")
    return load_settings()


def test_a_message_carries_the_job_id_alone(settings, redis_url):
    store = Store.open(settings.store_url)
    job_id = JobQueue(settings, store, make_app(settings)).submit(JobRequest(), TALK)
    client = redis.Redis.from_url(redis_url)
    [raw] = client.lrange("interactive", 0, -1)
    everything = b"".join(client.dump(key) or b"" for key in client.scan_iter()) + raw
    message = json.loads(raw)
    assert message["content-type"] == "application/json"
    assert message["headers"]["task"] == SUMMARISE_TASK
    assert json.loads(base64.b64decode(message["body"]))[:2] == [[job_id], {}]
    for text in (b"xylophone", b"hello", b"Ana", b"Ben", b"study"):
        assert text not in everything


@pytest.mark.slow
def test_a_killed_workers_job_is_done_by_another_once(settings, tmp_path):
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


@pytest.mark.slow
def test_a_job_that_kills_every_worker_fails_with_a_reason(settings, tmp_path):
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


def test_a_worker_told_to_stop_finishes_its_job(settings, tmp_path, monkeypatch):
    monkeypatch.setenv("PRECIS_LEASE", "PT60S")  # no claim is lost for want of a core
    store = Store.open(settings.store_url)
    queue = JobQueue(settings, store, make_app(settings))
    with worker_process(tmp_path) as process:
        job_id = queue.submit(JobRequest(), TALK)
        wait_until((tmp_path / "begun").exists, what="the worker in mid-job")
        process.send_signal(signal.SIGTERM)
        (tmp_path / "let_go").touch()
        process.wait(120)
    job = store.job(job_id)
    assert (job.state, job.attempts) == (JobState.DONE, 1)


def test_a_job_in_hand_survives_a_flushed_broker(settings, redis_url, tmp_path):
    store = Store.open(settings.store_url)
    queue = JobQueue(settings, store, make_app(settings))
    with worker_process(tmp_path):
        job_id = queue.submit(JobRequest(), TALK)
        wait_until((tmp_path / "begun").exists, what="the worker in mid-job")
        redis.Redis.from_url(redis_url).flushall()
        (tmp_path / "let_go").touch()
        job = queue.wait(job_id, SOON)
    assert (job.state, job.attempts) == (JobState.DONE, 1)


def test_two_worker_processes_share_the_jobs(settings, tmp_path):
    store = Store.open(settings.store_url)
    queue = JobQueue(settings, store, make_app(settings))
    with worker_process(tmp_path / "first"), worker_process(tmp_path / "second"):
        ids = [queue.submit(JobRequest(), TALK) for _ in range(12)]
        folders = (tmp_path / "first", tmp_path / "second")
        for folder in folders:  # neither can take all: each holds as many as it has threads
            wait_until((folder / "begun").exists, what=f"the {folder.name} worker in mid-job")
        for folder in folders:
            (folder / "let_go").touch()
        jobs = [queue.wait(job_id, SOON) for job_id in ids]
    assert {(job.state, job.attempts) for job in jobs} == {(JobState.DONE, 1)}
    assert sorted(store.pending_deliveries("cli")) == sorted(ids)


def test_jobs_survive_a_flushed_broker(settings, redis_url):
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


def test_a_producer_from_before_a_flush_still_reaches_the_queue(settings, redis_url):
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
