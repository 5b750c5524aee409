"""Brings the database up to the code's schema when a process starts.

Many processes may start at once: one migrates, the others wait. Knows nothing of the tables.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock
from sqlalchemy import Connection, text

from precis.errors import StoreError
from precis.store.database import Database

_ADVISORY_LOCK = 0x7072_6563_6973  # "precis"
LONGEST_WAIT = 120.0  # seconds for another process's migration
_FOLDER = Path(__file__).with_name("migrations")


def migrate(database: Database) -> None:
    """Apply the migrations that are missing.

    Raises StoreError if the database can't be used, or if a newer version of Précis made it.
    """
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))  # not interpolation
    script = ScriptDirectory.from_config(config)
    with _one_at_a_time(database), database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        current = _revision(connection)
        if current == script.get_current_head():
            return
        if current is not None and current not in {r.revision for r in script.walk_revisions()}:
            raise StoreError(
                f"the store {database.shown} was made by a newer Précis; update this one"
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def _one_at_a_time(database: Database) -> Iterator[None]:
    if not database.is_sqlite:
        yield  # the advisory lock does
        return
    lock = FileLock(f"{database.url.database}.lock", mode=0o600)
    try:
        lock.acquire(timeout=LONGEST_WAIT)
    except OSError as error:  # a Timeout is one
        why = error.strerror or "another process holds its lock"
        raise StoreError(
            f"the store {database.shown} can't be opened ({why}); "
            "set PRECIS_HOME or PRECIS_STORE to a folder you may write to"
        ) from None
    try:
        yield
    finally:
        lock.release()
