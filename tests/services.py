"""Real servers for tests, on loopback and free ports, stopped when the tests end."""

import asyncio
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from tests.clocks import patient_seconds
from tests.server_programs import (
    open_folder,
    postgresql_folder,
    reachable,
    redis_program,
    run_as,
    server_account,
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition: Callable[[], object], seconds: float = 30.0, what: str = "it") -> None:
    """Look again and again until `condition` holds; fails the test after `seconds`.

    Those are seconds in which the program could have worked (`clocks.py`): on a busy machine it is
    given longer.
    """
    end = patient_seconds() + seconds
    while not condition():
        if patient_seconds() > end:
            pytest.fail(f"waited {seconds} s for {what} in vain")
        time.sleep(0.02)


async def until(condition: Callable[[], object], seconds: float = 30.0, what: str = "it") -> None:
    """The same on an event loop, which goes on meanwhile."""
    end = patient_seconds() + seconds
    while not condition():
        if patient_seconds() > end:
            pytest.fail(f"waited {seconds} s for {what} in vain")
        await asyncio.sleep(0.005)


@contextmanager
def redis_server(folder: Path, port: int | None = None) -> Iterator[str]:
    """A Redis without persistence; gives its URL."""
    port = port or free_port()
    options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", folder]
    process = subprocess.Popen([redis_program(), *options], stdout=subprocess.DEVNULL)
    try:
        client = redis.Redis(port=port)
        wait_until(lambda: _answers(client), what="Redis")
        client.close()
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(60)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@contextmanager
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL cluster of its own; gives the URL of its `postgres` database.

    In a folder of its own: pytest's are closed to other users whenever another run begins.
    """
    account = server_account()
    folder = open_folder(account)
    programs = reachable(postgresql_folder(), account, folder)
    data = folder / "data"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "precis", "-A", "trust", "-E", "UTF8"],
        check=True,
        stdout=subprocess.DEVNULL,
        **run_as(account),
    )
    port = free_port()
    process = subprocess.Popen(
        [
            programs / "postgres", "-D", data, "-p", str(port), "-k", folder,
            "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=200",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **run_as(account),
    )  # fmt: skip
    url = f"postgresql://precis@127.0.0.1:{port}/postgres"
    try:
        wait_until(lambda: _accepts(url), what="PostgreSQL")
        yield url
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(postgresql: str, template: str = "template1") -> Iterator[str]:
    """A database of its own on a cluster, as the template is; gives its URL."""
    name = f"precis_{uuid.uuid4().hex}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield postgresql.replace("/postgres", f"/{name}")
    finally:
        with psycopg.connect(postgresql, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _accepts(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
