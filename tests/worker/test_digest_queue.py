"""Digests on a queue of their own: few at a time, and never in the way of people who wait."""

import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import redis

from precis.job import DIGEST_QUEUE, WATCH_QUEUE, JobRequest, JobState
from precis.settings import load_settings
from precis.store import Store
from tests.services import wait_until
from tests.worker.summarisers import QUICKLY, SOON, TALK, result_for
from worker.app import make_app
from worker.asking import JobQueue
from worker.own_threads import threads_of
from worker.serving import embedded_worker

DIGEST = JobRequest(task="digest", queue=DIGEST_QUEUE)


class HoldingDigests:
    """Answers people at once; works on digests until it is let go, and counts those in hand."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.at_once: list[int] = []
        self._lock = threading.Lock()
        self._in_hand = 0

    def summarise(self, request, conversation, deadline):
        if request.task == "digest":
            self._change(1)
            wait_until(lambda: self.let_go.is_set() or deadline.remaining() == 0.0)
            self._change(-1)
        deadline.check()
        return result_for(request)

    def _change(self, by):
        with self._lock:
            self._in_hand += by
            self.at_once.append(self._in_hand)


@pytest.fixture(params=["memory", "redis"])
def make_settings(request, tmp_path):
    url = "memory://"
    if request.param == "redis":
        url = request.getfixturevalue("redis_url")
        redis.Redis.from_url(url).flushall()
    return lambda **more: load_settings(
        home=tmp_path / "home", broker=url, **{**QUICKLY, "lease": SOON, **more}
    )


@pytest.fixture
def store(make_settings):
    opened = Store.open(make_settings().store_url)
    yield opened
    opened.close()


def test_who_waits_is_answered_while_digests_are_made(make_settings, store):
    settings, summariser = make_settings(concurrency=1), HoldingDigests()
    with embedded_worker(settings, store, summariser) as app:
        queue = JobQueue(settings, store, app)
        digests = [queue.submit(DIGEST, TALK) for _ in range(4)]
        wait_until(lambda: summariser.at_once, what="a digest in hand")
        answered = queue.wait(queue.submit(JobRequest(), TALK), SOON)
        assert answered.state is JobState.DONE
        assert not any(store.job(job_id).state.ended for job_id in digests)
        summariser.let_go.set()
        jobs = [queue.wait(job_id, SOON) for job_id in digests]
    assert {(job.state, job.attempts) for job in jobs} == {(JobState.DONE, 1)}
    assert max(summariser.at_once) == 1


def test_digests_take_half_as_many_threads_at_most(make_settings, store):
    settings, summariser = make_settings(concurrency=4), HoldingDigests()
    with embedded_worker(settings, store, summariser) as app:
        queue = JobQueue(settings, store, app)
        digests = [queue.submit(DIGEST, TALK) for _ in range(7)]
        wait_until(lambda: 2 in summariser.at_once, what="two digests in hand")
        summariser.let_go.set()
        jobs = [queue.wait(job_id, SOON) for job_id in digests]
    assert {job.state for job in jobs} == {JobState.DONE}
    assert max(summariser.at_once) == 2


def test_digests_in_hand_at_the_end_are_given_back(make_settings, store):
    settings, summariser = make_settings(concurrency=1), HoldingDigests()
    with embedded_worker(settings, store, summariser) as app:
        job_id = JobQueue(settings, store, app).submit(DIGEST, TALK)
        wait_until(lambda: summariser.at_once, what="a digest in hand")
    job = store.job(job_id)
    assert (job.state, job.attempts) == (JobState.QUEUED, 0)


def test_a_digest_that_the_broker_lost_is_sent_again(make_settings, store):
    settings, summariser = make_settings(), HoldingDigests()
    summariser.let_go.set()
    job_id = store.submit(DIGEST, TALK, timedelta(0))
    with embedded_worker(settings, store, summariser) as app:
        assert JobQueue(settings, store, app).wait(job_id, SOON).state is JobState.DONE


def test_every_worker_has_a_thread_for_digests():
    assert [threads_of(DIGEST_QUEUE, n) for n in (1, 2, 3, 8)] == [1, 1, 1, 4]
    assert threads_of(WATCH_QUEUE, 1) == 2


def test_a_worker_told_to_leave_at_once_gives_its_digest_back(tmp_path, redis_url, monkeypatch):
    redis.Redis.from_url(redis_url).flushall()
    monkeypatch.setenv("PRECIS_BROKER", redis_url)
    settings = load_settings()
    store = Store.open(settings.store_url)
    job_id = JobQueue(settings, store, make_app(settings)).submit(DIGEST, TALK)
    command = [sys.executable, "-m", "tests.worker.worker_process", tmp_path]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as process:
        wait_until((tmp_path / "begun").exists, what="the digest in hand")
        process.send_signal(signal.SIGQUIT)
        process.wait(120)
    job = store.job(job_id)
    assert (job.state, job.attempts) == (JobState.QUEUED, 0)
    store.close()
