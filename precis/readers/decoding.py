"""Bytes to text and to lines, in bounded memory: encodings, invalid bytes, endless lines.

Knows nothing of formats.
"""

import codecs
from collections.abc import Iterable, Iterator
from typing import Protocol

from precis.errors import InputError
from precis.readers.reading import DAMAGE

CHUNK = 64 * 1024
MAX_LINE = 1_000_000
"""Characters; a longer line is damaged, and never held whole."""

_MARKS = (  # the longer mark first: UTF-32's begins like UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Bytes(Protocol):
    """The part of a binary file that is used here."""

    def read(self, size: int, /) -> bytes: ...


def _mark_damage(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return DAMAGE, error.end


codecs.register_error("precis.damage", _mark_damage)


def encoding_of(head: bytes) -> str:
    """The encoding that a file's first bytes announce; UTF-8 if none."""
    return next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")


def decoded(stream: Bytes) -> Iterator[str]:
    """The text of a stream, chunk by chunk; U+FDD0 stands for what isn't text."""
    chunk = stream.read(CHUNK)
    decoder = codecs.getincrementaldecoder(encoding_of(chunk))(errors="precis.damage")
    while chunk:
        if text := decoder.decode(chunk):
            yield text
        chunk = stream.read(CHUNK)
    if text := decoder.decode(b"", final=True):
        yield text


def refuse_binary(head: str, name: str) -> None:
    """Raise InputError where a file's first text shows that it isn't text at all."""
    strange = sum(c == DAMAGE or (c < " " and c not in "\t\n\r\f\x1b") for c in head[:4096])
    # IRC logs hold control characters for colours; text holds no NUL.
    if "\0" in head or strange > max(8, len(head[:4096]) // 5):
        raise InputError(f"{name}: not a text file; export the conversation as JSON or text")


def lines(chunks: Iterable[str]) -> Iterator[tuple[int, str | None]]:
    """Numbered lines (from 1) without their ends; None for one that is too long.

    Lines end with a line feed alone: chat may hold every other character that Unicode
    calls a line separator.
    """
    number = 1
    held: list[str] = []
    size = 0
    for chunk in chunks:
        *ended, rest = chunk.split("\n")
        for part in ended:
            size += len(part)
            yield number, "".join([*held, part]).removesuffix("\r") if size <= MAX_LINE else None
            held, size = [], 0
            number += 1
        size += len(rest)
        if size > MAX_LINE:
            held = []
        elif rest:
            held.append(rest)
    if size:
        yield number, "".join(held).removesuffix("\r") if size <= MAX_LINE else None
