"""One scenario, both transports: in memory with a thread, and a real Redis."""

import logging
from datetime import timedelta

import pytest
import redis

from precis.errors import ModelError, QueueError, SettingsError
from precis.job import JobRequest, JobState
from precis.settings import load_settings
from precis.store import Store
from tests.precis.store.conftest import Clock
from tests.services import free_port, redis_server, wait_until
from tests.worker.summarisers import QUICKLY, SOON, TALK, Held, Quick, result_for
from worker.app import check_broker, make_app, publish
from worker.asking import JobQueue
from worker.serving import embedded_worker, run_worker


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
        quickly = {**QUICKLY, "lease": SOON, **more}  # no claim is lost for want of a core
        return load_settings(home=tmp_path / "home", broker=broker, **quickly)

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


@pytest.mark.parametrize("queue", ["interactive", "digest"])
def test_both_queues_are_served(make_settings, opened, queue):
    with embedded_worker(make_settings(), opened, Quick()) as app:
        [job] = ask(make_settings(), opened, app, queue=queue)
    assert job.state is JobState.DONE


def test_many_jobs_are_each_done_once(make_settings, opened):
    summariser = Quick()
    settings = make_settings()
    with embedded_worker(settings, opened, summariser) as app:
        jobs = ask(settings, opened, app, count=30)
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


def test_a_long_job_keeps_its_claim(make_settings, opened, monkeypatch):
    """Two thirds of a lease go by with each sign of life, whatever time it is for the worker."""
    settings, summariser = make_settings(lease=timedelta(seconds=0.3)), Held()
    clock, signs, extend = Clock(), [], opened.extend

    def extended(held, lease):
        clock.advance(seconds=0.2)
        signs.append(held)
        return extend(held, lease)

    monkeypatch.setattr(opened, "_now", clock)
    monkeypatch.setattr(opened, "extend", extended)
    with embedded_worker(settings, opened, summariser) as app:
        queue = JobQueue(settings, opened, app)
        job_id = queue.submit(JobRequest(), TALK)
        summariser.begun.acquire()
        wait_until(lambda: len(signs) > 4, what="more than two leases")
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


def test_jobs_in_hand_at_the_end_stay_queued_for_the_next_worker(make_settings, opened):
    summariser = Held()
    with embedded_worker(make_settings(), opened, summariser) as app:
        queue = JobQueue(make_settings(), opened, app)
        job_id = queue.submit(JobRequest(), TALK)
        summariser.begun.acquire()
    job = opened.job(job_id)
    assert (job.state, job.attempts) == (JobState.QUEUED, 0)
    with embedded_worker(make_settings(), opened, Quick()) as app:
        assert JobQueue(make_settings(), opened, app).wait(job_id, SOON).state is JobState.DONE


def test_a_cancelled_job_ends_and_its_work_stops(make_settings, opened):
    summariser, settings = Held(), make_settings(lease=QUICKLY["lease"])
    with embedded_worker(settings, opened, summariser) as app:
        queue = JobQueue(settings, opened, app)
        job_id = queue.submit(JobRequest(), TALK)
        summariser.begun.acquire()
        assert queue.cancel(job_id)
        wait_until(lambda: summariser.abandoned, what="the work's end")
    assert (opened.job(job_id).state, opened.result(job_id)) == (JobState.FAILED, None)
    assert opened.pending_deliveries("cli") == [], "nobody waits for it"
    assert not opened.cancel(job_id, "again")


@pytest.mark.parametrize("url", ["amqp://localhost", "nonsense", "redis"])
def test_a_broker_of_another_kind_is_refused(url):
    with pytest.raises(SettingsError, match="PRECIS_BROKER"):
        make_app(load_settings(broker=url))


def test_the_broker_can_be_checked(make_settings):
    assert check_broker(make_app(make_settings())).startswith(make_settings().broker_url[:8])


def test_a_broker_that_is_down_is_one_line_without_password():
    url = f"redis://:hunter2@127.0.0.1:{free_port()}/0"
    for check in (check_broker, lambda app: publish(app, "id", "interactive")):
        with pytest.raises(QueueError, match="PRECIS_BROKER") as caught:
            check(make_app(load_settings(broker=url)))
        assert "hunter2" not in str(caught.value)
        assert "\n" not in str(caught.value)


def test_two_embedded_workers_do_not_take_each_others_jobs(tmp_path):
    first, second = (load_settings(home=tmp_path / name, **QUICKLY) for name in "ab")
    stores = [Store.open(s.store_url) for s in (first, second)]
    one, other = Quick(), Quick()
    with embedded_worker(first, stores[0], one) as app, embedded_worker(second, stores[1], other):
        ask(first, stores[0], app, count=5)
    assert (len(one.seen), len(other.seen)) == (5, 0)
