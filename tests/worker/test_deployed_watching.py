"""Scoring in processes of its own: a real Redis, a real PostgreSQL, workers that are killed."""

import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis

from precis.ask import Place
from precis.conversation import Conversation, Message
from precis.job import WATCH_QUEUE, JobRequest, JobState
from precis.settings import load_settings
from precis.store import ModerationStore, Store
from tests.services import wait_until
from tests.worker.summarisers import QUICKLY, SOON
from worker.app import make_app
from worker.asking import JobQueue


@pytest.fixture
def settings(redis_url, postgresql_url, monkeypatch):
    redis.Redis.from_url(redis_url).flushall()
    monkeypatch.setenv("PRECIS_BROKER", redis_url)
    monkeypatch.setenv("PRECIS_STORE", postgresql_url)
    for name, value in QUICKLY.items():
        monkeypatch.setenv(f"PRECIS_{name.upper()}", f"PT{value.total_seconds()}S")
    return load_settings()


@pytest.fixture
def store(settings):
    opened = Store.open(settings.store_url)
    yield opened
    opened.close()


@pytest.fixture
def queue(settings, store):
    return JobQueue(settings, store, make_app(settings))


def take(settings, store, queue, *texts):
    """Store messages of a watched channel, and send their job's id."""
    now = datetime.now(UTC)
    said = tuple(
        Message(id=text, author_id=text, author_name="Ben", text=text, time=now) for text in texts
    )
    request = JobRequest(task="score", queue=WATCH_QUEUE, frontend="discord")
    job_id = ModerationStore(store).take(
        request,
        Conversation(source="discord", messages=said),
        Place(server="1", place="10"),
        settings.requeue_after,
    )
    queue.send(job_id, WATCH_QUEUE)
    return job_id


@contextmanager
def watching_process(folder: Path):
    """A worker that serves `watch` alone, killed at the end if need be."""
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.worker.watching_process", folder]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[2])
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def cases(store):
    return {case.subject for case in ModerationStore(store).open_cases("discord", "1")[0]}


def test_a_worker_may_serve_watched_channels_alone(settings, store, queue, tmp_path):
    summary = queue.submit(JobRequest(), Conversation(source="test"))
    with watching_process(tmp_path) as process:
        (tmp_path / "let_go").touch()
        job = queue.wait(take(settings, store, queue, "toxic", "hello"), SOON)
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 0
    assert (job.state, cases(store)) == (JobState.DONE, {"toxic"})
    assert store.job(summary).state is JobState.QUEUED


def test_a_worker_told_to_stop_finishes_what_it_scores(
    settings, store, queue, tmp_path, monkeypatch
):
    monkeypatch.setenv("PRECIS_LEASE", "PT60S")  # no claim is lost for want of a core
    with watching_process(tmp_path) as process:
        job_id = take(settings, store, queue, "toxic")
        wait_until((tmp_path / "begun").exists, what="the worker in mid-job")
        process.send_signal(signal.SIGTERM)
        (tmp_path / "let_go").touch()
        assert process.wait(120) == 0
    assert (store.job(job_id).state, store.job(job_id).attempts) == (JobState.DONE, 1)


@pytest.mark.slow
def test_a_killed_workers_messages_are_each_one_case(settings, store, queue, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    with watching_process(first) as doomed:
        ids = [take(settings, store, queue, f"toxic {number}") for number in range(8)]
        wait_until((first / "begun").exists, what="the first worker in mid-job")
        doomed.send_signal(signal.SIGKILL)
        doomed.wait()
    assert cases(store) == set()
    with watching_process(second):
        (second / "let_go").touch()
        jobs = [queue.wait(job_id, SOON) for job_id in ids]
    assert {job.state for job in jobs} == {JobState.DONE}
    assert cases(store) == {f"toxic {number}" for number in range(8)}


def test_messages_survive_a_flushed_broker(settings, store, queue, redis_url, tmp_path):
    ids = [take(settings, store, queue, f"toxic {number}") for number in range(4)]
    redis.Redis.from_url(redis_url).flushall()
    with watching_process(tmp_path):
        (tmp_path / "let_go").touch()
        jobs = [queue.wait(job_id, SOON) for job_id in ids]
    assert {(job.state, job.attempts) for job in jobs} == {(JobState.DONE, 1)}
    assert len(cases(store)) == 4
