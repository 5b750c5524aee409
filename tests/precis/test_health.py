from datetime import UTC, datetime

import pytest

from precis import health
from precis.errors import QueueError
from precis.health import HealthError, read_health, reporting_health
from tests.services import wait_until


class Broker:
    up = True

    def check(self):
        if not self.up:
            raise QueueError("the broker can't be reached")


def is_well(path):
    try:
        return bool(read_health(path, datetime.now(UTC)))
    except HealthError:
        return False


def test_a_problem_is_noted_while_it_lasts(tmp_path, monkeypatch):
    monkeypatch.setattr(health, "CHECK_EVERY", 0.02)
    path, broker = tmp_path / "health.json", Broker()
    with reporting_health(path, "worker", {"broker": broker.check, "other": lambda: None}):
        wait_until(lambda: is_well(path), what="a healthy worker")
        broker.up = False
        wait_until(lambda: not is_well(path), what="the problem")
        with pytest.raises(HealthError, match="worker is not well: broker: the broker can't be"):
            read_health(path, datetime.now(UTC))
        broker.up = True
        wait_until(lambda: is_well(path), what="a worker that is healthy again")


def test_a_bug_in_a_check_is_noted_without_what_it_says(tmp_path):
    def check():
        raise ValueError("chat text")

    path = tmp_path / "health.json"
    with reporting_health(path, "worker", {"store": check}):
        wait_until(path.exists, what="the file")
    with pytest.raises(HealthError) as raised:
        read_health(path, datetime.now(UTC))
    assert "ValueError at" in str(raised.value)
    assert "chat text" not in str(raised.value)
