"""scripts/install.py: a stand-in for pip prints what pip prints."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.install import Progress, main

PIP = """
import sys
print("Collecting torch==2.0")
print("  Downloading torch-2.0-py3-none-any.whl (190.0 MB)")
print("Requirement already satisfied: numpy in ./lib")
print("Installing collected packages: torch, sympy")
sys.exit("ERROR: No matching distribution found" if "bad" in sys.argv else 0)
"""


@pytest.fixture
def run(tmp_path, capfd):
    """Runs the installer on the stand-in; gives its exit status and what it printed."""
    log = tmp_path / "install.log"

    def call(*arguments):
        code = main(["Installing torch", *arguments], [sys.executable, "-c", PIP], log)
        return code, *capfd.readouterr(), log.read_text()

    return call


def test_without_a_terminal_an_installation_is_two_lines_and_the_rest_is_in_the_log(run):
    code, out, err, log = run("torch")
    assert (code, err) == (0, "")
    assert out.startswith("Installing torch\n  2 packages in ")
    assert out.count("\n") == 2
    assert "Downloading torch-2.0-py3-none-any.whl" in log


def test_a_failure_shows_the_end_of_the_log_and_where_it_is(run, tmp_path):
    code, _, err, _ = run("bad")
    assert code == 1
    assert "No matching distribution found" in err
    assert err.endswith(f"everything it said is in {tmp_path / 'install.log'}\n")


def test_where_pip_fails_the_other_arguments_are_tried_in_silence(run):
    code, out, err, log = run("bad", "--else", "good")
    assert (code, err) == (0, "")
    assert "No matching distribution found" in log
    assert out.count("\n") == 2


def test_the_bar_is_half_full_when_all_is_found_and_full_when_all_is_installed():
    installed = 5
    progress = Progress(most=4, count=lambda: installed)
    seen = [progress.done()]
    for line in ("Collecting a>=1 (from b)", "  Requirement already satisfied: b", "Collecting A"):
        progress.read(line)
        seen.append(progress.done())
    assert seen == [0, 0.125, 0.25, 0.25]
    progress.read("Installing collected packages: b, a")
    assert progress.done() == 0.5
    installed = 6
    assert progress.done() == 0.75
    installed = 7
    assert progress.bar(3, 80) == f"  [{'#' * 24}] 100%    3 s  installing 2 packages"


def test_a_download_is_named_and_the_bar_fits_the_terminal():
    progress = Progress(most=4, count=lambda: 0)
    progress.read("  Downloading https://host/a/torch-2.0%2Bcpu-cp311-linux.whl (190.0 MB)")
    assert progress.doing == "downloading torch (190.0 MB)"
    assert len(progress.bar(3, 40)) == 39


def test_on_a_terminal_the_bar_moves_and_is_gone_at_the_end(tmp_path):
    slow = PIP.replace("sys.exit(", "import time; time.sleep(1.2); sys.exit(")
    program = (
        "from pathlib import Path; import sys; from scripts.install import main; "
        f"main(['Torch'], [sys.executable, '-c', {slow!r}], Path({str(tmp_path / 'log')!r}))"
    )
    parent, child = pty.openpty()
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", program], stdout=child, check=True, cwd=root)
    os.close(child)
    shown = os.read(parent, 65536).decode()
    os.close(parent)
    assert "installing 2 packages" in shown
    assert shown.split("\r\x1b[K")[-1].startswith("  2 packages in ")
