"""Runs the tests many times, each time in a fresh clone of HEAD and in another random order.

    python scripts/repeat_tests.py [--stage STAGE]... [--times N] [-- PYTEST ARGUMENTS]

After each run its outcome is added to build/repeat.json: the commit, the stage, the seed of the
order, the counts, the failed tests, and the load. A run that is recorded for this commit is not
run again, so an interrupted series goes on where it was. To repeat an order:
`make test PYTEST_ADDOPTS=--randomly-seed=SEED`. Standard library only.
"""

import argparse
import hashlib
import json
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
WAITING = (
    ".venv/bin/python", "-m", "pytest", "-m", "waits", "--numprocesses", "2", "--dist", "loadfile",
)  # fmt: skip


@dataclass(frozen=True)
class Stage:
    """A command that is run so many times, on quiet or on busy cores."""

    command: tuple[str, ...]
    times: int
    busy: bool = False


STAGES = {
    "quiet": Stage(("make", "test"), 5),
    "busy": Stage(("make", "test"), 3, busy=True),
    "all": Stage(("make", "test-all"), 2),
    "waiting-quiet": Stage(WAITING, 30),
    "waiting-busy": Stage(WAITING, 30, busy=True),
}


@dataclass
class Run:
    """One run and its outcome, as it is in the file."""

    commit: str
    stage: str
    number: int
    arguments: list[str]
    fresh: bool
    seed: int
    began: str = ""
    seconds: float = 0.0
    exit_status: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    failed_tests: list[str] = field(default_factory=list)
    busy_processes: int = 0
    load: tuple[float, float] = (0.0, 0.0)
    """The average of a minute, before and after."""

    @property
    def passed(self) -> bool:
        return self.exit_status == 0 and self.counts.get("passed", 0) > 0

    def key(self) -> tuple[str, str, int, tuple[str, ...], bool]:
        return self.commit, self.stage, self.number, tuple(self.arguments), self.fresh


def read_outcome(output: str) -> tuple[dict[str, int], list[str]]:
    """The counts of all pytest's closing lines together, and the names of failed tests."""
    counts: dict[str, int] = {}
    for line in re.findall(r"^(?:=+ )?((?:\d+ [a-z]+(?:, )?)+) in [\d.]+s", output, re.MULTILINE):
        for number, word in re.findall(r"(\d+) ([a-z]+)", line):
            counts[word] = counts.get(word, 0) + int(number)
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+::.*?)(?: - .*)?$", output, re.MULTILINE)
    return counts, sorted(set(failed))


def git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def clone(commit: str, folder: Path, *, fresh: bool) -> Path:
    """A fresh clone of the commit; unless `fresh`, with the .venv of the clone before it.

    All clones are at one path, because a .venv knows its own.
    """
    target, kept = folder / "clone", folder / "venv"
    if (target / ".venv").exists():
        shutil.rmtree(kept, ignore_errors=True)
        (target / ".venv").rename(kept)
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run(["git", "clone", "--quiet", "--no-checkout", ROOT, target], check=True)
    subprocess.run(["git", "-C", target, "checkout", "--quiet", "--detach", commit], check=True)
    if fresh:
        shutil.rmtree(kept, ignore_errors=True)
        return target
    venv = target / ".venv"
    if kept.exists():
        kept.rename(venv)
    recipe = b"".join(
        (target / name).read_bytes() for name in ("pyproject.toml", "constraints.txt")
    )
    digest, installed = hashlib.sha256(recipe).hexdigest(), venv / ".recipe"
    if installed.exists() and installed.read_text() == digest:
        for mark in venv.glob(".*-installed"):  # older than the files of the clone
            mark.touch()
    subprocess.run(["make", "--silent", "setup"], cwd=target, check=True)
    installed.write_text(digest)
    return target


@contextmanager
def busy_cores(count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many processes that compute all the time; they end with this one, whatever ends it."""
    program = f"import os\nwhile os.getppid() == {os.getpid()}: sum(range(10**5))"
    processes = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(count)]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def run_tests(run: Run, command: Sequence[str], folder: Path, log: Path) -> None:
    """Run the command in the clone, and complete the run's record from its output."""
    options = [f"--randomly-seed={run.seed}", "--color=no", *run.arguments]
    environment = {**os.environ, "PYTEST_ADDOPTS": shlex.join(options), "OMP_NUM_THREADS": "1"}
    run.began = datetime.now(UTC).isoformat(timespec="seconds")
    start, load = time.monotonic(), os.getloadavg()[0]
    with (
        busy_cores(run.busy_processes),
        log.open("w", encoding="utf-8") as file,
        subprocess.Popen(
            command, cwd=folder, env=environment, stdout=file, stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):  # fmt: skip
        try:
            run.exit_status = process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)
            raise
    run.seconds = round(time.monotonic() - start, 1)
    run.load = (round(load, 2), round(os.getloadavg()[0], 2))
    run.counts, run.failed_tests = read_outcome(log.read_text(encoding="utf-8", errors="replace"))
    if not run.counts and run.exit_status:
        sys.exit(f"{shlex.join(command)} ended before any test ran; see {log}")


def load_runs(path: Path) -> list[Run]:
    if not path.exists():
        return []
    return [Run(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]


def save_runs(path: Path, runs: Sequence[Run]) -> None:
    new = path.with_suffix(".new")
    new.write_text(json.dumps([asdict(run) for run in runs], indent=1) + "\n", encoding="utf-8")
    new.replace(path)


def table(runs: Sequence[Run]) -> str:
    """One line a stage, then one for each run that failed."""
    lines = [f"{'stage':<14} {'runs':>4} {'passed':>6} {'failed':>6} {'seconds':>15}"]
    for name in STAGES:
        of = [run for run in runs if run.stage == name]
        if of:
            passed = sum(run.passed for run in of)
            seconds = f"{min(r.seconds for r in of):.0f} to {max(r.seconds for r in of):.0f}"
            lines.append(f"{name:<14} {len(of):4} {passed:6} {len(of) - passed:6} {seconds:>15}")
    for run in runs:
        if not run.passed:
            tests = ", ".join(run.failed_tests) or f"exit status {run.exit_status}"
            lines.append(f"{run.stage} {run.number}, seed {run.seed}: {tests}")
    return "\n".join(lines)


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--stage", action="append", choices=STAGES, help="default: every stage")
    parser.add_argument("--times", type=int, help="runs a stage (default: the stage's own number)")
    parser.add_argument("--seed", type=int, help="the order of every run (default: random)")
    parser.add_argument(
        "--resume", action=argparse.BooleanOptionalAction, default=True,
        help="skip the runs that are recorded for this commit",
    )  # fmt: skip
    parser.add_argument(
        "--fresh", action="store_true", help="install anew in each clone (default: keep its .venv)"
    )
    parser.add_argument(
        "--folder", type=Path, default=ROOT / "build", help="state, logs and the clone"
    )
    parser.add_argument("pytest", nargs="*", metavar="-- ARGUMENT", help="arguments of pytest")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; 1 if a run failed, now or when it was recorded."""
    options = parse(arguments)
    commit = git("rev-parse", "HEAD")
    if git("status", "--porcelain", "--untracked-files=no"):
        print("Uncommitted changes are not tested: each run is a clone of HEAD", file=sys.stderr)
    logs = options.folder / "repeat"
    logs.mkdir(parents=True, exist_ok=True)
    state = options.folder / "repeat.json"
    runs, series = load_runs(state), []
    for name in options.stage or STAGES:
        stage = STAGES[name]
        for number in range(1, (options.times or stage.times) + 1):
            seed = random.randrange(2**32) if options.seed is None else options.seed
            run = Run(commit, name, number, options.pytest, options.fresh, seed)
            recorded = next((old for old in runs if old.key() == run.key()), None)
            if recorded and options.resume:
                series.append(recorded)
                continue
            run.busy_processes = (os.cpu_count() or 2) if stage.busy else 0
            target = clone(commit, logs, fresh=options.fresh)
            print(f"{name} {number}: seed {run.seed}", end=" ", flush=True)
            run_tests(run, stage.command, target, logs / f"{commit[:8]}-{name}-{number}.log")
            counts = ", ".join(f"{count} {word}" for word, count in run.counts.items())
            print(f"{'passed' if run.passed else 'FAILED'}: {counts} in {run.seconds:.0f} s")
            series.append(run)
            runs = [old for old in runs if old.key() != run.key()] + [run]
            save_runs(state, runs)
    print(table(series))
    return 0 if all(run.passed for run in series) else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
