import logging
from datetime import UTC, datetime, timedelta

import pytest

from precis.errors import QueueError, StoreError
from precis.job import JobRequest
from precis.store import Store
from tests.services import wait_until
from tests.worker.summarisers import TALK, result_for
from worker import housekeeping
from worker.housekeeping import Housekeeper

LONG = timedelta(hours=1)


class Broker:
    """Records what is published, or is down."""

    def __init__(self):
        self.down = False
        self.sent = []

    def publish(self, job_id, queue):
        if self.down:
            raise QueueError("the broker is down")
        self.sent.append((job_id, queue))


@pytest.fixture
def store(settings):
    opened = Store.open(settings.store_url)
    yield opened
    opened.close()


def keeper(settings, store, broker, every=LONG, **more):
    return Housekeeper(
        settings.model_copy(update={"reconcile_every": every, **more}), store, broker.publish
    )


def test_it_looks_as_soon_as_it_starts(settings, store):
    job_id, broker = store.submit(JobRequest(queue="digest"), TALK, timedelta(0)), Broker()
    with keeper(settings, store, broker):
        wait_until(lambda: broker.sent == [(job_id, "digest")])


def test_it_looks_when_a_retry_is_due(settings, store):
    broker = Broker()
    with keeper(settings, store, broker) as keeping:
        held = store.claim(store.submit(JobRequest(), TALK), "worker", LONG, 3)
        store.retry(held, timedelta(seconds=0.1))
        keeping.look_in(timedelta(seconds=0.1))
        wait_until(lambda: [job for job, _ in broker.sent] == [held.job_id])


def test_what_could_not_be_sent_is_sent_when_the_broker_is_back(settings, store, caplog):
    ids, broker = [store.submit(JobRequest(), TALK, timedelta(0)) for _ in range(3)], Broker()
    broker.down = True
    with keeper(settings, store, broker, every=timedelta(seconds=0.02), requeue_after=LONG):
        wait_until(lambda: "broker is down" in caplog.text)
        broker.down = False
        wait_until(lambda: len(broker.sent) == 3)
    assert sorted(job for job, _ in broker.sent) == sorted(ids)


@pytest.fixture
def soon(monkeypatch):
    """The first purge, which otherwise lets those who wait go before."""
    monkeypatch.setattr(housekeeping, "FIRST_PURGE_AFTER", timedelta(seconds=0.05))


@pytest.mark.usefixtures("soon")
def test_the_first_purge_waits_for_no_look_and_a_failed_one_for_the_next(
    settings, store, monkeypatch, caplog
):
    looks, purges = [], []
    monkeypatch.setattr(store, "recover", lambda *_: looks.append(1) or [])

    def purge(_age):
        purges.append(1)
        raise StoreError("away")

    monkeypatch.setattr(store, "purge_older_than", purge)
    with keeper(settings, store, Broker()) as keeping:
        wait_until(lambda: "housekeeping waits" in caplog.text, what="the failure")
        assert (len(looks), len(purges)) == (2, 1)
        keeping.look_in(timedelta(0))
        wait_until(lambda: len(looks) > 2, what="another look, before its time")
    assert (len(looks), len(purges)) == (3, 1)


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("trouble", [StoreError("away"), ValueError("xylophone")])
def test_an_outage_is_told_once_and_outlived(settings, store, caplog, monkeypatch, trouble):
    looks, purges = [], []

    def recover(*_):
        looks.append(1)
        if len(looks) < 5:
            raise type(trouble)(*trouble.args)
        return []

    monkeypatch.setattr(store, "recover", recover)
    monkeypatch.setattr(store, "purge_older_than", lambda age: purges.append(age) or Nothing)
    caplog.set_level(logging.DEBUG)
    with keeper(settings, store, Broker(), every=timedelta(seconds=0.01)):
        wait_until(lambda: purges)
    assert caplog.text.count("housekeeping waits") == 1
    assert "xylophone" not in caplog.text


class Nothing:
    conversations = 0


@pytest.mark.usefixtures("soon")
def test_it_purges_what_is_past_its_retention(settings):
    past = Store.open(settings.store_url, lambda: datetime(2026, 1, 1, tzinfo=UTC))
    held = past.claim(past.submit(JobRequest(), TALK), "worker", LONG, 3)
    past.finish(held, result_for(JobRequest()))
    store = Store.open(settings.store_url)
    with keeper(settings, store, Broker()):
        wait_until(lambda: store.conversation(held.job_id).messages == ())
    past.close()
    store.close()
