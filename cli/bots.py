"""`precis bot discord | slack`: starts a chat frontend, and wires it to the queue."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.monitoring import Part, monitored
from precis.errors import SettingsError
from precis.monitoring.logs import configure_logging
from precis.settings import Settings, load_settings
from precis.store import Store

if TYPE_CHECKING:
    from celery import Celery

    from bot.context import JobSender
    from bot.serving import Errand, Listening

    RunBot = Callable[[Settings, Store, JobSender, Listening, Errand | None], None]

app = typer.Typer(help="Chat frontends.", no_args_is_help=True)

EmbeddedOption = Annotated[
    bool,
    typer.Option("--embedded", help="Run the worker in this process too: all a small server needs"),
]

IfConfiguredOption = Annotated[
    bool,
    typer.Option(
        "--if-configured", help="Without a token, exit with 0: for set-ups that start every bot"
    ),
]


@app.callback()
def _group() -> None:
    """Chat frontends."""


@app.command()
def discord(embedded: EmbeddedOption = False, if_configured: IfConfiguredOption = False) -> None:
    """Serve Discord until told to stop; the token is in PRECIS_DISCORD_TOKEN.

    \b
    PRECIS_DISCORD_TOKEN=… precis bot discord --embedded
    PRECIS_BROKER=redis://localhost/0 precis bot discord
    """
    settings = load_settings()
    if if_configured and settings.discord_token is None:
        typer.echo("No Discord token (PRECIS_DISCORD_TOKEN): the Discord bot doesn't run.")
        return
    _serve("discord", settings, discord_bot(settings), embedded=embedded)


@app.command()
def slack(embedded: EmbeddedOption = False, if_configured: IfConfiguredOption = False) -> None:
    """Serve Slack until told to stop; tokens are in PRECIS_SLACK_BOT_TOKEN and _APP_TOKEN.

    \b
    PRECIS_SLACK_BOT_TOKEN=… PRECIS_SLACK_APP_TOKEN=… precis bot slack --embedded
    PRECIS_SLACK_MODE=http PRECIS_BROKER=redis://localhost/0 precis bot slack
    """
    from bot.slack.setup import names_slack  # noqa: PLC0415 - brings its library

    settings = load_settings()
    if if_configured and not names_slack(settings):
        typer.echo("No Slack token (PRECIS_SLACK_BOT_TOKEN): the Slack bot doesn't run.")
        return
    _serve("slack", settings, slack_bot(settings), embedded=embedded)


def discord_bot(settings: Settings) -> "RunBot":
    """What runs the Discord bot. Raises SettingsError where that isn't set up."""
    from bot.discord.running import run_bot  # noqa: PLC0415 - each frontend brings its library

    if settings.discord_token is None:
        raise SettingsError(
            "no Discord token; set PRECIS_DISCORD_TOKEN to that of your bot (see the README)"
        )
    return run_bot


def slack_bot(settings: Settings) -> "RunBot":
    """What runs the Slack bot. Raises SettingsError where that isn't set up."""
    from bot.slack.running import run_bot  # noqa: PLC0415 - each frontend brings its library
    from bot.slack.setup import check_setup  # noqa: PLC0415

    check_setup(settings)
    return run_bot


def _serve(platform: Part, settings: Settings, run_bot: "RunBot", *, embedded: bool) -> None:
    """Run a bot on the store and the queue that the settings name."""
    from worker.asking import JobQueue  # noqa: PLC0415
    from worker.deliveries import Deliveries  # noqa: PLC0415

    configure_logging(settings)
    store = Store.open(settings.store_url)
    parts: list[Part] = [platform, "worker"] if embedded else [platform]
    try:
        with (
            monitored(settings, store, parts),
            queue(settings, store, embedded=embedded) as celery,
        ):
            sender = JobQueue(settings, store, celery)
            run_bot(settings, store, sender, partial(Deliveries, celery, platform), None)
    finally:
        store.close()


@contextmanager
def queue(settings: Settings, store: Store, *, embedded: bool) -> "Iterator[Celery]":
    """A Celery app; with a worker behind it where one is asked for."""
    from worker.app import make_app  # noqa: PLC0415

    if not embedded:
        if settings.embedded:
            raise SettingsError(
                "no broker, so no worker could hear of a question; give --embedded, or set "
                "PRECIS_BROKER=redis://HOST:PORT/DB and run precis worker"
            )
        yield make_app(settings)
        return
    from worker.pipeline.summarise import Pipeline  # noqa: PLC0415 - brings torch
    from worker.serving import embedded_worker  # noqa: PLC0415

    typer.echo("Loading the models…", err=True)
    pipeline: Any = Pipeline(settings)
    try:
        pipeline.prepare()
        with embedded_worker(settings, store, pipeline) as celery:
            yield celery
    finally:
        pipeline.close()
