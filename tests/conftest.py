"""Fixtures that many tests share: real servers once a run, a fresh database once a test."""

import os
import shutil
from itertools import chain, zip_longest
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from precis.settings import load_settings
from precis.store import Store
from tests.marks import mark_waiting
from tests.services import database, postgresql_server, redis_server

# Speed is measured in bench/: a test that fails on a busy machine says nothing.
hypothesis_settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("patient")


HERE = Path(__file__).parent
LONG = ("training/refresh", "scenarios", "training/test_month.py", "training", "worker", "cli")
"""What computes for minutes, the longest first."""


def pytest_collection_modifyitems(items):
    """Mark the twins on PostgreSQL as slow, and let files that compute and files that mostly wait
    take turns, so that the cores are always busy.

    What takes long begins first: processes that have no tests left wait for the last one.
    """
    for item in items:
        if _is_postgresql_twin(item) and not item.get_closest_marker("both_stores"):
            item.add_marker("slow")
    mark_waiting(items)
    files = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    ranked = sorted(files, key=_rank)  # stable
    computing = [path for path in ranked if _rank(path) < len(LONG)]
    waiting = ranked[len(computing) :]
    turns = chain.from_iterable(zip_longest(computing, waiting))
    items[:] = chain.from_iterable(files[path] for path in turns if path)


def _is_postgresql_twin(item):
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return "postgresql" in (parameters.get("store_url"), parameters.get("empty_url"))


def _rank(path):
    name = path.relative_to(HERE).as_posix()
    return next((n for n, begin in enumerate(LONG) if name.startswith(begin)), len(LONG))


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch, tmp_path):
    """No test sees the settings of whoever runs it."""
    for name in list(os.environ):
        if name.startswith("PRECIS_") and name not in ("PRECIS_DATA", "PRECIS_BASES"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PRECIS_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory):
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(scope="session")
def postgresql():
    with postgresql_server() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql):
    """The name of a database that has all tables, and no rows."""
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("CREATE DATABASE migrated")
    Store.open(postgresql.replace("/postgres", "/migrated")).close()
    return "migrated"


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory):
    """The same, as a file."""
    path = tmp_path_factory.mktemp("migrated") / "precis.db"
    Store.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def migrated_home(migrated_sqlite, tmp_path):
    """The test's PRECIS_HOME, with a store without rows."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    shutil.copy2(migrated_sqlite, home / "precis.db")


@pytest.fixture
def postgresql_url(postgresql, migrated_postgresql):
    """The URL of a database without rows: to migrate one takes longer than most tests."""
    with database(postgresql, migrated_postgresql) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request, tmp_path):
    """A database without rows of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "precis.db"
        shutil.copy2(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite:///{path}"
    return request.getfixturevalue("postgresql_url")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    """A database without tables of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'precis.db'}"
        return
    with database(request.getfixturevalue("postgresql")) as url:
        yield url


@pytest.fixture
def store(store_url):
    opened = Store.open(store_url)
    yield opened
    opened.close()


@pytest.fixture
def settings(tmp_path):
    """The embedded set-up, in a folder of the test's own."""
    return load_settings(home=tmp_path / "home")


def pytest_terminal_summary(terminalreporter, config):
    """After a failure, say how to repeat the order: quiet runs don't show their seed."""
    seed = getattr(config.option, "randomly_seed", None)
    if seed is not None and {"failed", "error"} & terminalreporter.stats.keys():
        terminalreporter.write_line(f"To repeat this order: pytest --randomly-seed={seed}")
