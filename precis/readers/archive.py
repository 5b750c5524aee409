"""A folder or a zip of an export, read without unpacking and within limits.

Knows nothing of what the files mean. A zip's own statements about sizes are not believed:
what is read is counted.
"""

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from precis.errors import InputError
from precis.readers.decoding import Bytes
from precis.readers.reading import DamageError, display

MAX_TOTAL = 2_000_000_000
"""Bytes that may come out of one zip."""
MAX_RATIO = 200
"""Times that a member may be larger than its compressed form (chat in JSON: 5 to 30)."""
MAX_MEMBERS = 200_000
_MAX_DIRECTORY = 64_000_000  # bytes of the zip's own table of contents
_RATIO_FROM = 1_000_000  # bytes; below, the ratio says nothing
_END_OF_ZIP = b"PK\x05\x06"
_END_SIZE = 22 + 65_535  # of the end record with the longest comment


class Archive(Protocol):
    """The files of an export."""

    def has(self, name: str) -> bool:
        """Whether the top holds this file."""
        ...

    def files(self) -> Iterator[tuple[str, str]]:
        """(folder, file) of every file that lies in a folder of the top."""
        ...

    def open(self, name: str) -> AbstractContextManager[Bytes]:
        """Read `file` or `folder/file`."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Folder:
    """An export that somebody has unpacked."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def has(self, name: str) -> bool:
        return (self._path / name).is_file()

    def files(self) -> Iterator[tuple[str, str]]:
        with os.scandir(self._path) as entries:
            folders = sorted(entry.name for entry in entries if entry.is_dir())
        for folder in folders:
            with os.scandir(self._path / folder) as entries:
                yield from ((folder, entry.name) for entry in entries if entry.is_file())

    @contextmanager
    def open(self, name: str) -> Iterator[Bytes]:
        with (self._path / name).open("rb") as stream:
            yield stream

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing is held open between files."""


class Zip:
    """An export as it was downloaded, or zipped again with its folder around it."""

    def __init__(self, path: Path) -> None:
        self._name = display(path)
        self._read = 0
        self._size = path.stat().st_size
        _check_directory(path, self._name)
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, struct.error):
            raise InputError(
                f"{self._name}: a damaged or incomplete zip; download or copy it again"
            ) from None
        members = self._zip.infolist()
        if len(members) > MAX_MEMBERS:
            self._zip.close()
            raise InputError(
                f"{self._name}: over {MAX_MEMBERS:,} files in the zip; export fewer channels"
            )
        self._top = _top([member.filename for member in members])
        self._members = {
            member.filename.removeprefix(self._top): member
            for member in members
            if member.filename.startswith(self._top)
        }

    def has(self, name: str) -> bool:
        return name in self._members

    def files(self) -> Iterator[tuple[str, str]]:
        for name in self._members:
            folder, _, file = name.partition("/")
            if file and "/" not in file and folder not in ("", ".", ".."):
                yield folder, file

    @contextmanager
    def open(self, name: str) -> Iterator[Bytes]:
        member = self._members[name]
        if member.flag_bits & 1:
            raise InputError(f"{self._name}: the zip has a password; unpack it and give the folder")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # Of the others, `zipfile` unpacks a whole block at once, however large it becomes.
            raise InputError(
                f"{self._name}: compressed in a way that no export is; "
                "unpack it and give the folder"
            )
        try:
            with self._zip.open(member) as stream:
                yield _Counted(stream, min(member.compress_size, self._size), self)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
            raise DamageError("damaged in the zip; download or copy it again") from None

    def count(self, size: int) -> None:
        self._read += size
        if self._read > MAX_TOTAL:
            raise InputError(
                f"{self._name}: unpacks to over {MAX_TOTAL // 1_000_000_000} GB; "
                "export fewer channels or days"
            )

    def refuse_bomb(self) -> None:
        raise InputError(
            f"{self._name}: unpacks to over {MAX_RATIO} times its size, as no export does; "
            "don't trust this file"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()


class _Counted:
    """A member of a zip as it is read; turns what a damaged one raises into DamageError."""

    def __init__(self, stream: Bytes, compressed: int, archive: Zip) -> None:
        self._stream = stream
        self._compressed = compressed
        self._archive = archive
        self._read = 0

    def read(self, size: int, /) -> bytes:
        try:
            data = self._stream.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError):
            raise DamageError("damaged in the zip; download or copy it again") from None
        self._read += len(data)
        if self._read > _RATIO_FROM and self._read > MAX_RATIO * max(self._compressed, 1):
            self._archive.refuse_bomb()
        self._archive.count(len(data))
        return data


def _check_directory(path: Path, name: str) -> None:
    """Refuse a table of contents that would fill the memory; `zipfile` reads it whole."""
    with path.open("rb") as stream:
        stream.seek(0, os.SEEK_END)
        stream.seek(max(0, stream.tell() - _END_SIZE))
        tail = stream.read()
    at = tail.rfind(_END_OF_ZIP)
    if at >= 0 and int.from_bytes(tail[at + 12 : at + 16], "little") > _MAX_DIRECTORY:
        raise InputError(f"{name}: too many files in the zip; export fewer channels")


def _top(names: list[str]) -> str:
    """The folder, if any, that was zipped together with the export: where `users.json` lies."""
    tops = [
        name.removesuffix(marker)
        for name in names
        for marker in ("users.json", "channels.json")
        if name == marker or (name.endswith(f"/{marker}") and name.count("/") == 1)
    ]
    return min(tops, key=len, default="")
