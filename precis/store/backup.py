"""Copies a whole store into a file, and a file into a store, while other processes may use it.

SQLite by its online backup; PostgreSQL by pg_dump, pg_restore and psql. The file holds chat text.
Knows nothing of the tables.
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
from precis.store.migrating import VERSIONS_TABLE, current_revision, known_revisions, migrate

Kind = Literal["sqlite", "postgresql"]

_VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "passfile": "PGPASSFILE",
    "service": "PGSERVICE",
    "options": "PGOPTIONS",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslcrl": "PGSSLCRL",
    "channel_binding": "PGCHANNELBINDING",
    "gssencmode": "PGGSSENCMODE",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}
"""What a URL's query may say of the connection, and the variables by which programs are told."""


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

    No other process should use the store meanwhile. If it fails, the store is as it was before,
    unless it is the migration that failed.
    """
    if database.is_sqlite:
        _copy_sqlite(source, Path(database.url.database or ""), database.shown)
    else:
        restore, psql = _program("pg_restore"), _program("psql")
        script = source.with_name(f"{source.name}.sql")
        options = ["--clean", "--if-exists", "--no-owner", "--no-privileges"]
        _run([restore, *options, f"--file={script}", str(source)], database)
        # In one transaction: what was there goes only if all of the copy comes.
        _run(
            [
                psql, "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
                f"--command={_dropping_tables(database)}", f"--file={script}",
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


def copied_revision(database: Database) -> str:
    """The schema's version that a copy has. Raises StoreError where there is nothing to copy."""
    revision = current_revision(database)
    if revision is None:
        raise StoreError(f"the store {database.shown} has no tables yet; there is nothing to copy")
    return revision


def can_restore(revision: str) -> bool:
    """Whether this version of Précis knows a schema."""
    return revision in known_revisions()


def _copy_sqlite(source: Path, target: Path, shown: str) -> None:
    """In one go: others write beside it to the log, and between two steps it would begin anew."""
    try:
        with (
            closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True)) as read,
            closing(sqlite3.connect(target)) as written,
        ):
            read.backup(written)
    except sqlite3.Error as error:
        raise StoreError(f"the store {shown} can't be copied ({type(error).__name__})") from None


def _dropping_tables(database: Database) -> str:
    """SQL, so that nothing of a newer schema stays beside what an older copy holds."""
    with database.reading() as connection:
        names = inspect(connection).get_table_names()
        quoted = map(connection.dialect.identifier_preparer.quote, names)
        tables = ", ".join(quoted)
    drop = f" DROP TABLE IF EXISTS {tables} CASCADE;" if names else ""
    return f"SET client_min_messages = warning;{drop}"


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
        # One line alone, and none that quotes rows ("DETAIL", "CONTEXT").
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        line = next((each for each in lines if "error:" in each.lower()), lines[0])
        reason = line.split(": ", 1)[-1][:200]
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
    }
    for name, variable in _VARIABLES.items():
        if value := url.query.get(name):
            given[variable] = value if isinstance(value, str) else ",".join(value)
    return {**os.environ, **{name: value for name, value in given.items() if value}}
