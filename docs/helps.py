"""Prints every command's `--help`, as JSON: pairs of what is typed after `precis`, and the text."""

import io
import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any

import typer

from cli.main import app


def all_commands(path: tuple[str, ...] = (), command: Any = None) -> Iterator[tuple[str, ...]]:
    """Every command and group, as it is typed after `precis`, in the order that help has them."""
    command = command or typer.main.get_command(app)
    yield path
    for name, each in getattr(command, "commands", {}).items():
        if not each.hidden:
            yield from all_commands((*path, name), each)


def help_of(command: tuple[str, ...]) -> str:
    """What `--help` prints."""
    shown = io.StringIO()
    with redirect_stdout(shown):
        app([*command, "--help"], prog_name="precis", standalone_mode=False)
    return shown.getvalue()


if __name__ == "__main__":
    sys.stdout.write(json.dumps([(command, help_of(command)) for command in all_commands()]))
