"""Backups: a store and its trained models go into a file, and come back from it."""

import io
import json
import os
import shutil
import stat
import tarfile

import pytest
from sqlalchemy import make_url, text

from precis import archive
from precis.archive import STORE, read_archive, write_archive
from precis.errors import InputError
from precis.job import JobRequest
from precis.settings import shipped_models
from precis.store import Store
from precis.store.database import Database
from tests.cli.calling import called
from tests.conversations import conversation
from tests.server_programs import postgresql_folder


@pytest.fixture(autouse=True)
def client_programs(monkeypatch):
    """`pg_dump` and the others, of the version that the tests start: a wheel's are on no PATH."""
    monkeypatch.setenv("PATH", f"{postgresql_folder()}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def models(tmp_path):
    """A models folder with an adapter that was trained here, and is in use."""
    folder = tmp_path / "models"
    shutil.copytree(shipped_models() / "adapters" / "embedded-ppo", folder / "adapters" / "mild")
    (folder / "promoted.json").write_text('{"embedded": {"adapter": "mild", "earlier": []}}')
    return folder


@pytest.fixture
def variables(store_url, models):
    return {"PRECIS_STORE": store_url, "PRECIS_MODELS": str(models)}


def submitted(url, *lines):
    """The id of a job about these lines."""
    store = Store.open(url)
    try:
        return store.submit(JobRequest(), conversation(*lines))
    finally:
        store.close()


def jobs_in(url):
    store = Store.open(url)
    try:
        return sum(store.count_jobs().values())
    finally:
        store.close()


def text_of(url, job_id):
    store = Store.open(url)
    try:
        return [message.text for message in store.conversation(job_id).messages]
    finally:
        store.close()


def test_what_was_backed_up_comes_back_whole(variables, store_url, models, tmp_path):
    job_id = submitted(store_url, "Ana: the exam is on Monday")
    file = tmp_path / "one.backup"
    backed = called("backup", file, **variables)
    assert backed.returncode == 0, backed.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    submitted(store_url, "Ben: this was said afterwards")
    shutil.rmtree(models)

    refused = called("restore", file, **variables)
    assert refused.returncode == 1
    assert "isn't empty; give --overwrite" in refused.stderr
    assert jobs_in(store_url) == 2

    restored = called("restore", "--overwrite", file, **variables)
    assert restored.returncode == 0, restored.stderr
    assert jobs_in(store_url) == 1
    assert text_of(store_url, job_id) == ["the exam is on Monday"]
    assert json.loads((models / "promoted.json").read_text())["embedded"]["adapter"] == "mild"
    shipped = shipped_models() / "adapters" / "embedded-ppo" / "adapter_model.safetensors"
    copied = models / "adapters" / "mild" / "adapter_model.safetensors"
    assert copied.read_bytes() == shipped.read_bytes()


def test_an_empty_store_is_filled_without_being_told_to(variables, store_url, tmp_path):
    file = tmp_path / "one.backup"
    assert called("backup", file, **variables).returncode == 0
    assert called("restore", file, **variables).returncode == 0


def test_a_newer_schema_is_replaced_by_the_one_in_the_backup(variables, store_url, tmp_path):
    job_id = submitted(store_url, "Ana: the exam is on Monday")
    file = tmp_path / "one.backup"
    assert called("backup", file, **variables).returncode == 0
    database = Database(store_url)
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE of_the_future (id INTEGER)"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.engine.dispose()
    assert "newer Précis" in called("store", "migrate", **variables).stderr
    restored = called("restore", "--overwrite", file, **variables)
    assert restored.returncode == 0, restored.stderr
    assert text_of(store_url, job_id) == ["the exam is on Monday"]


def test_no_file_is_overwritten(migrated_home, tmp_path):
    file = tmp_path / "one.backup"
    file.write_text("mine")
    run = called("backup", file)
    assert run.returncode == 2
    assert "is there already" in run.stderr
    assert file.read_text() == "mine"


@pytest.mark.parametrize("damage", ["cut", "changed", "foreign", "text"])
def test_a_damaged_backup_restores_nothing(migrated_home, tmp_path, damage):
    url = f"sqlite:///{tmp_path / 'home' / 'precis.db'}"
    submitted(url, "Ana: the exam is on Monday")
    file, damaged = tmp_path / "one.backup", tmp_path / "damaged.backup"
    assert called("backup", file).returncode == 0
    spoil(file, damaged, damage)
    run = called("restore", "--overwrite", damaged)
    assert run.returncode == 2
    assert run.stderr.startswith(f"precis: {damaged} is no usable backup (")
    assert len(run.stderr.splitlines()) == 1
    assert jobs_in(url) == 1


def spoil(file, damaged, how):
    if how == "text":
        damaged.write_text("no archive at all")
    elif how == "cut":
        damaged.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    else:
        with tarfile.open(file) as read, tarfile.open(damaged, "w:gz") as written:
            for entry in read:
                content = read.extractfile(entry).read()
                if how == "changed" and entry.name == "store":
                    content = content[:-1] + bytes([content[-1] ^ 1])
                written.addfile(entry, io.BytesIO(content))
            if how == "foreign":
                written.addfile(tarfile.TarInfo("../outside"), io.BytesIO())


def test_a_restore_that_fails_leaves_the_database_as_it_was(postgresql_url, tmp_path):
    job_id = submitted(postgresql_url, "Ana: the exam is on Monday")
    file, broken, folder = tmp_path / "one", tmp_path / "broken", tmp_path / "unpacked"
    assert called("backup", file, PRECIS_STORE=postgresql_url).returncode == 0
    folder.mkdir()
    manifest = read_archive(str(file), folder)
    # As its manifest says; but the database's programs can't make anything of the second half.
    copy = folder / STORE
    copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    write_archive(str(broken), manifest.kind, manifest.revision, {STORE: copy})
    run = called("restore", "--overwrite", broken, PRECIS_STORE=postgresql_url)
    assert run.returncode == 1
    assert run.stderr.startswith("precis: pg_restore failed")
    assert text_of(postgresql_url, job_id) == ["the exam is on Monday"]


def test_the_client_programs_are_given_what_the_url_says_of_the_connection(
    postgresql_url, tmp_path, monkeypatch
):
    """Also in its query, where a socket's folder has to be."""
    url = make_url(postgresql_url)
    for name in ("PGHOST", "PGPORT"):
        monkeypatch.setenv(name, "1")
    moved = f"postgresql://{url.username}@/{url.database}?host={url.host}&port={url.port}"
    run = called("backup", tmp_path / "one", PRECIS_STORE=moved)
    assert run.returncode == 0, run.stderr


def test_a_member_that_changes_meanwhile_makes_no_backup(tmp_path, monkeypatch):
    file, member = tmp_path / "one.backup", tmp_path / "promoted.json"
    member.write_text("as it was")
    digest_of = archive.sha256_of

    def promoted_after(path):
        found = digest_of(path)
        path.write_text("as it is!")
        return found

    monkeypatch.setattr(archive, "sha256_of", promoted_after)
    with pytest.raises(InputError, match=r"promoted\.json changed while it was copied"):
        write_archive(str(file), "sqlite", "1", {"models/promoted.json": member})
    assert [path.name for path in tmp_path.iterdir()] == ["promoted.json"]


def test_a_backup_of_another_kind_of_database_is_refused(migrated_home, postgresql_url, tmp_path):
    file = tmp_path / "one.backup"
    assert called("backup", file).returncode == 0
    run = called("restore", file, PRECIS_STORE=postgresql_url)
    assert run.returncode == 2
    assert "is of a store on sqlite" in run.stderr


def test_missing_client_programs_are_named(postgresql_url, tmp_path):
    run = called("backup", tmp_path / "one", PRECIS_STORE=postgresql_url, PATH=str(tmp_path))
    assert run.returncode == 1
    assert "pg_dump is not installed" in run.stderr
