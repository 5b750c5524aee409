"""`precis worker | purge | config | doctor`: what operators run."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.monitoring import monitored
from precis.errors import PrecisError
from precis.job import JobState
from precis.monitoring.logs import configure_logging
from precis.settings import Settings, load_settings, without_password
from precis.store import Store

if TYPE_CHECKING:
    from worker.bases.catalog import Base
    from worker.pipeline.summarise import Pipeline
    from worker.training_queue import Train


def worker(
    queues: Annotated[
        str, typer.Option(help="Queues to serve; digests get half as many threads, and yield.")
    ] = "interactive,digest,watch",
    concurrency: Annotated[
        int | None, typer.Option(help="Jobs at once (PRECIS_CONCURRENCY).", min=1)
    ] = None,
) -> None:
    """Serve jobs from the broker until told to stop (SIGTERM finishes the jobs in hand).

    \b
    PRECIS_BROKER=redis://localhost/0 precis worker
    precis worker --queues digest --concurrency 8
    precis worker --queues training
    """
    from worker.app import ALL_QUEUES  # noqa: PLC0415 - Celery takes a second to import
    from worker.serving import run_worker  # noqa: PLC0415
    from worker.training_queue import TRAINING_QUEUE  # noqa: PLC0415

    settings = load_settings(**({"concurrency": concurrency} if concurrency else {}))
    configure_logging(settings)
    known = (*ALL_QUEUES, TRAINING_QUEUE)
    asked = [name.strip() for name in queues.split(",")]
    unknown = [name for name in asked if name not in known]
    if unknown or not asked:
        raise typer.BadParameter(
            f"no queue {', '.join(unknown)}; there are {', '.join(known)}",
            param_hint="--queues",
        )
    store = Store.open(settings.store_url)
    with monitored(settings, store, ["worker"]):
        pipeline = _pipeline(settings) if set(asked) & set(ALL_QUEUES) else None
        train = _train(settings) if TRAINING_QUEUE in asked else None
        typer.echo(f"Serving {', '.join(asked)} with profile {settings.profile}.", err=True)
        run_worker(settings, store, pipeline, [name for name in known if name in asked], train)


def _pipeline(settings: Settings) -> "Pipeline":
    from worker.pipeline.summarise import Pipeline  # noqa: PLC0415 - torch takes seconds to import

    pipeline = Pipeline(settings)
    pipeline.prepare()
    return pipeline


def _train(settings: Settings) -> "Train":
    """What a run of the `training` queue does."""
    from cli.refreshing import refresh_by  # noqa: PLC0415 - training's libraries are an extra

    return partial(refresh_by, settings)


def purge(
    days: Annotated[
        int | None,
        typer.Option(
            help="Purge text older than so many days (PRECIS_RETENTION_DAYS).", min=0, max=36_500
        ),
    ] = None,
) -> None:
    """Remove stored chat text past its retention; ids, times and scores stay.

    \b
    precis purge
    precis purge --days 0
    """
    settings = load_settings()
    store = Store.open(settings.store_url)
    age = timedelta(days=settings.retention_days if days is None else days)
    purged = store.purge_older_than(age)
    store.close()
    typer.echo(
        f"Purged {purged.messages:,} messages of {purged.conversations:,} conversations, "
        f"{purged.heard:,} of kept pages, {purged.cases:,} texts that moderators were asked about."
    )


def config() -> None:
    """Print every setting, with secrets masked.

    \b
    precis config
    PRECIS_PROFILE=flan-t5-base precis config
    """
    settings = load_settings()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("setting", "value", "what it is"):
        table.add_column(column, overflow="fold")
    for name, field in Settings.model_fields.items():
        value = _shown(getattr(settings, name))
        table.add_row(f"PRECIS_{name.upper()}", Text(value), Text(field.description or ""))
    Console(width=None if Console().is_terminal else 160, highlight=False).print(table)


def _shown(value: object) -> str:
    """A setting's value; of a URL all but its password, of other secrets nothing."""
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        return without_password(secret) if "://" in secret else str(value)
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g} s"
    return "" if value is None else str(value)


def doctor() -> None:
    """Check store, broker, models, gate and bots, and say what to do about each problem.

    \b
    precis doctor
    """
    from worker.bases.cache import MissingBaseError  # noqa: PLC0415
    from worker.bases.catalog import BASES  # noqa: PLC0415

    console = Console(highlight=False, soft_wrap=True)
    settings = load_settings()
    checks: list[tuple[str, Callable[[Settings], str]]] = [
        ("store", _check_store),
        ("broker", _check_broker),
        ("gate", _check_gate),
        ("model", _check_model),
        *(("base", partial(_check_base, base)) for base in BASES.values()),
    ]
    if settings.discord_token is not None:
        checks.append(("discord", _check_discord))
    if _names_slack(settings):
        checks.append(("slack", _check_slack))
    bad = 0
    for name, check in checks:
        try:
            line, mark = Text(check(settings)), Text("ok  ", style="green")
        except MissingBaseError as error:  # no fault by itself: what needs it says so
            line, mark = Text(str(error)), Text("no  ", style="yellow")
        except PrecisError as error:
            line, mark = Text(str(error)), Text("bad ", style="bold red")
            bad += 1
        console.print(Text.assemble(mark, f"{name:<8}", line))
    if bad:
        raise typer.Exit(1)


def _check_store(settings: Settings) -> str:
    store = Store.open(settings.store_url)
    try:
        counts = store.count_jobs()
        jobs = ", ".join(f"{counts[state]} {state.value}" for state in JobState if counts[state])
        return f"{store.ping()}; jobs: {jobs or 'none yet'}"
    finally:
        store.close()


def _check_broker(settings: Settings) -> str:
    from worker.app import check_broker, make_app  # noqa: PLC0415

    if settings.embedded:
        return "embedded: the worker is a thread of the process that asks"
    return check_broker(make_app(settings))


def _check_gate(settings: Settings) -> str:
    from worker.gate.loading import load_scorer  # noqa: PLC0415

    scorer = load_scorer(settings)
    scorer.score(["Good morning!"])
    limits = ", ".join(f"{label} {limit:.2f}" for label, limit in scorer.thresholds.items())
    languages = ", ".join(sorted(scorer.languages))
    return f"{scorer.name}; judges: {languages}; thresholds: {limits}"


def _check_model(settings: Settings) -> str:
    from worker.generators.loading import load_generator  # noqa: PLC0415

    generator = load_generator(settings, settings.profile, "cpu")
    adapter = f", adapter {generator.adapter}" if generator.adapter else ""
    return f"profile {settings.profile}: {generator.name}{adapter}"


def _check_base(base: "Base", settings: Settings) -> str:
    from worker.bases.cache import check_base  # noqa: PLC0415

    return f"{base.name} in {check_base(base, settings.bases)}"


def _check_discord(settings: Settings) -> str:
    from bot.discord.doctoring import check_discord  # noqa: PLC0415

    return check_discord(settings)


def _names_slack(settings: Settings) -> bool:
    from bot.slack.setup import names_slack  # noqa: PLC0415

    return names_slack(settings)


def _check_slack(settings: Settings) -> str:
    from bot.slack.doctoring import check_slack  # noqa: PLC0415

    return check_slack(settings)
