"""`/metrics`: where the operator wants it, with what the store knows, and in time."""

import threading
import urllib.request
from contextlib import closing
from socket import socket

import pytest
from prometheus_client.parser import text_string_to_metric_families

from precis.errors import SettingsError, StoreError
from precis.job import JobRequest
from precis.monitoring.collector import StoreCollector
from precis.monitoring.endpoint import is_public, serving_metrics
from precis.monitoring.metrics import METRICS
from precis.settings import load_settings
from precis.store import Store
from tests.conversations import conversation

TALK = conversation("Ana: xylophone", "Ben: hello")


@pytest.fixture
def opened(settings):
    store = Store.open(settings.store_url)
    yield store
    store.close()


def listening(settings, address):
    return settings.model_copy(update={"metrics_listen": address})


def scraped(port):
    """What a scrape gives: series by name and labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def collected(collector):
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in collector.collect()
        for sample in family.samples
    }


def test_it_serves_what_is_counted_and_what_the_store_knows(settings, opened):
    opened.submit(JobRequest(), TALK)
    with serving_metrics(listening(settings, "127.0.0.1:0"), opened) as port:
        series = scraped(port)
    assert series["precis_store_up",] == 1
    assert series["precis_jobs", "interactive", "queued"] == 1
    assert series["precis_jobs", "digest", "running"] == 0
    assert ("process_cpu_seconds_total",) in series
    assert any(name[0] == "precis_build_info" for name in series)


def test_every_metric_that_is_read_from_the_store_is_served(settings, opened):
    with serving_metrics(listening(settings, "127.0.0.1:0"), opened) as port:
        names = {name for name, *_ in scraped(port)}
    assert names >= {each.name for each in METRICS.declared if each.role == "store"}


def test_after_the_end_nothing_listens_any_more(settings, opened):
    with serving_metrics(listening(settings, "127.0.0.1:0"), opened) as port:
        pass
    with pytest.raises(OSError, match="refused"):
        scraped(port)


def test_it_is_off_unless_an_address_is_set(settings, opened):
    with serving_metrics(settings, opened) as port:
        assert port is None


def test_an_address_that_is_taken_is_one_line(settings, opened):
    with closing(socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with (
            pytest.raises(SettingsError, match=rf"can't serve metrics on {address} \(.*in use\)"),
            serving_metrics(listening(settings, address), opened),
        ):
            pass


@pytest.mark.parametrize("address", [":9101", "9101", "127.0.0.1", "127.0.0.1:http"])
def test_an_address_is_written_out(address):
    with pytest.raises(SettingsError, match=r"metrics_listen.*HOST:PORT"):
        load_settings(metrics_listen=address)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "8.8.8.8"])
def test_it_knows_which_addresses_others_may_reach(host):
    assert is_public(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "fd00::1", "localhost", "precis-bot"])
def test_it_knows_which_addresses_are_internal(host):
    assert not is_public(host)


def test_a_public_address_is_warned_of(settings, opened, caplog):
    with serving_metrics(listening(settings, "0.0.0.0:0"), opened):
        pass
    [record] = caplog.records
    assert record.levelname == "WARNING"
    assert "0.0.0.0:0" in record.message


class Hanging:
    """A store that doesn't answer until it is let."""

    def __init__(self):
        self.asked = 0
        self.go = threading.Event()

    def workload(self):
        self.asked += 1
        self.go.wait(30)
        raise StoreError("the store is away")


def test_a_store_that_hangs_is_given_up_and_asked_by_one_scrape_at_a_time():
    store = Hanging()
    collector = StoreCollector(store, patience=0.05)
    assert [collected(collector) for _ in range(3)] == [{("precis_store_up",): 0}] * 3
    assert store.asked == 1
    store.go.set()


def test_a_store_that_is_down_is_told_as_such():
    store = Hanging()
    store.go.set()
    assert collected(StoreCollector(store)) == {("precis_store_up",): 0}


def test_what_was_read_is_kept_for_some_seconds(opened):
    quick, slow = StoreCollector(opened, kept=0.0), StoreCollector(opened, kept=600.0)
    for collector in (quick, slow):
        assert collected(collector)["precis_jobs", "interactive", "queued"] == 0
    opened.submit(JobRequest(), TALK)
    assert collected(quick)["precis_jobs", "interactive", "queued"] == 1
    assert collected(slow)["precis_jobs", "interactive", "queued"] == 0
