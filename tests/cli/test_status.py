"""`precis status`: the same numbers for people and for programs."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from cli.status import _length
from precis.ask import AskRequest, AskState, Limits
from precis.job import JobRequest
from precis.settings import load_settings
from precis.store import ChatStore, Store
from precis.store.database import Database
from precis.store.migrating import current_revision
from tests.cli.calling import called
from tests.worker.summarisers import TALK, result_for

LEASE = timedelta(seconds=60)


class Clock:
    def __init__(self):
        self.now = datetime.now(UTC) - timedelta(minutes=10)

    def __call__(self):
        return self.now


@pytest.fixture
def worked(migrated_home, monkeypatch):
    """A store with a summary that took two seconds, ten minutes ago, and a job that waits.

    The command's clock stands still, however long it takes.
    """
    clock = Clock()
    ten_minutes_later, open_as_is = clock.now + timedelta(minutes=10), Store.open_as_is
    monkeypatch.setattr(Store, "open_as_is", lambda url: open_as_is(url, lambda: ten_minutes_later))
    store = Store.open(load_settings().store_url, clock)
    chat = ChatStore(store, LEASE)
    request = AskRequest(platform="discord", server="s", source="c", place="c", person="ana")
    held = chat.begin(request, Limits(person=9, server=9, seconds=60))
    job_id = store.submit(JobRequest(frontend="discord"), TALK)
    chat.wait_for(held, job_id)
    taken = store.claim(job_id, "host:7", LEASE, 3)
    clock.now += timedelta(seconds=2)
    store.finish(taken, result_for(JobRequest()).model_copy(update={"timings": {"embed": 1.5}}))
    chat.end(chat.claim(held.id), AskState.ANSWERED)
    store.mark_delivered(job_id)
    store.submit(JobRequest(queue="digest", task="digest"), TALK)
    store.close()


def line_of(run, name):
    [line] = [line for line in run.stdout.splitlines() if line.startswith(name)]
    return line.removeprefix(name).strip()


def test_it_says_what_waits_and_what_was_done(worked):
    run = called("status")
    assert run.returncode == 0, run.stderr
    assert line_of(run, "queues") == "digest: 1 queued, oldest 9.97 min"
    assert line_of(run, "workers") == "host:7: last took a job 10 min ago"
    assert line_of(run, "digests") == "0 due, 0 of them late"
    assert line_of(run, "last 1 h") == "requests: discord: 1 answered"
    assert "request to answer: discord: half within 2.0 s, 95% within 2.0 s" in run.stdout
    assert "stage: embed: half within 1.5 s, 95% within 1.5 s" in run.stdout


def test_what_is_longer_ago_is_not_told(worked):
    run = called("status", "--hours", "0.1")
    assert line_of(run, "last 6 min") == "nothing ended"
    assert line_of(run, "workers") == "none took a job in the last 6 min"


def test_programs_get_the_same_in_seconds(worked):
    found = json.loads(called("status", "--json").stdout)
    assert found["now"]["jobs"] == {"digest": {"queued": 1}}
    assert 598 <= found["now"]["oldest_job_seconds"]["digest"] < 660
    assert found["recent"]["requests"] == {"discord": {"answered": 1}}
    assert found["recent"]["answer_seconds"] == {"discord": {"p50": 2.0, "p95": 2.0}}
    assert set(found["versions"]) == {"precis", "contract", "schema", "python"}


def test_a_store_that_is_away_is_one_line():
    run = called("status", PRECIS_STORE="postgresql://precis:hunter2@127.0.0.1:1/none")
    assert run.returncode == 1
    assert run.stderr.startswith("precis: the store postgresql")
    assert "hunter2" not in run.stderr


@pytest.mark.parametrize(
    ("revision", "told"),
    [("0001", "of an older Précis"), ("9999", "was made by a newer Précis")],
)
def test_a_store_of_another_version_is_one_line_and_stays_as_it_is(migrated_home, revision, told):
    database = Database(load_settings().store_url)
    with database.writing() as connection:
        connection.execute(
            text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision}
        )
    run = called("status")
    assert run.returncode == 1
    assert told in run.stderr
    assert len(run.stderr.splitlines()) == 1
    assert current_revision(database) == revision
    database.engine.dispose()


def test_a_store_without_tables_is_one_line_and_gets_none(empty_url):
    run = called("status", PRECIS_STORE=empty_url)
    assert run.returncode == 1
    assert "has no tables yet" in run.stderr
    database = Database(empty_url)
    assert current_revision(database) is None
    database.engine.dispose()


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0.0 s"),
        (4.24, "4.2 s"),
        (59, "59 s"),
        (90, "1.5 min"),
        (7_200, "2 h"),
        (432_000, "5 days"),
    ],
)
def test_lengths_are_short(seconds, shown):
    assert _length(seconds) == shown
