"""`precis backup | restore`: the store and the trained models, as one file."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from precis.archive import STORE, check_free, read_archive, write_archive
from precis.errors import InputError, StoreError
from precis.settings import Settings, load_settings
from precis.store.backup import (
    can_restore,
    copied_revision,
    dump_store,
    is_empty,
    kind_of,
    load_store,
)
from precis.store.database import Database

_MODELS = "models"


def backup(
    file: Annotated[
        str, typer.Argument(help="File to write; - for standard output.", show_default=False)
    ],
) -> None:
    """Copy the store and the trained models into one file, while bots and workers run.

    The file holds chat text: keep it as safe as the store, and delete it after
    PRECIS_RETENTION_DAYS. It holds no settings, tokens or encryption key.

    \b
    precis backup precis-2026-01-31.backup
    precis backup - | age --recipient age1… > precis.backup.age
    """
    from worker.models_folder import trained_files  # noqa: PLC0415

    settings = load_settings()
    check_free(file)  # before the store is copied
    with _database(settings) as database, _private_folder(settings) as folder:
        copy = folder / STORE
        copy.touch(mode=0o600)
        dump_store(database, copy)
        members = {STORE: copy}
        for name, path in trained_files(settings.models).items():
            members[f"{_MODELS}/{name}"] = path
        write_archive(file, kind_of(database), copied_revision(database), members)
    trained = f"{len(members) - 1} files of trained models"
    typer.echo(f"Wrote the store {database.shown} and {trained} to {file}.", err=True)


def restore(
    file: Annotated[
        str, typer.Argument(help="File of precis backup; - for standard input.", show_default=False)
    ],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace what is in the store now.")
    ] = False,
) -> None:
    """Put the store and the trained models back from a file; stop bots and workers first.

    \b
    precis restore precis-2026-01-31.backup
    precis restore --overwrite precis-2026-01-31.backup
    """
    from worker.models_folder import restore_files  # noqa: PLC0415

    settings = load_settings()
    with _private_folder(settings) as folder, _database(settings) as database:
        manifest = read_archive(file, folder)
        if manifest.kind != kind_of(database):
            raise InputError(
                f"{file} is of a store on {manifest.kind}, PRECIS_STORE is on {kind_of(database)}; "
                "set PRECIS_STORE to a database of the same kind"
            )
        if not can_restore(manifest.revision):
            raise InputError(f"{file} was made by Précis {manifest.precis[:20]}; update this one")
        if not overwrite and not is_empty(database):
            raise StoreError(
                f"the store {database.shown} isn't empty; give --overwrite to replace what is in it"
            )
        load_store(database, folder / STORE)
        trained = folder / _MODELS
        count = restore_files(trained, settings.models) if trained.is_dir() else 0
    typer.echo(
        f"Restored the store {database.shown} and {count} files of trained models, "
        f"as of {manifest.created:%Y-%m-%d %H:%M} UTC."
    )


@contextmanager
def _private_folder(settings: Settings) -> Iterator[Path]:
    """In PRECIS_HOME: a copy of the store may be too large for /tmp."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = tempfile.TemporaryDirectory(dir=settings.home, prefix=".backup-")
    except OSError as error:
        raise InputError(
            f"{settings.home} can't be written to ({error.strerror}); set PRECIS_HOME"
        ) from None
    with folder as name:
        yield Path(name)


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    """The database as it is: a backup is made before a migration, and may undo one."""
    database = Database(settings.store_url)
    try:
        yield database
    finally:
        database.engine.dispose()
