"""Tells on stderr what is being done: a spinner on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class Progress:
    """Says what goes on; the last thing said stands until the next."""

    def __init__(self, console: Console, status: object | None) -> None:
        self._console = console
        self._status = status
        self._said = ""

    def say(self, what: str) -> None:
        if what == self._said:
            return
        self._said = what
        if self._status is not None:
            self._status.update(what)  # type: ignore[attr-defined]
        else:
            self._console.print(f"{what} …", markup=False, highlight=False)


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Progress]:
    """Progress on stderr until the block ends; none if `quiet`."""
    console = Console(stderr=True, quiet=quiet)
    if console.is_terminal and not quiet and sys.stderr.isatty():
        with console.status("", spinner="dots") as status:
            yield Progress(console, status)
    else:
        yield Progress(console, None)
