"""How frontends hear of ended jobs, on both transports."""

import base64
import json
import logging
import queue

import pytest
import redis

from precis.job import JobRequest
from precis.settings import load_settings
from precis.store import Store
from tests.services import free_port, redis_server, wait_until
from tests.worker.summarisers import QUICKLY, SOON, TALK, Quick
from worker.app import make_app
from worker.asking import JobQueue
from worker.deliveries import Deliveries, tell
from worker.serving import embedded_worker


@pytest.fixture(params=["memory", "redis"])
def broker(request):
    if request.param == "memory":
        return "memory://"
    url = request.getfixturevalue("redis_url")
    redis.Redis.from_url(url).flushall()
    return url


@pytest.fixture
def settings(tmp_path, broker):
    return load_settings(home=tmp_path / "home", broker=broker, **QUICKLY)


@pytest.fixture
def app(settings):
    return make_app(settings)


class Listener:
    """Notes what it hears of, and acknowledges when it is told to."""

    def __init__(self):
        self.heard = queue.SimpleQueue()

    def __call__(self, job_id, done):
        self.heard.put((job_id, done))

    def next(self):
        wait_until(lambda: not self.heard.empty(), what="word of a job")
        return self.heard.get()


def test_a_listener_hears_of_a_job(app):
    listener = Listener()
    with Deliveries(app, "discord", listener):
        tell(app, "one", "discord")
        assert listener.next()[0] == "one"


def test_a_listener_hears_of_what_was_told_before_it_listened(app):
    tell(app, "one", "discord")
    listener = Listener()
    with Deliveries(app, "discord", listener):
        assert listener.next()[0] == "one"


def test_a_frontend_hears_of_its_own_jobs_alone(app):
    slack, discord = Listener(), Listener()
    with Deliveries(app, "slack", slack), Deliveries(app, "discord", discord):
        tell(app, "one", "slack")
        tell(app, "two", "discord")
        assert (slack.next()[0], discord.next()[0]) == ("one", "two")
    assert slack.heard.empty()
    assert discord.heard.empty()


def test_a_listener_that_dies_before_it_acknowledges_hears_again(app):
    doomed, heir = Listener(), Listener()
    with Deliveries(app, "discord", doomed):
        tell(app, "one", "discord")
        tell(app, "two", "discord")
        acknowledged, _ = doomed.next(), doomed.next()
        acknowledged[1]()
    with Deliveries(app, "discord", heir):
        assert heir.next()[0] == "two"
        tell(app, "three", "discord")
        assert heir.next()[0] == "three"


def test_what_is_acknowledged_is_not_heard_again(app):
    first, second = Listener(), Listener()
    with Deliveries(app, "discord", first):
        tell(app, "one", "discord")
        first.next()[1]()
    with Deliveries(app, "discord", second):
        tell(app, "two", "discord")
        assert second.next()[0] == "two"


def test_a_listener_that_raises_hears_again(app):
    heard = queue.SimpleQueue()

    def listener(job_id, done):
        heard.put(job_id)
        if heard.qsize() == 1:
            raise RuntimeError
        done()

    with Deliveries(app, "discord", listener):
        tell(app, "one", "discord")
        wait_until(lambda: heard.qsize() == 2, what="the second time")


def test_a_message_that_is_none_of_ours_is_dropped(app):
    listener = Listener()
    with app.producer_or_acquire() as producer:
        for body in ({}, {"job_id": 7}, ["one"], "one"):
            producer.publish(body, exchange="", routing_key="deliveries.discord")
    with Deliveries(app, "discord", listener):
        tell(app, "one", "discord")
        assert listener.next()[0] == "one"


def test_a_worker_tells_the_frontend_that_asked(settings):
    store = Store.open(settings.store_url)
    listener = Listener()
    with embedded_worker(settings, store, Quick()) as app:
        jobs = JobQueue(settings, store, app)
        with Deliveries(app, "discord", listener):
            job_id = jobs.submit(JobRequest(frontend="discord"), TALK)
            assert listener.next()[0] == job_id
            jobs.wait(jobs.submit(JobRequest(frontend="cli"), TALK), SOON)
        assert listener.heard.empty()
    store.close()


def test_a_message_holds_the_jobs_id_and_nothing_of_the_chat(tmp_path, redis_url):
    client = redis.Redis.from_url(redis_url)
    client.flushall()
    settings = load_settings(home=tmp_path / "home", broker=redis_url, **QUICKLY)
    store = Store.open(settings.store_url)
    with embedded_worker(settings, store, Quick()) as app:
        job_id = JobQueue(settings, store, app).submit(JobRequest(frontend="discord"), TALK)
        wait_until(lambda: client.llen("deliveries.discord"), what="the message")
    [raw] = client.lrange("deliveries.discord", 0, -1)
    message = json.loads(raw)
    assert message["content-type"] == "application/json"
    assert json.loads(base64.b64decode(message["body"])) == {"job_id": job_id}
    everything = b"".join(client.dump(key) or b"" for key in client.scan_iter()) + raw
    for text in (b"xylophone", b"hello", b"Ana", b"Ben", b"study", b"A summary"):
        assert text not in everything
    store.close()


def test_a_broker_that_is_down_is_one_line_and_heard_again_when_it_is_back(tmp_path, caplog):
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    app = make_app(load_settings(home=tmp_path / "home", broker=url, **QUICKLY))
    listener = Listener()
    caplog.set_level(logging.WARNING)

    def lines():
        return [r for r in caplog.records if r.levelno >= logging.WARNING]

    with redis_server(tmp_path, port):
        listening = Deliveries(app, "discord", listener)
        listening.__enter__()
        tell(app, "one", "discord")
        listener.next()[1]()
    try:
        wait_until(lambda: len(lines()) == 1, what="the line")
        tell(app, "two", "discord")  # no error: the store knows
        with redis_server(tmp_path, port):
            wait_until(lambda: told_again(app, listener), what="a listener that is back")
            listening.__exit__(None, None, None)  # before the next outage
    finally:
        listening.__exit__(None, None, None)
    logged = [record.getMessage() for record in lines()]
    assert len([line for line in logged if line.startswith("deliveries wait")]) == 1
    assert len([line for line in logged if "its delivery is in the store" in line]) == 1
    assert len(logged) == 2
    assert [line for line in logged if "\n" in line] == []


def told_again(app, listener):
    tell(app, "three", "discord")
    try:
        return listener.heard.get(timeout=0.5)[0] == "three"
    except queue.Empty:
        return False
