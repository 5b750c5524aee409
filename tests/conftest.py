"""Fixtures that many tests share: real servers once a run, a fresh database once a test."""

import os
import uuid

import psycopg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from precis.settings import load_settings
from precis.store import Store
from tests.services import postgresql_server, redis_server

# Speed is measured in bench/: a test that fails on a busy machine says nothing.
hypothesis_settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("patient")


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch, tmp_path):
    """No test sees the settings of whoever runs it."""
    for name in list(os.environ):
        if name.startswith("PRECIS_") and name != "PRECIS_DATA":
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


@pytest.fixture
def postgresql_url(postgresql):
    """The URL of an empty database."""
    name = f"precis_{uuid.uuid4().hex}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield postgresql.replace("/postgres", f"/{name}")
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request, tmp_path):
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'precis.db'}"
    return request.getfixturevalue("postgresql_url")


@pytest.fixture
def store(store_url):
    opened = Store.open(store_url)
    yield opened
    opened.close()


@pytest.fixture
def settings(tmp_path):
    """The embedded set-up, in a folder of the test's own."""
    return load_settings(home=tmp_path / "home")
