"""Whether a worker notices that one of its loops is stuck."""

import threading
from contextlib import contextmanager

import pytest
import redis
from celery.exceptions import WorkerShutdown

from precis.errors import QueueError
from precis.settings import load_settings
from tests.services import wait_until
from worker.app import QUEUES, make_app
from worker.deliveries import IdListener, send_id
from worker.liveness import STUCK_AFTER, ConsumerPulse, Liveness
from worker.serving import _options


@pytest.fixture
def settings(redis_url):
    redis.Redis.from_url(redis_url).flushall()
    return load_settings(broker=redis_url)


@contextmanager
def consumer_of(settings):
    """The consumer of a worker that runs in a thread."""
    with make_app(settings) as app:
        worker = app.WorkController(hostname="liveness@test", **_options(settings, QUEUES))
        thread = threading.Thread(target=worker.start, daemon=True)
        thread.start()
        try:
            yield worker.consumer
        finally:
            worker.consumer.call_soon(shut_down)
            thread.join()


def shut_down():
    raise WorkerShutdown(0)


def test_a_consumer_is_stuck_while_its_loop_does_not_answer(settings):
    now, held, begun = [0.0], threading.Event(), threading.Event()
    with consumer_of(settings) as consumer:
        pulse = ConsumerPulse(consumer, lambda: now[0])
        liveness = Liveness()
        liveness.watch("Celery's consumer", pulse.silence)

        def answers():
            now[0] += 1
            return pulse.silence() == 0

        wait_until(answers, what="an answer")

        def hold():
            begun.set()
            held.wait()

        try:
            consumer.call_soon(hold)
            wait_until(begun.is_set, what="the loop to be held")
            liveness.check()
            now[0] += STUCK_AFTER + 1
            with pytest.raises(QueueError, match="Celery's consumer has been stuck for 61 s"):
                liveness.check()
        finally:
            held.set()
        wait_until(answers, what="an answer after it was held")
        liveness.check()


def test_a_listener_is_silent_while_it_is_held(settings):
    held, begun = threading.Event(), threading.Event()

    def hold(_job_id, done):
        begun.set()
        held.wait()
        done()

    with make_app(settings) as app:
        listener = IdListener(app, "liveness", hold)
        assert listener.silence() == 0
        with listener:
            send_id(app, "one", "liveness")
            wait_until(begun.is_set, what="the listener to be held")
            silent = listener.silence()
            try:
                wait_until(lambda: listener.silence() > silent + 0.5, what="a longer silence")
            finally:
                held.set()
            wait_until(lambda: listener.silence() < silent + 0.5, what="the next turn")
        assert listener.silence() == 0
