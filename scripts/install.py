"""Runs `pip install`, and shows one progress bar instead of its hundreds of lines.

    python scripts/install.py LABEL ARGUMENTS... [--else ARGUMENTS...]

What pip says goes to .venv/install.log; its last lines are shown when it fails. Where pip fails,
the arguments after --else are tried. Standard library only: nothing is installed yet.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOG = Path(sys.prefix) / "install.log"
PIP = (
    sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-color",
    "--progress-bar", "off", "--constraint", str(ROOT / "constraints.txt"),
)  # fmt: skip
WIDTH = 24


def count_installed() -> int:
    return sum(1 for _ in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))


class Progress:
    """How far pip is: half of the bar is for finding packages, half for installing them."""

    def __init__(self, most: int, count: Callable[[], int] = count_installed) -> None:
        self.most = most  # an upper bound, until pip says how many it installs
        self.count = count
        self.found: set[str] = set()
        self.installing = 0
        self.before = 0
        self.doing = "starting"

    def read(self, line: str) -> None:
        """Take in a line of pip's."""
        line = line.strip()
        if found := re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line):
            self.found.add(found[1].lower())
            self.doing = f"finding {found[1]}"
        elif file := re.match(r"Downloading (?:\S*/)?([\w.]+)\S*( \(.*)?", line):
            self.doing = f"downloading {file[1]}{file[2] or ''}"
        elif line.startswith("Installing collected packages: "):
            self.before = self.count()
            self.installing = line.count(",") + 1
            self.doing = f"installing {self.installing} packages"

    def done(self) -> float:
        """From 0 to 1."""
        if not self.installing:
            return 0.5 * min(1.0, len(self.found) / max(1, self.most))
        return 0.5 + 0.5 * min(1.0, max(0, self.count() - self.before) / self.installing)

    def bar(self, seconds: float, columns: int) -> str:
        """The bar as one line that fits the terminal."""
        full = round(WIDTH * self.done())
        bar = f"  [{'#' * full}{'.' * (WIDTH - full)}] {self.done():4.0%} {seconds:4.0f} s  "
        return (bar + self.doing)[: columns - 1]


def run_pip(command: Sequence[str], progress: Progress, log: Path) -> int:
    """Run pip to its end, its lines in the log and, on a terminal, a bar that keeps moving."""
    began, ended = time.monotonic(), threading.Event()

    def draw() -> None:
        while not ended.wait(0.5):
            bar = progress.bar(time.monotonic() - began, shutil.get_terminal_size().columns)
            print(f"\r{bar}\033[K", end="", flush=True)
        print("\r\033[K", end="", flush=True)

    drawing = threading.Thread(target=draw) if sys.stdout.isatty() else None
    with log.open("a", encoding="utf-8") as file:
        print("$", *command, file=file, flush=True)
        if drawing:
            drawing.start()
        try:
            with subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace",
                encoding="utf-8", env={**os.environ, "PYTHONUNBUFFERED": "1"},
            ) as process:  # fmt: skip
                for line in process.stdout or ():
                    file.write(line)
                    progress.read(line)
        finally:
            ended.set()
            if drawing:
                drawing.join()
    if process.returncode == 0:
        print(f"  {progress.installing} packages in {time.monotonic() - began:.0f} s", flush=True)
    return process.returncode


def main(arguments: Sequence[str], pip: Sequence[str] = PIP, log: Path = LOG) -> int:
    label, *rest = arguments
    print(label, flush=True)
    cut = rest.index("--else") if "--else" in rest else len(rest)
    most = (ROOT / "constraints.txt").read_text(encoding="utf-8").count("==")
    code = run_pip([*pip, *rest[:cut]], Progress(most), log)
    if code and rest[cut + 1 :]:
        code = run_pip([*pip, *rest[cut + 1 :]], Progress(most), log)
    if code:
        last = log.read_text(encoding="utf-8").splitlines()[-15:]
        print(*last, f"pip failed; everything it said is in {log}", sep="\n", file=sys.stderr)
    return code


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
