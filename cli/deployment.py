"""`precis health | store`: what a deployment runs beside its bots and workers."""

from datetime import UTC, datetime

import typer

from precis.errors import SettingsError
from precis.health import read_health
from precis.settings import load_settings
from precis.store import Store

store_app = typer.Typer(help="The store's schema.", no_args_is_help=True)


@store_app.callback()
def _store_group() -> None:
    """The store's schema."""


@store_app.command()
def migrate() -> None:
    """Bring the store up to this version's schema, and end; bots and workers do so as they start.

    \b
    PRECIS_STORE=postgresql://precis@localhost/precis precis store migrate
    """
    store = Store.open(load_settings().store_url)
    try:
        typer.echo(f"The store {store.ping()} is up to date.")
    finally:
        store.close()


def health() -> None:
    """Say whether the bot or worker that writes PRECIS_HEALTH_FILE is well; exit with 1 if not.

    A worker is well when its models are loaded, it reaches broker and store, and it takes jobs from
    the queues; a bot when it is connected to its platform and reaches the store.

    \b
    PRECIS_HEALTH_FILE=/tmp/precis-health.json precis health
    """
    path = load_settings().health_file
    if path is None:
        raise SettingsError("set PRECIS_HEALTH_FILE to the file that the bot or worker writes")
    typer.echo(read_health(path, datetime.now(UTC)))
