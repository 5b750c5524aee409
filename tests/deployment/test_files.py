"""What a deployment is made of says the same everywhere, and is as closed as it claims to be."""

import shutil
import subprocess
from pathlib import Path

import pytest
from pydantic import SecretStr

from docs.build import COMPOSE_VARIABLES
from precis.settings import Settings
from tests.deployment.compose_file import ROOT, VARIABLE, composition, env_example, raw_text

ENDING = {"migrations", "models"}
"""Services that do one thing and end."""
FOREIGN = {"redis", "postgres"}
SERVICES = composition({})["services"]
OWN = sorted(set(SERVICES) - FOREIGN)
BOTS = {"bot-discord", "bot-slack"}
TOKENS = {
    f"PRECIS_{name.upper()}"
    for name, field in Settings.model_fields.items()
    if SecretStr in getattr(field.annotation, "__args__", ()) and name != "store"
}


def test_every_setting_reaches_a_service_and_no_other_variable_does():
    known = {f"PRECIS_{name.upper()}" for name in Settings.model_fields}
    given = {name for each in SERVICES.values() for name in each.get("environment", {})}
    assert {name for name in given if name.startswith("PRECIS_")} == known


def test_only_bots_are_given_tokens():
    assert len(TOKENS) == 6
    for name in set(OWN) - BOTS:
        assert not TOKENS & set(SERVICES[name]["environment"]), name


def test_every_variable_of_the_composition_is_explained_with_its_default():
    explained = env_example()
    for name, default in VARIABLE.findall(raw_text()):
        assert name in explained, name
        if name in COMPOSE_VARIABLES and name != "WORKER_MEMORY":
            assert COMPOSE_VARIABLES[name][0] == default, name
    assert set(COMPOSE_VARIABLES) <= {name for name, _ in VARIABLE.findall(raw_text())}


@pytest.mark.parametrize("name", OWN)
def test_a_container_of_ours_can_do_no_more_than_it_needs(name):
    service = SERVICES[name]
    assert service["read_only"]
    assert service["user"] == "10001:10001"
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - ENDING))
def test_what_runs_for_long_is_checked_and_comes_back(name):
    service = SERVICES[name]
    assert service["healthcheck"]["test"]
    # A bot without a token ends with exit code 0, and is not started again.
    assert service["restart"] == ("on-failure" if name in BOTS else "unless-stopped")
    assert service["stop_grace_period"]


def test_workers_and_the_store_reach_nothing_outside():
    assert composition({})["networks"]["data"]["internal"]
    for name in set(SERVICES) - BOTS:
        assert SERVICES[name]["networks"] == ["data"], name


UNITS = sorted(path.name for path in (ROOT / "deploy" / "systemd").glob("*.service"))


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_understands_each_unit(unit, tmp_path):
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    # The programs are where an installation puts them; here, none is installed.
    for each in (ROOT / "deploy" / "systemd").iterdir():
        text = each.read_text().replace("/opt/precis/bin/precis", "/bin/true")
        (tmp_path / each.name).write_text(text.replace("/usr/bin/docker", "/bin/true"))
    verified = subprocess.run(
        [program, "verify", "--man=no", tmp_path / unit],
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in verified.stderr.splitlines() if str(tmp_path) in line]
    assert complaints == []


def test_images_hold_the_models_that_git_tracks_and_none_that_was_trained_here():
    listed = subprocess.run(
        ["git", "ls-files", "models/adapters", "models/gates"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    shipped = {f"!{Path(name).parents[-4]}" for name in listed.stdout.splitlines()}
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    # The last line that matches decides.
    after = lines[lines.index("!models") + 1 :]
    assert {"models/adapters/*", "models/gates"} <= set(after)
    let_in = {line for line in after if line.startswith("!models/")}
    assert let_in == shipped
    assert all(after.index(line) > after.index("models/adapters/*") for line in let_in)
