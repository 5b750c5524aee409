"""Copies a whole store into a file, and a file into a store, while other processes may use it.

SQLite by its online backup; PostgreSQL by pg_dump and pg_restore. The file holds chat text. Knows
nothing of the tables.
"""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from sqlalchemy import MetaData, inspect, select
from sqlalchemy.engine import URL

from precis.errors import StoreError
from precis.store.database import Database
from precis.store.migrating import VERSIONS_TABLE, known_revisions, migrate, revision_of

Kind = Literal["sqlite", "postgresql"]

_PAGES = 2_000
"""Of SQLite's pages at a time; other processes write in between."""


def kind_of(database: Database) -> Kind:
    return "sqlite" if database.is_sqlite else "postgresql"


def dump_store(database: Database, target: Path) -> None:
    """Write one consistent copy of the store to `target`. Raises StoreError."""
    if database.is_sqlite:
        _copy_sqlite(Path(database.url.database or ""), target, database.shown)
        return
    program = _program("pg_dump")
    _run([program, "--format=custom", f"--file={target}"], database)


def load_store(database: Database, source: Path) -> None:
    """Replace all that is in the store by the copy in `source`, and migrate it. Raises StoreError.

    No other process should use the store meanwhile.
    """
    if database.is_sqlite:
        _copy_sqlite(source, Path(database.url.database or ""), database.shown)
    else:
        program = _program("pg_restore")
        _drop_tables(database)
        _run(
            [
                program, "--clean", "--if-exists", "--no-owner", "--no-privileges",
                "--single-transaction", f"--dbname={database.url.database}", str(source),
            ],
            database,
        )  # fmt: skip
    database.engine.dispose()
    migrate(database)


def is_empty(database: Database) -> bool:
    """Whether the store has no rows but its version. Raises StoreError."""
    with database.reading() as connection:
        metadata = MetaData()
        metadata.reflect(connection)
        return not any(
            connection.execute(select(table).limit(1)).first()
            for name, table in metadata.tables.items()
            if name != VERSIONS_TABLE
        )


def current_revision(database: Database) -> str:
    """The schema's version. Raises StoreError."""
    with database.reading() as connection:
        revision = revision_of(connection)
    if revision is None:
        raise StoreError(f"the store {database.shown} has no tables yet; there is nothing to copy")
    return revision


def can_restore(revision: str) -> bool:
    """Whether this version of Précis knows a schema."""
    return revision in known_revisions()


def _copy_sqlite(source: Path, target: Path, shown: str) -> None:
    try:
        with (
            closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True)) as read,
            closing(sqlite3.connect(target)) as written,
        ):
            read.backup(written, pages=_PAGES)
    except sqlite3.Error as error:
        raise StoreError(f"the store {shown} can't be copied ({type(error).__name__})") from None


def _drop_tables(database: Database) -> None:
    """So that nothing of a newer schema stays beside what an older copy holds."""
    with database.writing() as connection:
        if inspect(connection).get_table_names():
            metadata = MetaData()
            metadata.reflect(connection)
            metadata.drop_all(connection)


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise StoreError(
            f"{name} is not installed; install PostgreSQL's client programs, of the server's "
            "version or newer (on Debian: apt-get install postgresql-client)"
        )
    return found


def _run(command: list[str], database: Database) -> None:
    """The password goes by the environment: others can read a command line."""
    done = subprocess.run(  # noqa: S603 - our own arguments
        command, env=_environment(database.url), capture_output=True, check=False
    )
    if done.returncode:
        # The first line alone, and no line that quotes rows ("DETAIL", "CONTEXT").
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        reason = lines[0].split(": ", 1)[-1][:200]
        if database.url.password:
            reason = reason.replace(str(database.url.password), "***")
        raise StoreError(f"{Path(command[0]).name} failed for {database.shown}: {reason}")


def _environment(url: URL) -> dict[str, str]:
    given = {
        "PGHOST": url.host,
        "PGPORT": str(url.port) if url.port else None,
        "PGUSER": url.username,
        "PGPASSWORD": str(url.password) if url.password else None,
        "PGDATABASE": url.database,
        "PGSSLMODE": _option(url, "sslmode"),
        "PGSSLROOTCERT": _option(url, "sslrootcert"),
    }
    return {**os.environ, **{name: value for name, value in given.items() if value}}


def _option(url: URL, name: str) -> str | None:
    value = url.query.get(name)
    return value if isinstance(value, str) else None
