"""`precis train refresh` and `runs` as operators call them; what a run does is tested elsewhere."""

import json

import pytest

from tests.cli.calling import called


@pytest.fixture(autouse=True)
def _not_nice(monkeypatch):
    """It makes itself nice, which would last."""
    monkeypatch.setattr("os.nice", lambda _more: 0)


def refresh(*options):
    return called("train", "refresh", *options)


@pytest.fixture
def broker(monkeypatch):
    """A broker, which is only asked for once there is a run to send."""
    monkeypatch.setenv("PRECIS_BROKER", "redis://127.0.0.1:1/0")


def planned():
    return [line for line in called("train", "runs").stdout.splitlines() if "next at" in line]


def test_of_an_empty_store_it_says_how_much_is_missing():
    run = refresh("--dry-run", "--labels", "5", "--summaries", "3")
    assert run.returncode == 0, run.stderr
    assert "gate: too little data: 5 more decisions that a text is toxic" in run.stdout
    assert "too little data: 3 more references or preferences" in run.stdout
    found = json.loads(refresh("--dry-run", "--labels", "5", "--json").stdout)
    assert (found["toxic"], found["summaries"]) == (0, 0)
    assert "5 more decisions" in found["gate_lacks"]


def test_without_runs_it_says_so():
    assert called("train", "runs").stdout == "No run, and no schedule for one.\n"


def test_a_schedule_is_set_and_dropped(broker):
    assert refresh("--schedule", "weekly").returncode == 0
    assert len(planned()) == 1
    assert json.loads(called("train", "runs", "--json").stdout) == []
    assert refresh("--schedule", "off").returncode == 0
    assert not planned()


def test_where_no_training_worker_can_be_there_is_no_schedule():
    run = refresh("--schedule", "weekly")
    assert run.returncode == 2
    assert "PRECIS_BROKER" in run.stderr
    assert len(run.stderr.splitlines()) == 1
    assert not planned()


def test_a_look_sets_no_schedule(broker):
    run = refresh("--dry-run", "--schedule", "weekly")
    assert run.returncode == 2
    assert not planned()
