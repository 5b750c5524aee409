"""Opening the database: migrations, locks, privacy, and errors that people understand."""

import os
import socket
import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, text

from precis.errors import StoreError
from precis.store import Store
from precis.store.database import Database
from precis.store.tables import jobs, metadata
from tests.clocks import patient_seconds

pytestmark = pytest.mark.both_stores


def test_processes_that_start_at_once_migrate_once(empty_url):
    code = "import sys; from precis.store import Store; Store.open(sys.argv[1]).ping()"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, empty_url], stderr=subprocess.PIPE, env=os.environ
        )
        for _ in range(4)
    ]
    errors = [process.communicate(timeout=60)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, errors


def test_a_store_made_by_a_newer_version_is_refused(store_url):
    Store.open(store_url).close()
    database = Database(store_url)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer"):
        Store.open(store_url)
    database.engine.dispose()


def test_errors_never_quote_rows(store, store_url):
    database = Database(store_url)
    table = text("SELECT 1 FROM nowhere WHERE 'xylophone' = :word").bindparams(word="xylophone")
    with pytest.raises(StoreError) as caught, database.writing() as connection:
        connection.execute(table)
    assert "xylophone" not in str(caught.value)
    assert caught.value.__cause__ is None
    database.engine.dispose()


def test_a_database_that_is_away_is_one_line_without_password():
    with pytest.raises(StoreError) as caught:
        Store.open("postgresql://precis:hunter2@127.0.0.1:1/none")
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_lost_network_is_noticed_within_half_a_minute(postgresql_url):
    """TCP itself goes on hoping for a quarter of an hour."""
    assert options_of(postgresql_url) == [20_000, 1, 10, 5]


def test_how_soon_it_is_noticed_may_be_said_in_the_url(postgresql_url):
    url = f"{postgresql_url}?tcp_user_timeout=90000&keepalives_idle=60"
    assert options_of(url) == [90_000, 1, 60, 5]


def options_of(url):
    """What the kernel was told of the connection."""
    store = Store.open(url)
    with store.database.reading() as connection:
        number = connection.connection.driver_connection.fileno()
        with socket.socket(fileno=os.dup(number)) as connected:
            options = [
                connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
                connected.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
                connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
                connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL),
            ]
    store.close()
    return options


def test_a_database_that_is_not_there_is_named(postgresql_url):
    with pytest.raises(StoreError, match='database "nowhere" does not exist'):
        Store.open(postgresql_url.rsplit("/", 1)[0] + "/nowhere")


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:"])
def test_a_url_that_cannot_work_is_refused(url):
    with pytest.raises(StoreError, match="PRECIS_STORE"):
        Store.open(url)


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="can't be made"):
        Store.open(f"sqlite:///{tmp_path / 'file' / 'precis.db'}")


def test_a_lock_that_cannot_be_taken_is_said(tmp_path):
    (tmp_path / "precis.db.lock").mkdir()
    with pytest.raises(StoreError, match="can't be opened"):
        Store.open(f"sqlite:///{tmp_path / 'precis.db'}")


def test_any_folder_name_will_do(tmp_path):
    Store.open(f"sqlite:///{tmp_path / '100 % of übung' / 'precis.db'}").close()


def test_the_file_is_private(tmp_path):
    Store.open(f"sqlite:///{tmp_path / 'new' / 'precis.db'}").close()
    assert (tmp_path / "new" / "precis.db").stat().st_mode & 0o077 == 0
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_a_reader_does_not_wait_for_a_writer(tmp_path):
    url = f"sqlite:///{tmp_path / 'precis.db'}"
    store = Store.open(url)
    with store._database.writing():
        began = patient_seconds()
        store.count_jobs()
        assert patient_seconds() - began < 5


def test_the_migrations_make_what_the_tables_say(store, store_url):
    with store._database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []


def test_a_damaged_insert_stores_neither_request_nor_conversation(store):
    before = store.count_jobs()
    with pytest.raises(StoreError), store._database.writing() as connection:
        connection.execute(insert(jobs).values(id="x", conversation_id="none"))
    assert store.count_jobs() == before
