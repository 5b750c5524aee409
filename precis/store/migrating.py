"""Brings the database up to the code's schema when a process starts.

Many processes may start at once: one migrates, the others wait. Where nothing is missing, which is
nearly always, neither a lock nor the migrations' library is needed. Knows nothing of the tables.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock
from sqlalchemy import Connection, inspect, text

from precis.errors import StoreError
from precis.store.database import Database

_ADVISORY_LOCK = 0x7072_6563_6973  # "precis"
LONGEST_WAIT = 120.0  # seconds for another process's migration
_FOLDER = Path(__file__).with_name("migrations")
VERSIONS_TABLE = "alembic_version"


def migrate(database: Database) -> None:
    """Apply the migrations that are missing.

    Raises StoreError if the database can't be used, or if a newer version of Précis made it.
    """
    known = known_revisions()
    if not _is_new(database) and current_revision(database) == known[-1]:
        return
    with _one_at_a_time(database), database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        current = _revision_of(connection)
        if current == known[-1]:  # by now
            return
        if current is not None and current not in known:
            raise StoreError(
                f"the store {database.shown} was made by a newer Précis; update this one"
            )
        _upgrade(connection)


def check_schema(database: Database) -> None:
    """Raises StoreError unless the schema is this code's."""
    known = known_revisions()
    current = current_revision(database)
    if current is None:
        raise StoreError(
            f"the store {database.shown} has no tables yet; start a bot or worker, or run "
            "precis store migrate"
        )
    if current not in known:
        raise StoreError(f"the store {database.shown} was made by a newer Précis; update this one")
    if current != known[-1]:
        raise StoreError(
            f"the store {database.shown} has the schema {current} of an older Précis, this one "
            f"needs {known[-1]}; upgrade bots and workers, or run precis store migrate"
        )


def current_revision(database: Database) -> str | None:
    """The schema's version of the database; None: it has none yet. Raises StoreError."""
    with database.reading() as connection:
        return _revision_of(connection)


def known_revisions() -> list[str]:
    """The schema's versions that this code knows, oldest first."""
    return sorted(path.name.partition("_")[0] for path in _FOLDER.glob("versions/0*.py"))


def _is_new(database: Database) -> bool:
    """Whether it is a file without anything in it: processes that open one together lock each other
    out while it gets its journal.
    """
    path = Path(database.url.database or "")
    return database.is_sqlite and not (path.is_file() and path.stat().st_size)


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - takes a tenth of a second, seldom needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))  # not interpolation
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSIONS_TABLE):
        return None
    query = text(f"SELECT version_num FROM {VERSIONS_TABLE}")  # noqa: S608 - a constant
    found: str | None = connection.scalar(query)
    return found


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
