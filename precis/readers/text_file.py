"""One text file: its head, by which formats are recognised, and its text as a stream.

Knows nothing of formats.
"""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from precis.readers.decoding import CHUNK, decoded, lines, refuse_binary
from precis.readers.reading import display


class TextFile:
    """A file that can be read several times, each time from the beginning."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = display(path)

    @cached_property
    def head(self) -> str:
        """The first 64 KB as text. Raises InputError where the file isn't text."""
        with self.path.open("rb") as stream:
            head = next(decoded(stream), "")
        refuse_binary(head, self.name)
        return head

    @property
    def head_lines(self) -> list[str]:
        """The first lines; the last one, which the head may cut, is left out."""
        found = [line.removesuffix("\r") for line in self.head.split("\n")]
        return (len(self.head) >= CHUNK // 4 and found[:-1]) or found

    def chunks(self) -> Iterator[str]:
        """The whole text, in parts of about 64 KB."""
        with self.path.open("rb") as stream:
            yield from decoded(stream)

    def lines(self) -> Iterator[tuple[int, str | None]]:
        """Numbered lines, None for one that is too long."""
        return lines(self.chunks())
