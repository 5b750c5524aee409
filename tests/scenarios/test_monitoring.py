"""What operators see of a process that does it all: one address for its metrics, JSON lines."""

import json
import urllib.request

import pytest

from tests.bot.processes import PRECIS, QUICKLY, running
from tests.scenarios.discord_stage import discord_stage
from tests.services import free_port, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stage():
    with discord_stage() as made:
        yield made


@pytest.fixture(scope="module")
def variables(tmp_path_factory):
    return {
        **QUICKLY,
        "PRECIS_HOME": str(tmp_path_factory.mktemp("home")),
        "PRECIS_PROFILE": "extractive",
        "PRECIS_METRICS_LISTEN": f"127.0.0.1:{free_port()}",
        "PRECIS_LOG_FORMAT": "json",
    }


@pytest.fixture(scope="module")
def bot(stage, variables):
    with stage.bot_process(variables, "--embedded") as process:
        yield process


def series(variables):
    """What the process tells Prometheus, as lines without values to values."""
    address = f"http://{variables['PRECIS_METRICS_LISTEN']}/metrics"
    with urllib.request.urlopen(address, timeout=30) as answer:
        lines = answer.read().decode().splitlines()
    pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


def test_it_tells_what_the_bot_and_what_the_worker_did(stage, variables, bot):
    place = stage.channel()
    stage.fill(place, [f"The exam is on Thursday at {n}." for n in range(10)])
    answered = 'precis_requests_total{command="summarize",outcome="answered",platform="discord"}'
    assert series(variables)[answered] == 0
    assert stage.ask(stage.people[0], place, last=10).told(60).lines
    wait_until(lambda: series(variables)[answered] == 1, what="the count")
    found = series(variables)
    assert found['precis_jobs_total{outcome="done",task="summarise"}'] == 1
    assert found['precis_batch_seconds_count{model="gate"}'] > 0
    assert found['precis_jobs{queue="interactive",state="queued"}'] == 0
    assert found["precis_store_up"] == 1
    lines = [json.loads(line) for line in bot.log.splitlines() if line.startswith("{")]
    [request] = {line["request"] for line in lines if "request" in line}
    both = {line["logger"].split(".")[0] for line in lines if line.get("request") == request}
    assert both == {"bot", "worker"}
    assert "Thursday" not in bot.log


def test_another_process_at_the_same_address_ends_with_a_line(variables, bot):
    variables = {**variables, "PRECIS_DISCORD_TOKEN": "none"}
    with running([*PRECIS, "bot", "discord", "--embedded"], variables) as other:
        assert other.wait(60) == 2
        [line] = other.log.splitlines()
    assert line.startswith(f"precis: can't serve metrics on {variables['PRECIS_METRICS_LISTEN']}")
