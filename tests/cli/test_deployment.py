"""What a deployment runs beside its bots and workers, and how a bot behaves that isn't set up."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest

from tests.cli.calling import called


def test_migrating_an_empty_store_makes_its_tables_and_again_does_nothing(empty_url):
    for _ in range(2):
        run = called("store", "migrate", PRECIS_STORE=empty_url)
        assert run.returncode == 0, run.stderr
        assert run.stdout.endswith("is up to date.\n")


@pytest.mark.parametrize("platform", ["discord", "slack"])
def test_a_bot_without_a_token_ends_well_only_where_that_is_asked_for(platform):
    asked = called("bot", platform, "--if-configured")
    assert asked.returncode == 0
    assert len(asked.stdout.splitlines()) == 1
    assert "doesn't run" in asked.stdout
    assert called("bot", platform).returncode == 2


@pytest.mark.parametrize("way", ["systemd", "variable"])
def test_a_secret_comes_from_a_file_unless_a_variable_is_set(tmp_path, way):
    (tmp_path / "precis_store").write_text("sqlite:////from/a/file.db\n")
    variable = {"PRECIS_STORE": "sqlite:////from/a/variable.db" if way == "variable" else ""}
    run = called("config", CREDENTIALS_DIRECTORY=str(tmp_path), **variable)
    expected = "/from/a/variable.db" if way == "variable" else "/from/a/file.db"
    assert f"sqlite:///{expected}" in run.stdout


def health(tmp_path, *problems, age=0.0):
    path = tmp_path / "health.json"
    at = datetime.now(UTC) - timedelta(seconds=age)
    path.write_text(json.dumps({"service": "worker", "at": at.isoformat(), "problems": problems}))
    return called("health", PRECIS_HEALTH_FILE=str(path))


def test_a_process_that_is_well_is_healthy(tmp_path):
    run = health(tmp_path, age=20)
    assert run.returncode == 0
    assert run.stdout.startswith("worker is well")


def test_a_process_with_a_problem_is_not(tmp_path):
    run = health(tmp_path, "broker: it can't be reached")
    assert run.returncode == 1
    assert "broker: it can't be reached" in run.stderr


def test_a_process_that_hangs_is_not(tmp_path):
    run = health(tmp_path, age=120)
    assert run.returncode == 1
    assert "no sign of life" in run.stderr


def test_a_process_that_never_started_is_not(tmp_path):
    run = called("health", PRECIS_HEALTH_FILE=str(tmp_path / "none.json"))
    assert run.returncode == 1
    assert "no health file" in run.stderr


def test_an_empty_secret_counts_as_not_set(tmp_path):
    (tmp_path / "precis_discord_token").write_text("\n")
    variables = {"CREDENTIALS_DIRECTORY": str(tmp_path), "PRECIS_DISCORD_TOKEN": ""}
    run = called("bot", "discord", "--if-configured", **variables)
    assert run.returncode == 0, run.stderr
    assert "doesn't run" in run.stdout


def test_a_secret_that_is_not_text_is_one_line(tmp_path):
    (tmp_path / "precis_discord_token").write_bytes(b"hunter\xff2")
    run = called("config", CREDENTIALS_DIRECTORY=str(tmp_path))
    assert run.returncode == 2
    assert run.stderr == (
        "precis: the file with the secret precis_discord_token is not valid UTF-8; write it anew\n"
    )


def test_a_secret_that_cannot_be_read_is_one_line(tmp_path):
    secret = tmp_path / "precis_discord_token"
    secret.write_text("hunter2")
    with mock.patch.object(Path, "read_text", side_effect=PermissionError(13, "no", str(secret))):
        run = called("config", CREDENTIALS_DIRECTORY=str(tmp_path))
    assert run.returncode == 2
    assert run.stderr.startswith(f"precis: {secret} can't be read")
