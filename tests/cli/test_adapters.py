"""`precis adapters …` as people run it, on a models folder, and with a hub on loopback."""

import base64
import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import typer
from safetensors.numpy import save_file

from cli import adapters as adapters_command
from cli import main
from precis.hashing import sha256_of
from tests.services import free_port
from worker.generators.profiles import PROFILES
from worker.registry import AdapterManifest, write_manifest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def models(tmp_path):
    """A models folder with the adapters mild and old; what they adapt lies beside it."""
    (tmp_path / "base").mkdir()
    weights = {"shared": np.ones((4, 3), np.float32)}
    save_file(weights, tmp_path / "base" / "model.safetensors")
    for number, name in enumerate(("mild", "old")):
        make_adapter(tmp_path / "models" / "adapters" / name, tmp_path / "base", float(number))
    return tmp_path / "models"


def make_adapter(folder, base, weight):
    folder.mkdir(parents=True)
    weights = folder / "adapter_model.safetensors"
    save_file({"lora_A": np.full((2, 3), weight, np.float32)}, weights)
    config = {"base_model_name_or_path": str(base)}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    manifest = AdapterManifest(
        name=folder.name,
        method="lora",
        profile="embedded",
        base=str(base),
        base_sha256=sha256_of(base / "model.safetensors"),
        data={"train": "3f1a"},
        settings={"rank": 32},
        metrics={"rougeL": 0.31},
        seed=7,
        versions={"peft": "0.21.0"},
        sha256=sha256_of(weights),
        created=datetime(2026, 11, 24, tzinfo=UTC),
    )
    write_manifest(folder, manifest)


def flip_a_byte(file):
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


@pytest.fixture
def adapters(models, tmp_path, monkeypatch, capsys):
    """Run `precis adapters`, the embedded profile on a base of the test's own."""
    embedded = replace(PROFILES["embedded"], model=str(tmp_path / "base"), revision=None)
    monkeypatch.setitem(PROFILES, "embedded", embedded)
    app = typer.Typer()
    app.add_typer(adapters_command.app, name="adapters")
    monkeypatch.setattr(main, "app", app)
    monkeypatch.setenv("PRECIS_MODELS", str(models))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["precis", "adapters", *arguments])
        with pytest.raises(SystemExit) as ended:
            main.main()
        printed = capsys.readouterr()
        code = ended.value.code or 0
        return subprocess.CompletedProcess(arguments, code, printed.out, printed.err)

    return run


def shown(run):
    assert run.returncode == 0, run.stderr
    return run.stdout


def assert_failed(run, told, code=1):
    assert run.returncode == code, run.stdout + run.stderr
    assert run.stderr.startswith("precis: ")
    assert told in run.stderr
    assert len(run.stderr.splitlines()) == 1, run.stderr
    assert "hunter2" not in run.stdout + run.stderr


def test_list_says_which_serve_and_what_is_wrong(adapters, models):
    shown(adapters("promote", "mild"))
    flip_a_byte(models / "adapters" / "old" / "adapter_model.safetensors")
    header, mild, old = shown(adapters("list")).splitlines()[:3]
    assert header.split() == ["name", "profile", "method", "created", "serves", "state"]
    assert mild.split() == ["mild", "embedded", "lora", "2026-11-24", "yes", "whole"]
    assert old.split()[:5] == ["old", "embedded", "lora", "2026-11-24", "no"]
    by_name = {each["name"]: each for each in json.loads(shown(adapters("list", "--json")))}
    assert by_name["mild"]["promoted"]
    assert by_name["mild"]["problem"] is None
    assert not by_name["old"]["promoted"]
    assert "not what its manifest says" in by_name["old"]["problem"]


def test_a_damaged_adapter_that_serves_is_listed_as_serving(adapters, models):
    shown(adapters("promote", "mild"))
    (models / "adapters" / "mild" / "manifest.json").unlink()
    [mild, _] = json.loads(shown(adapters("list", "--json")))
    assert mild["promoted"]
    assert "manifest.json" in mild["problem"]
    assert "mild" in shown(adapters("list"))


def test_an_empty_registry_says_what_to_do(adapters, tmp_path, monkeypatch):
    monkeypatch.setenv("PRECIS_MODELS", str(tmp_path / "nothing"))
    assert "precis train lora" in shown(adapters("list"))
    assert json.loads(shown(adapters("list", "--json"))) == []


def test_show_tells_the_manifest(adapters):
    table = shown(adapters("show", "mild"))
    for part in ("rougeL: 0.31", "rank: 32", "2026-11-24", "serves", "whole"):
        assert part in table
    told = json.loads(shown(adapters("show", "mild", "--json")))
    assert told["metrics"] == {"rougeL": 0.31}
    assert told["seed"] == 7
    assert (told["promoted"], told["problem"]) == (False, None)


def test_add_copies_a_whole_adapter(adapters, models, tmp_path):
    make_adapter(tmp_path / "run" / "adapter", tmp_path / "base", 2.0)
    told = shown(adapters("add", str(tmp_path / "run" / "adapter"), "--name", "new"))
    assert "Adapter new is in" in told
    assert "now serves with adapter new" in shown(adapters("promote", "new"))
    assert json.loads((models / "adapters" / "new" / "manifest.json").read_text())["name"] == "new"


def test_add_refuses_a_name_that_is_taken_and_what_is_damaged(adapters, tmp_path):
    folder = tmp_path / "run" / "adapter"
    make_adapter(folder, tmp_path / "base", 2.0)
    assert_failed(adapters("add", str(folder), "--name", "mild"), "another adapter", code=2)
    assert_failed(adapters("add", str(folder), "--name", "../x"), "can't be an adapter's", code=2)
    flip_a_byte(folder / "adapter_model.safetensors")
    assert_failed(adapters("add", str(folder)), "not what its manifest says")


def test_promote_and_rollback_say_what_serves_now(adapters):
    assert "now serves with adapter old" in shown(adapters("promote", "old"))
    assert "now serves with adapter mild" in shown(adapters("promote", "mild"))
    assert "now serves with adapter old" in shown(adapters("rollback"))
    assert "now serves with no adapter" in shown(adapters("rollback", "--profile", "embedded"))
    assert_failed(adapters("rollback"), "can't roll back further", code=2)


@pytest.mark.parametrize("command", [["show"], ["promote"], ["push", "--to", "study/mild"]])
def test_an_unknown_name_is_one_line_with_the_known(adapters, command):
    assert_failed(adapters(*command, "wild"), "there are: mild, old", code=2)


def test_a_damaged_adapter_is_not_promoted(adapters, models):
    (models / "adapters" / "mild" / "adapter_model.bin").write_bytes(b"pickle")
    assert_failed(adapters("promote", "mild"), "pickles are refused")


def test_an_unknown_profile_is_one_line(adapters):
    assert_failed(adapters("rollback", "--profile", "none"), "no model profile", code=2)


@pytest.mark.parametrize("command", ["list", "rollback"])
def test_a_damaged_list_of_promotions_is_one_line(adapters, models, command):
    (models / "promoted.json").write_text("{")
    assert_failed(adapters(command), "promoted.json is damaged")


class Hub(BaseHTTPRequestHandler):
    """As much of the hub as takes one small commit; refuses with `server.refusal`, a status."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.tokens.append(self.headers.get("Authorization"))
        if self.server.refusal:
            self._answer(self.server.refusal, {"error": f"not with {self.server.tokens[-1]}"})
        elif self.path == "/api/repos/create":
            asked = json.loads(body)
            place = f"http://{self.headers['Host']}/{asked['organization']}/{asked['name']}"
            self._answer(200, {"url": place})
        elif "/preupload/" in self.path:
            plain = {"uploadMode": "regular", "shouldIgnore": False, "oid": None}
            files = [{"path": each["path"], **plain} for each in json.loads(body)["files"]]
            self._answer(200, {"files": files})
        else:
            self._keep(body)
            place = f"http://{self.headers['Host']}/study/mild/commit/{'0' * 40}"
            self._answer(200, {"commitUrl": place, "commitOid": "0" * 40, "success": True})

    def do_GET(self):
        known = {"id": "study/mild", "sha": "0" * 40, "siblings": []}
        self._answer(self.server.refusal or 200, known)

    def _keep(self, commit):
        for line in map(json.loads, commit.splitlines()):
            if line["key"] == "file":
                file = line["value"]
                self.server.received[file["path"]] = base64.b64decode(file["content"])

    def _answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def hub_server(refusal=None):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.refusal, server.received, server.tokens = refusal, {}, []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# The command line with the embedded profile on a base of the test's own.
PROGRAM = """
import os
from dataclasses import replace
from cli import adapters, main
from worker.generators.profiles import PROFILES

own = {"model": os.environ["BASE"], "revision": None}
PROFILES["embedded"] = replace(PROFILES["embedded"], **own)
main.app.add_typer(adapters.app, name="adapters")
main.main()
"""


@pytest.fixture
def push(models, tmp_path):
    """Push mild to the hub on a port, in a process: the library reads HF_ENDPOINT but once."""

    def pushed(port, repository="study/mild", token="hf_hunter2"):
        kept = {name: each for name, each in os.environ.items() if not name.startswith("HF_")}
        own = {
            "BASE": str(tmp_path / "base"),
            "PRECIS_MODELS": str(models),
            "HF_HOME": str(tmp_path / "hub"),
            "HF_ENDPOINT": f"http://127.0.0.1:{port}",
            "HF_TOKEN": token,
        }
        return subprocess.run(
            [sys.executable, "-c", PROGRAM, "adapters", "push", "mild", "--to", repository],
            cwd=ROOT,
            env={**kept, **own},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    return pushed


def test_a_pushed_adapter_arrives_whole(push, models):
    """Against a stand-in for the hub that takes every file inside the commit.

    Proven: that HF_ENDPOINT and HF_TOKEN are used, and that the adapter's own files, and no others,
    are committed. Not proven: the real hub, and its storage for large files, which takes weights.
    """
    folder = models / "adapters" / "mild"
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "optimizer.pt").write_bytes(b"pickle")
    with hub_server() as hub:
        run = push(hub.server_port)
    assert shown(run).strip().endswith("/study/mild.")
    assert set(hub.tokens) == {"Bearer hf_hunter2"}
    assert hub.received == files


@pytest.mark.parametrize(("refusal", "told"), [(401, "set HF_TOKEN"), (400, "HTTP 400")])
def test_a_hub_that_refuses_is_one_line_without_the_token(push, refusal, told):
    """The stand-in's refusals repeat the token: a message passed on would show it."""
    with hub_server(refusal) as hub:
        assert_failed(push(hub.server_port), told)
    assert set(hub.tokens) == {"Bearer hf_hunter2"}


def test_a_hub_that_is_not_there_is_one_line(push):
    assert_failed(push(free_port()), "HF_ENDPOINT")


def test_what_is_no_repository_is_one_line(push):
    assert_failed(push(free_port(), "not/a/repository"), "OWNER/NAME")


def test_what_can_be_no_token_is_one_line_without_it(push):
    with hub_server() as hub:
        assert_failed(push(hub.server_port, token="hf_hunter2\nx"), "was not pushed")


def test_a_damaged_adapter_is_not_pushed(push, models):
    flip_a_byte(models / "adapters" / "mild" / "adapter_model.safetensors")
    with hub_server() as hub:
        assert_failed(push(hub.server_port), "not what its manifest says")
    assert hub.tokens == []
