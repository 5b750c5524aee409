"""scripts/repeat_tests.py, on a repository whose `make test` prints what pytest prints."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import repeat_tests
from scripts.repeat_tests import busy_cores, main, read_outcome
from tests.services import wait_until

MAKEFILE = """
setup:
\t@mkdir -p .venv && echo set-up >> .venv/done
test:
\t@echo "$$PYTEST_ADDOPTS" >> .venv/options
\t@[ ! -e {broken} ] || {{ echo 'FAILED tests/test_a.py::test_b[x y] - assert 0'; \\
\t\techo '1 failed, 2 passed in 0.10s'; exit 1; }}
\t@echo '=== 3 passed, 1 skipped in 0.10s ==='
"""


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with one commit; `tmp_path / "broken"` makes its tests fail."""
    root = tmp_path / "repository"
    root.mkdir()
    (root / "Makefile").write_text(MAKEFILE.format(broken=tmp_path / "broken"))
    for name in ("pyproject.toml", "constraints.txt"):
        (root / name).touch()
    commit(root)
    monkeypatch.setattr(repeat_tests, "ROOT", root)
    return root


def commit(root):
    for command in (
        ["init", "--quiet"],
        ["add", "."],
        [
            "-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "--allow-empty", "-qm", "A",
            "--no-gpg-sign",
        ],
    ):  # fmt: skip
        subprocess.run(["git", *command], cwd=root, check=True)


@pytest.fixture
def repeat(repository, tmp_path, capsys):
    """Runs the program; gives its exit status, the recorded runs, and what it printed."""

    def call(*arguments):
        status = main(["--folder", str(tmp_path / "build"), *arguments])
        runs = json.loads((tmp_path / "build/repeat.json").read_text())
        return status, runs, capsys.readouterr().out

    return call


def test_each_run_is_recorded_with_its_seed_and_its_options(repeat, tmp_path):
    status, runs, _ = repeat("--stage", "quiet", "--times", "2", "--", "tests/a b", "-k", "c")
    assert status == 0
    assert [(run["stage"], run["number"]) for run in runs] == [("quiet", 1), ("quiet", 2)]
    assert runs[0]["counts"] == {"passed": 3, "skipped": 1}
    assert runs[0]["seed"] != runs[1]["seed"]
    said = (tmp_path / "build/repeat/clone/.venv/options").read_text().splitlines()
    assert said == [f"--randomly-seed={r['seed']} --color=no 'tests/a b' -k c" for r in runs]


def test_a_recorded_run_is_skipped_until_the_commit_or_the_arguments_change(repeat, repository):
    few = ("--stage", "quiet", "--times")
    assert len(repeat(*few, "1")[1]) == 1
    status, runs, printed = repeat(*few, "2")
    assert (status, len(runs)) == (0, 2)
    assert "quiet 1: seed" not in printed
    assert "quiet 2: seed" in printed
    assert len(repeat(*few, "1", "--", "tests/a")[1]) == 3
    assert len(repeat(*few, "1", "--no-resume")[1]) == 3
    commit(repository)
    assert len(repeat(*few, "1")[1]) == 4


def test_a_failed_run_is_named_with_its_seed_also_when_it_is_only_recorded(repeat, tmp_path):
    (tmp_path / "broken").touch()
    once = ("--stage", "quiet", "--times", "1", "--seed", "7")
    for _ in range(2):
        status, runs, printed = repeat(*once)
        assert status == 1
        assert printed.endswith("quiet 1, seed 7: tests/test_a.py::test_b[x y]\n")
    assert runs[0]["counts"] == {"failed": 1, "passed": 2}


def test_clones_share_an_environment_unless_each_shall_be_fresh(repeat, tmp_path):
    done = tmp_path / "build/repeat/clone/.venv/done"
    repeat("--stage", "quiet", "--times", "2")
    assert done.read_text().count("set-up") == 2  # once a clone, in one environment
    (tmp_path / "build/repeat/clone/left-over").touch()
    with pytest.raises(SystemExit, match="ended before any test ran"):
        repeat("--stage", "quiet", "--times", "1", "--fresh")  # nobody made a .venv there
    assert not done.exists()
    assert not (tmp_path / "build/repeat/clone/left-over").exists()


def test_a_stage_that_runs_no_test_has_not_passed(repeat):
    with pytest.raises(SystemExit, match="make test-all ended before any test ran"):
        repeat("--stage", "all", "--times", "1")


def test_closing_lines_are_added_up():
    counts, failed = read_outcome(
        "ERROR tests/a.py::test_x - OSError: no\n1 passed, 1 error in 2.00s\n"
        "FAILED tests/b.py::test_y[1-2]\n== 2 failed, 4 passed in 63.00s (0:01:03) ==\n"
    )
    assert counts == {"passed": 5, "error": 1, "failed": 2}
    assert failed == ["tests/a.py::test_x", "tests/b.py::test_y[1-2]"]


def test_busy_cores_compute_until_the_block_ends():
    with busy_cores(1) as (process,):
        stat = Path(f"/proc/{process.pid}/stat")
        if sys.platform == "linux":
            wait_until(lambda: int(stat.read_text().split()[13]) > 5, what="computing")
        assert process.poll() is None
    assert process.poll() is not None
