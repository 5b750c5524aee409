"""The real processes for tests: bots and workers, started, killed and stopped.

They are set up by PRECIS_* variables alone, and what they print is kept in a file each.
"""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import redis

from precis.settings import load_settings
from precis.store import Store
from tests.services import wait_until
from worker.serving import embedded_worker

ROOT = Path(__file__).parents[2]
PRECIS = ("-c", "from cli.main import main; main()")
QUICKLY = {
    "PRECIS_LEASE": "PT2S",
    "PRECIS_REQUEUE_AFTER": "PT1S",
    "PRECIS_RECONCILE_EVERY": "PT0.3S",
    "PRECIS_PERSON_LIMIT": "1000",
    "PRECIS_SERVER_LIMIT": "1000",
    "PRECIS_LOG_LEVEL": "INFO",
}
"""What is lost is found soon, and nobody asks too often."""


class Running:
    """A process of a test's own."""

    def __init__(self, arguments, variables, *flags, program=sys.executable):
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PRECIS_")}
        self.variables = variables
        handle, name = tempfile.mkstemp(prefix="precis-test-", suffix=".log")
        self._log = Path(name)
        with os.fdopen(handle, "wb") as log:
            self._process = subprocess.Popen(
                [program, *flags, *arguments],
                cwd=ROOT,
                env={**inherited, **variables, "PYTHONUNBUFFERED": "1"},
                stdout=log,
                stderr=log,
            )

    @property
    def log(self):
        return self._log.read_text()

    @property
    def over(self):
        return self._process.poll() is not None

    @property
    def exit_code(self):
        """None while it runs."""
        return self._process.poll()

    def send(self, number):
        self._process.send_signal(number)

    def kill(self):
        """As when the machine is lost: no time to say anything."""
        self.send(signal.SIGKILL)
        self._process.wait()

    def stop(self, seconds=15.0):
        """As an operator does; the exit code."""
        self.send(signal.SIGTERM)
        return self.wait(seconds)

    def wait(self, seconds=15.0):
        """The exit code, once it has ended by itself."""
        wait_until(lambda: self.over, seconds, "the process's end")
        return self._process.wait()

    def clear_away(self):
        if not self.over:
            self.send(signal.SIGCONT)
            self.kill()
        self._log.unlink()


@contextmanager
def running(arguments, variables, *flags):
    """A process; what it printed is shown where a test fails."""
    process = Running(arguments, variables, *flags)
    try:
        yield process
    except BaseException:
        shown = f"--- {' '.join(map(str, arguments))}\n{process.log[-6_000:]}"
        print(shown)  # noqa: T201 - pytest shows it
        raise
    finally:
        process.clear_away()


@contextmanager
def worker_process(variables):
    """`precis worker`, which quotes the most telling messages: real, and quick."""
    variables = {"PRECIS_PROFILE": "extractive", **variables}
    with running([*PRECIS, "worker"], variables) as process:
        wait_until(lambda: process.over or "Serving" in process.log, 90, "the worker's models")
        assert not process.over, process.log
        yield process


@contextmanager
def held_worker_process(variables, folder):
    """A worker that touches `folder/begun`, and ends a job once there is `folder/let_go`."""
    folder.mkdir(exist_ok=True)
    with running(["-m", "tests.worker.worker_process", folder], variables) as process:
        yield process


@contextmanager
def worker_thread(variables, summariser):
    """A worker on the variables' broker and store, in the test's own process."""
    settings = settings_of(variables)
    store = Store.open(settings.store_url)
    try:
        with embedded_worker(settings, store, summariser):
            yield
    finally:
        store.close()


def settings_of(variables):
    with mock.patch.dict(os.environ, variables):
        return load_settings()


def deployed(redis_url, store_url, **more):
    """The variables of bots and workers on an empty Redis and a store."""
    redis.Redis.from_url(redis_url).flushall()
    return {
        "PRECIS_BROKER": redis_url,
        "PRECIS_STORE": store_url,
        **QUICKLY,
        **{f"PRECIS_{name.upper()}": value for name, value in more.items()},
    }
