"""`precis gate …` as operators run it, on a models folder of the test's own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli import main
from worker.gate.folder import FILES, WEIGHTS

GATE = Path(__file__).parents[2] / "models" / "gate"
MANIFEST = json.loads((GATE / "manifest.json").read_text())
SOURCES, THRESHOLDS = MANIFEST["metrics"]["sources"], MANIFEST["thresholds"]
AUC = sum(each["auc"] for each in SOURCES.values()) / len(SOURCES)


@pytest.fixture
def models(tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "gate").symlink_to(GATE)
    return folder


@pytest.fixture
def trained(tmp_path):
    """A gate as training writes one."""
    folder = tmp_path / "trained"
    folder.mkdir()
    for name in FILES:
        (folder / name).write_bytes((GATE / name).read_bytes())
    return folder


@pytest.fixture
def gates(models, monkeypatch, capsys):
    """Run `precis gate`."""
    monkeypatch.setenv("PRECIS_MODELS", str(models))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["precis", "gate", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main.main()
        printed = capsys.readouterr()
        code = ended.value.code or 0
        return subprocess.CompletedProcess(arguments, code, printed.out, printed.err)

    return run


def shown(run):
    assert run.returncode == 0, run.stderr
    return run.stdout


def assert_failed(run, told, code):
    assert run.returncode == code, run.stdout + run.stderr
    assert run.stderr.startswith("precis: ")
    assert told in run.stderr
    assert len(run.stderr.splitlines()) == 1, run.stderr


def serving(gates):
    [name] = [each["name"] for each in json.loads(shown(gates("list", "--json"))) if each["serves"]]
    return name


def test_what_is_added_serves_once_it_is_promoted_and_goes_back(gates, trained):
    assert "november" in shown(gates("add", trained, "--name", "november"))
    assert serving(gates) == "shipped"
    assert shown(gates("promote", "november")) == "Gate november serves now.\n"
    assert serving(gates) == "november"
    assert shown(gates("rollback")) == "Gate shipped serves now.\n"
    assert serving(gates) == "shipped"
    assert_failed(gates("rollback"), "can't roll back further", 2)


def test_list_says_which_serves_how_good_each_is_and_what_is_wrong(gates, models, trained):
    shown(gates("add", trained, "--name", "november"))
    (models / "gates" / "november" / WEIGHTS).write_bytes(b"nothing")
    header, shipped, november = shown(gates("list")).splitlines()[:3]
    assert header.split() == ["name", "weights", "auc", "serves", "state"]
    assert shipped.split()[2:] == [f"{AUC:.4f}", "yes", "whole"]
    assert november.split()[:2] == ["november", "no"]
    by_name = {each["name"]: each for each in json.loads(shown(gates("list", "--json")))}
    assert "not what its manifest says" in by_name["november"]["problem"]


def test_figures_that_are_none_are_no_error(gates, models, trained):
    manifest = json.loads((trained / "manifest.json").read_text())
    manifest["metrics"] = {"labels": "none"}
    (trained / "manifest.json").write_text(json.dumps(manifest))
    shown(gates("add", trained, "--name", "november"))
    [november] = [line for line in shown(gates("list")).splitlines() if "november" in line]
    assert november.split()[2:] == ["no", "whole"]


def test_show_prints_thresholds_and_where_a_gate_comes_from(gates):
    printed = shown(gates("show", "shipped"))
    assert f"insult: {THRESHOLDS['insult']}" in printed
    assert "toxicity/davidson.csv.gz" in printed
    assert json.loads(shown(gates("show", "shipped", "--json")))["kind"] == "precis-gate"


def test_a_damaged_gate_does_not_serve(gates, models, trained):
    shown(gates("add", trained, "--name", "november"))
    (models / "gates" / "november" / WEIGHTS).write_bytes(b"nothing")
    assert_failed(gates("promote", "november"), "not what its manifest says", 1)
    assert serving(gates) == "shipped"


def test_an_unknown_gate_is_told_with_the_known_ones(gates):
    assert_failed(gates("promote", "nothing"), "there are: shipped", 2)


def test_a_text_is_scored_and_explained(gates):
    found = json.loads(shown(gates("score", "--json", "Shut up, you pathetic idiot.")))
    assert found["toxic"]
    assert found["scores"][found["label"]] >= found["thresholds"][found["label"]]
    assert "idiot." in [each["word"] for each in found["words"]]
    printed = shown(gates("score", "Shut up, you pathetic idiot."))
    assert printed.startswith("Toxic (embedded-gate@")
    assert "Words that weighed most" in printed


def test_a_harmless_text_is_told_apart(gates):
    assert shown(gates("score", "The exam is on Monday.")).startswith("Not toxic")


@pytest.mark.parametrize("text", ["", "  ", "x" * 30_000])
def test_what_is_no_text_to_score_is_told_in_one_line(gates, text):
    assert_failed(gates("score", text), "give", 2)


def test_judged_texts_are_measured(gates, tmp_path):
    path = tmp_path / "judged.csv"
    path.write_text(
        "text,label,where\nShut up you pathetic idiot,1,lounge\nsee you on Monday,0,lounge\n"
        "The exam is at nine,0,exams\nyou stupid moron,1,exams\n"
    )
    printed = shown(gates("evaluate", path, "--group", "where"))
    assert f"{path}: 4 texts, 2 of them toxic" in printed.replace("\n", "")
    assert "95 % interval" in printed
    assert "lounge" in printed
    found = json.loads(shown(gates("evaluate", path, "--json")))["files"][str(path)]
    assert found["auc"]["mean"] == 1.0
    assert found["alarms"]["mean"] == 0.0


def test_a_file_without_labels_is_told_of_in_one_line(gates, tmp_path):
    (tmp_path / "x.csv").write_text("text\nhello\n")
    assert_failed(gates("evaluate", tmp_path / "x.csv"), "has no label", 2)
