import re
from datetime import UTC, datetime

import pytest

from precis.settings import load_settings, without_password
from precis.store import ChatStore, Store
from precis.store.heard import KeptMessage
from tests.cli.calling import EXAMPLES, called


def test_doctor_is_content_with_the_embedded_set_up():
    run = called("doctor")
    assert run.returncode == 0, run.stdout + run.stderr
    *lines, base = [line.split()[:2] for line in run.stdout.splitlines()]
    assert lines == [["ok", "store"], ["ok", "broker"], ["ok", "gate"], ["ok", "model"]]
    assert base in (["ok", "base"], ["no", "base"])  # a base may have been fetched, or not


def test_doctor_says_what_is_wrong_and_what_to_do(tmp_path):
    run = called(
        "doctor",
        PRECIS_BROKER="redis://:hunter2@127.0.0.1:1/0",
        PRECIS_STORE="postgresql://precis:hunter2@127.0.0.1:1/none",
        PRECIS_MODELS=str(tmp_path),
    )
    assert run.returncode == 1
    bad = [line for line in run.stdout.splitlines() if line.startswith("bad")]
    assert [line.split()[1] for line in bad] == ["store", "broker", "gate", "model"]
    assert "PRECIS_STORE" in bad[0]
    assert "PRECIS_BROKER" in bad[1]
    assert "precis train gate" in bad[2]
    assert "hunter2" not in run.stdout + run.stderr


def test_config_prints_every_setting_with_secrets_masked():
    run = called(
        "config",
        PRECIS_STORE="postgresql://precis:hunter2@db/precis?password=hunter2",
        PRECIS_BROKER="redis://:hunter2@queue/0",
        PRECIS_RETENTION_DAYS="7",
    )
    assert run.returncode == 0, run.stderr
    assert "hunter2" not in run.stdout
    assert "postgresql://precis:***@db/precis" in run.stdout
    assert re.search(r"PRECIS_RETENTION_DAYS\s+7\b", run.stdout)


def test_purge_counts_what_it_removes():
    assert called("summarize", EXAMPLES / "dialogue.txt").returncode == 0
    keep_a_page(messages=3)
    first, second = called("purge", "--days", "0"), called("purge", "--days", "0")
    assert re.fullmatch(
        r"Purged \d+ messages of 1 conversations, 3 of kept pages, "
        r"0 texts that moderators were asked about\.\n",
        first.stdout,
    )
    assert second.stdout == (
        "Purged 0 messages of 0 conversations, 0 of kept pages, "
        "0 texts that moderators were asked about.\n"
    )


def keep_a_page(messages):
    """Messages of a channel, as the Slack bot keeps them."""
    settings = load_settings()
    store = Store.open(settings.store_url)
    said = [
        KeptMessage(id=f"T1/C1/{n}", time=datetime.now(UTC), payload={"text": "Good morning!"})
        for n in range(messages)
    ]
    ChatStore(store, settings.lease).keep_heard("slack", "T1", "C1", said, None)
    store.close()


def test_a_worker_without_a_broker_says_what_to_set():
    run = called("worker")
    assert run.returncode == 1
    assert "PRECIS_BROKER" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_worker_of_an_unknown_queue_is_refused():
    run = called("worker", "--queues", "interactive,urgent")
    assert run.returncode == 2
    assert "urgent" in run.stderr


def test_the_version_is_printed():
    assert re.fullmatch(r"precis \d+\.\d+\.\d+\n", called("--version").stdout)


@pytest.mark.parametrize(
    ("command", "variables"),
    [
        (["config"], {"PRECIS_THRESHOLDS": "toxicity=0.5"}),
        (["doctor"], {"PRECIS_BROKER": "redis://localhost:abc/0"}),
        (["purge", "--days", "999999999"], {}),
    ],
)
def test_a_wrong_setting_is_one_line(command, variables):
    run = called(*command, **variables)
    assert run.returncode in (1, 2)
    assert "Traceback" not in run.stdout + run.stderr


def test_a_settings_file_that_is_not_utf8_is_one_line(tmp_path):
    (tmp_path / "precis.toml").write_bytes(b'home = "\xff"')
    run = called("config", cwd=tmp_path)
    assert run.returncode == 2
    assert "not valid UTF-8" in run.stderr


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://:pa@ss:word@localhost/0", "redis://:***@localhost/0"),
        ("postgresql://u:p@ss@h/db?password=x", "postgresql://u:***@h/db"),
        ("redis://:pa?ss@localhost/0", "redis://:***@localhost/0"),
        ("sqlite:////home/a@b/precis.db", "sqlite:////home/a@b/precis.db"),
        ("redis://localhost/0", "redis://localhost/0"),
    ],
)
def test_no_part_of_a_password_is_shown(url, shown):
    assert without_password(url) == shown
