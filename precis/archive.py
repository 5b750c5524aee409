"""A backup as one file: a tar archive whose manifest vouches for every member.

    manifest.json     what the backup is of, and each member's SHA-256
    store             the store's copy
    models/…          trained models, and which are in use

A member that is damaged, missing or not in the manifest makes the whole file unusable, before
anything is restored from it. Knows nothing of how a store is copied.
"""

import hashlib
import io
import os
import shutil
import stat
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from pydantic import AwareDatetime, ValidationError

from precis import __version__
from precis.errors import InputError
from precis.frozen import Frozen
from precis.hashing import sha256_of

FORMAT = 1
MANIFEST = "manifest.json"
STORE = "store"
STREAM = "-"
"""In place of a path: standard input or output."""
_MOST_MANIFEST = 16 * 1024 * 1024  # bytes


class BackupManifest(Frozen):
    """What a backup is of."""

    format: int = FORMAT
    precis: str = __version__
    created: AwareDatetime
    kind: Literal["sqlite", "postgresql"]
    revision: str
    """Of the store's schema."""
    sha256: dict[str, str]
    """Of each member, by its name."""


def write_archive(
    target: str, kind: Literal["sqlite", "postgresql"], revision: str, members: Mapping[str, Path]
) -> BackupManifest:
    """Write the files in `members`, by their names in the archive, to `target` (a path, or "-").

    It appears whole or not at all, and only its owner may read it. Raises InputError if it is
    there already or can't be written, or if a member changes meanwhile.
    """
    try:
        digests = {name: sha256_of(path) for name, path in sorted(members.items())}
        manifest = BackupManifest(
            created=datetime.now(UTC), kind=kind, revision=revision, sha256=digests
        )
        with _written(target) as file, tarfile.open(fileobj=file, mode="w|gz") as archive:
            written = manifest.model_dump_json(indent=2).encode()
            archive.addfile(_entry(MANIFEST, len(written)), io.BytesIO(written))
            for name, digest in digests.items():
                with members[name].open("rb") as member:
                    read = _Hashed(member)
                    archive.addfile(_entry(name, os.fstat(member.fileno()).st_size), read)
                if read.digest != digest:
                    raise InputError(f"{name} changed while it was copied; try again")
    except OSError as error:
        raise InputError(f"{target} can't be written ({error.strerror or error})") from None
    return manifest


def check_free(target: str) -> None:
    """Raises InputError if `target` (a path, or "-") is there already."""
    if target != STREAM and Path(target).exists():
        raise InputError(f"{target} is there already; give another name, or remove it first")


def read_archive(source: str, folder: Path) -> BackupManifest:
    """Unpack a backup (a path, or "-") into an empty `folder`, and check it.

    Raises InputError for a file that is no whole backup.
    """
    try:
        if source == STREAM:
            return _unpack(sys.stdin.buffer, folder, source)
        with Path(source).open("rb") as file:
            return _unpack(file, folder, source)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise _unusable(source, type(error).__name__) from None
    except OSError as error:  # also of gzip
        raise _unusable(source, error.strerror or type(error).__name__) from None


def _unpack(file: IO[bytes], folder: Path, source: str) -> BackupManifest:
    with tarfile.open(fileobj=file, mode="r|gz") as archive:
        first = archive.next()
        if first is None or first.name != MANIFEST or first.size > _MOST_MANIFEST:
            raise _unusable(source, "it has no manifest")
        manifest = _manifest(archive, first, source)
        found = set()
        while (entry := archive.next()) is not None:
            expected = manifest.sha256.get(entry.name)
            if expected is None or not entry.isreg() or not _is_inside(entry.name):
                raise _unusable(source, "it holds something that its manifest doesn't name")
            target = folder / entry.name
            target.parent.mkdir(parents=True, exist_ok=True)
            member = archive.extractfile(entry)
            assert member is not None  # noqa: S101 - of a regular file
            with target.open("wb") as written:
                shutil.copyfileobj(member, written)
            if sha256_of(target) != expected:
                raise _unusable(source, f"{entry.name} is damaged")
            found.add(entry.name)
    if missing := set(manifest.sha256) - found:
        raise _unusable(source, f"it lacks {', '.join(sorted(missing))[:200]}")
    return manifest


def _manifest(archive: tarfile.TarFile, entry: tarfile.TarInfo, source: str) -> BackupManifest:
    read = archive.extractfile(entry)
    try:
        manifest = BackupManifest.model_validate_json(read.read() if read else b"")
    except ValidationError:
        raise _unusable(source, "its manifest is not valid") from None
    if manifest.format != FORMAT:
        raise InputError(f"{source} was made by a newer Précis; update this one")
    return manifest


def _unusable(source: str, why: str) -> InputError:
    return InputError(f"{source} is no usable backup ({why}); nothing was restored")


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


class _Hashed(io.RawIOBase):
    """Reads a file, and knows the SHA-256 of what has been read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._hash.update(data)
        return data

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, stat.S_IRUSR | stat.S_IWUSR
    entry.mtime = int(datetime.now(UTC).timestamp())
    return entry


@contextmanager
def _written(target: str) -> Iterator[IO[bytes]]:
    if target == STREAM:
        yield sys.stdout.buffer
        return
    check_free(target)
    path = Path(target)
    descriptor, halfway = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(halfway, path)  # unlike a rename, never over another file
    except FileExistsError:
        raise InputError(f"{path} is there already; give another name") from None
    finally:
        Path(halfway).unlink(missing_ok=True)
