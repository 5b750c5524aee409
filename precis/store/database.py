"""Opens the database: engine, transactions, and errors that people understand.

Knows nothing of the tables.
"""

import hashlib
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)

from precis.errors import StoreError
from precis.settings import without_password

logger = logging.getLogger(__name__)

BUSY_SECONDS = 30  # that a write waits for another one on SQLite
LIVENESS = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""How soon a lost network is noticed, where it would take TCP many minutes: seconds, and at last
milliseconds (https://www.postgresql.org/docs/current/libpq-connect.html). A URL may say otherwise.
"""


class Database:
    """An engine with a transaction for reading and one for writing."""

    def __init__(self, url: str) -> None:
        """Raises StoreError if `url` isn't one, or if its folder can't be made."""
        self.url = _parse(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._make_private_file()
        self.engine = _engine(self.url)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view. Raises StoreError when the database can't be used."""
        with self._transaction(write=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """All or nothing. Raises StoreError when the database can't be used."""
        with self._transaction(write=True) as connection:
            yield connection

    @contextmanager
    def _transaction(self, *, write: bool) -> Iterator[Connection]:
        try:
            with self._connection(write=write) as connection, connection.begin():
                yield connection
        except SQLAlchemyError as error:
            # Not str(error): it may quote a row, and rows hold chat text.
            cause = type(error.orig if isinstance(error, DBAPIError) else error).__name__
            raise StoreError(
                f"the store {self.shown} can't be used ({cause}); "
                "check PRECIS_STORE and that the database runs"
            ) from None

    def lock(self, connection: Connection, name: str, *, shared: bool = False) -> None:
        """Let one writer at a time past this point for `name`, until the transaction ends.

        `shared`: as many as like, but nobody together with one who doesn't share. On SQLite there
        is only ever one writer.
        """
        if not self.is_sqlite:
            number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
            function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
            connection.execute(text(f"SELECT {function}(:key)"), {"key": number})

    def forget_deleted(self) -> None:
        """Remove deleted rows from SQLite's write-ahead log, as far as readers let it."""
        if not self.is_sqlite:
            return  # PostgreSQL's vacuum and log are its operator's
        connection = self.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.OperationalError:
            logger.info("the write-ahead log of %s is in use; it is emptied later", self.shown)
        finally:
            connection.close()

    def _connection(self, *, write: bool) -> Connection:
        try:
            return self.engine.connect().execution_options(write=write)
        except OperationalError as error:
            # No row is involved yet, so the driver's words hold no chat text.
            raise StoreError(
                f"the store {self.shown} can't be reached ({self._why(error)}); "
                "check PRECIS_STORE and that the database runs"
            ) from None

    def _why(self, error: OperationalError) -> str:
        words = " ".join(str(error.orig).split()).split("failed: ")[-1]
        if self.url.password:
            words = words.replace(str(self.url.password), "***")
        return words[:200] or "no answer"

    @property
    def shown(self) -> str:
        """The URL without its password."""
        return without_password(self.url.render_as_string(hide_password=False))

    def _make_private_file(self) -> None:
        path = Path(self.url.database or "")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)  # chat text is private; WAL files take over these bits
        except OSError as error:
            raise StoreError(
                f"the store {path} can't be made ({error.strerror}); "
                "set PRECIS_HOME or PRECIS_STORE"
            ) from None


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        backend = ""
    if backend == "postgres":  # the spelling that many hosts hand out
        parsed, backend = parsed.set(drivername="postgresql"), "postgresql"
    if backend and "@" in (parsed.host or ""):
        raise StoreError("PRECIS_STORE: its password holds an @; write it as %40")
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and parsed.database and parsed.database != ":memory:":
        return parsed
    raise StoreError(
        "PRECIS_STORE is no usable URL; write sqlite:////folder/precis.db or "
        "postgresql://user:password@host/name"
    )


def _engine(url: URL) -> Engine:
    options: dict[str, Any] = {"hide_parameters": True}  # parameters are chat text
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, **options)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        url,
        pool_pre_ping=True,
        connect_args={name: value for name, value in LIVENESS.items() if name not in url.query},
        **options,
    )


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins no transactions; _begin_sqlite does
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that turns from reading to writing can't wait for another writer.
    write = connection.get_execution_options().get("write", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
