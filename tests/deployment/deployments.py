"""The composition brought up: in containers, or its very commands as processes of this machine."""

import json
import os
import signal
import subprocess
import threading
from contextlib import suppress

import redis

from precis.settings import load_settings
from tests.bot.processes import PRECIS, Running
from tests.deployment.compose_file import ROOT, composition
from tests.server_programs import redis_program
from tests.services import free_port, wait_until

ENDING = ("migrations", "models")


class Containers:
    """By Docker Compose; COMPOSE is its command, such as "docker compose"."""

    def __init__(self, command, folder):
        self._env = folder / "env"
        self._compose = [*command.split(), "--project-name", "precis-test"]
        self._compose += ["--project-directory", ROOT, "--env-file", self._env]

    def up(self, variables):
        images = {
            name: os.environ[name]
            for name in ("PYTHON_IMAGE", "REDIS_IMAGE", "POSTGRES_IMAGE")
            if name in os.environ
        }
        given = {**variables, **images, "SLACK_PORT": str(free_port())}
        self._env.write_text("".join(f"{name}={value}\n" for name, value in given.items()))
        self._run("up", "--detach", "--quiet-pull")

    def exit_code(self, service):
        """None while it runs."""
        state = self._state(service)
        return None if state["Running"] or state["Restarting"] else state["ExitCode"]

    def is_healthy(self, service):
        return self._state(service).get("Health", {}).get("Status") == "healthy"

    def kill(self, service):
        """As when the machine takes it: the engine itself would not start it again."""
        os.kill(self._state(service)["Pid"], signal.SIGKILL)

    def stop(self, service):
        """Stop a service as an operator does; its exit code, 137 if it had to be killed."""
        self._run("stop", service)
        return self._state(service)["ExitCode"]

    def log(self, service):
        return self._run("logs", "--no-log-prefix", service)

    def down(self):
        self._run("down", "--volumes", "--timeout", "5")

    def _state(self, service):
        [name] = self._run("ps", "--all", "--quiet", service).split()
        return json.loads(_output("docker", "inspect", "--format", "{{json .State}}", name))

    def _run(self, *arguments):
        return _output(*self._compose, *arguments)


class Processes:
    """The same commands with the same variables; only addresses and folders are this machine's."""

    def __init__(self, store_url, folder):
        self._folder = folder
        self._redis_port = free_port()
        self._local = {
            "PRECIS_STORE": store_url,
            "PRECIS_BROKER": f"redis://127.0.0.1:{self._redis_port}/0",
            "PRECIS_MODELS": str(folder / "models"),
            "PRECIS_BASES": str(load_settings().bases),
            "PRECIS_HOME": str(folder / "home"),
        }
        self._running = {}
        self._old = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)
        self._supervisor.start()

    def up(self, variables):
        services = composition(variables)["services"]
        self._services = {n: each for n, each in services.items() if "profiles" not in each}
        for name in self._in_order():
            if name == "postgres":
                continue  # the tests' own
            if name in self._running and name not in ENDING:
                if self._environment(name) == self._running[name].variables:
                    continue
                self.stop(name)
            with self._lock:
                self._start(name)
            if name in ENDING:
                assert self._running[name].wait(120) == 0, self.log(name)
            elif name == "redis":
                wait_until(self._redis_answers, what="Redis")

    def exit_code(self, service):
        with self._lock:
            process = self._running[service]
            return process.exit_code if process.over else None

    def is_healthy(self, service):
        test = self._services[service]["healthcheck"]["test"]
        assert test == ["CMD", "precis", "health"]
        process = Running([*PRECIS, *test[2:]], self._environment(service))
        self._old.append(process)
        return process.wait(60) == 0

    def kill(self, service):
        self._running[service].kill()

    def stop(self, service):
        process = self._running[service]
        process.stopped = True
        return process.stop(_seconds(self._services[service]["stop_grace_period"]))

    def log(self, service):
        return self._running[service].log

    def down(self):
        self._ended.set()
        self._supervisor.join(10)
        for process in [*self._running.values(), *self._old]:
            process.clear_away()

    def _in_order(self):
        """Each after what it depends on."""
        order = []

        def add(name):
            for other in self._services[name].get("depends_on", {}):
                add(other)
            if name not in order:
                order.append(name)

        for name in self._services:
            add(name)
        return order

    def _start(self, name):
        if name in self._running:
            self._old.append(self._running[name])
        command = self._services[name]["command"]
        if name == "redis":
            place = ["--port", str(self._redis_port), "--dir", str(self._folder)]
            options = [*command[1:], "--bind", "127.0.0.1", *place]
            process = Running(options, {}, program=redis_program())
        else:
            process = Running([*PRECIS, *command], self._environment(name))
        process.stopped = False
        self._running[name] = process

    def _environment(self, name):
        given = self._services[name].get("environment", {})
        own = {"PRECIS_HEALTH_FILE": str(self._folder / f"{name}.json")}
        if "PRECIS_SLACK_LISTEN" in given:
            own["PRECIS_SLACK_LISTEN"] = "127.0.0.1:0"
        set_ones = {variable: str(value or "") for variable, value in given.items()}
        return {**set_ones, **self._local, **own}

    def _supervise(self):
        """Start again what its policy says, as an engine does."""
        while not self._ended.wait(0.2):
            with self._lock:
                for name, process in list(self._running.items()):
                    if not process.over or process.stopped:
                        continue
                    policy = self._services[name]["restart"]
                    if policy == "unless-stopped" or (policy == "on-failure" and process.exit_code):
                        self._start(name)

    def _redis_answers(self):
        with suppress(redis.RedisError), redis.Redis(port=self._redis_port) as client:
            return client.ping()
        return False


def _seconds(text):
    return float(text.removesuffix("s"))


def _output(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stderr[-3000:]}"
    return done.stdout
