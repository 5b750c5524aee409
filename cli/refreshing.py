"""`precis train refresh | runs`: models that learn from what moderators and readers decided."""

import json as json_library
import os
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import Field, ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.training_means import bar, device_of, training_libraries
from precis.errors import InputError
from precis.frozen import Frozen
from precis.settings import Settings, load_settings
from precis.store import Store

if TYPE_CHECKING:
    from training.refresh.run import Refresh

SCHEDULE = "refresh"
NICENESS = 10
"""Of the 19 there are: a summary that somebody waits for goes first."""


class Every(StrEnum):
    weekly = "weekly"
    off = "off"


class RefreshOptions(Frozen):
    """What a run may be told; as JSON where a schedule keeps it."""

    profile: str | None = None
    data: str | None = None
    source: str | None = None
    """A folder that was exported before; None: export anew."""
    output: str | None = None
    servers: tuple[str, ...] = ()
    labels: int = Field(default=50, ge=1)
    summaries: int = Field(default=20, ge=1)
    epochs: float = Field(default=2, gt=0)
    steps: int = Field(default=40, ge=0)
    seed: int = 0


def refresh(
    profile: Annotated[
        str | None, typer.Option(help="Model profile (PRECIS_PROFILE).", metavar="NAME")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder that holds toxicity/, dialogsum/ and irc/: old data, so that nothing is "
            "forgotten; default: the project's own sentences.",
            envvar="PRECIS_DATA",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from", help="Learn from this folder of precis train export.", file_okay=False
        ),
    ] = None,
    server: Annotated[
        list[str] | None, typer.Option(help="Only of this server; may be given several times.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder for reports; default: PRECIS_HOME/runs/refresh.")
    ] = None,
    labels: Annotated[
        int, typer.Option(help="Fewest decisions of each kind, toxic and harmless.", min=1)
    ] = 50,
    summaries: Annotated[int, typer.Option(help="Fewest references and preferences.", min=1)] = 20,
    epochs: Annotated[float, typer.Option(help="Passes of the LoRA.", min=0.1)] = 2,
    steps: Annotated[int, typer.Option(help="Steps of PPO; 0: none.", min=0)] = 40,
    seed: Annotated[int, typer.Option(help="For the same run again.")] = 0,
    schedule: Annotated[
        Every | None, typer.Option(help="Do it so often on a training worker, or no more.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what there is to learn from; train nothing.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Train candidates on what was decided, and promote those that are better and not worse.

    \b
    precis train refresh --dry-run
    precis train refresh --data ~/data
    precis train refresh --data ~/data --schedule weekly
    """
    settings = load_settings()
    options = RefreshOptions(
        profile=profile,
        data=str(data.resolve()) if data else None,
        source=str(source.resolve()) if source else None,
        output=str(output.resolve()) if output else None,
        servers=tuple(server or ()),
        labels=labels,
        summaries=summaries,
        epochs=epochs,
        steps=steps,
        seed=seed,
    )
    if schedule is not None:
        if dry_run:
            raise InputError("give --dry-run or --schedule, not both")
        _schedule(settings, schedule, options)
        return
    run = prepared(settings, options)
    _be_nice()
    if dry_run:
        with bar() as progress:
            found = run.look(progress)
        typer.echo(json_library.dumps(asdict(found), indent=2) if json else "\n".join(found.lines))
        return
    with bar() as progress:
        report = run.run(progress)
    if json:
        typer.echo(json_library.dumps(report.fields(), indent=2))
        return
    for outcome in report.outcomes:
        typer.echo(outcome.line)
    typer.echo(f"Written to {run.output / 'report.md'}.")


def refresh_by(settings: Settings, options: dict[str, Any]) -> str:
    """What a training worker does for a schedule: one line of what came of it.

    Raises PrecisError. Goes on where it was interrupted. The calling thread, and what it starts,
    stays as nice as it becomes: so call it in one that does nothing else.
    """
    try:
        chosen = RefreshOptions.model_validate(options)
    except ValidationError as error:
        fields = ", ".join(sorted({str(each["loc"][0]) for each in error.errors() if each["loc"]}))
        raise InputError(
            f"the schedule's options are not valid ({fields[:200]}); set it again with "
            "precis train refresh --schedule weekly"
        ) from None
    run = prepared(settings, chosen)
    _be_nice()
    return run.run(lambda _what, _share: None).line


def prepared(settings: Settings, options: RefreshOptions) -> "Refresh":
    """A run by these options. Raises InputError for a profile that isn't there."""
    with training_libraries():
        from training.refresh.adapters import AdapterConfig  # noqa: PLC0415
        from training.refresh.lessons import Least  # noqa: PLC0415
        from training.refresh.run import Refresh  # noqa: PLC0415
        from worker.gate.loading import load_scorer  # noqa: PLC0415
        from worker.generators.profiles import profile_named  # noqa: PLC0415
    device = device_of(settings)
    own = AdapterConfig(device=device, seed=options.seed)
    own = replace(
        own,
        lora={**own.lora, "epochs": options.epochs},
        ppo={**own.ppo, "steps": options.steps},
    )
    data = Path(options.data) if options.data else None
    if data is not None and not data.is_dir():
        raise InputError(f"no data folder {data}; give the one that --data had, or set it again")
    return Refresh(
        models=settings.models,
        profile=profile_named(options.profile or settings.profile, settings.models),
        output=Path(options.output) if options.output else settings.home / "runs" / "refresh",
        export=_export(settings, options),
        origin=" ".join([options.source or "the store", *options.servers]),
        gate=lambda: load_scorer(settings, device),
        gate_learns=settings.gate == "embedded",
        data=data,
        least=Least(options.labels, options.summaries),
        adapter_config=own,
    )


def _export(settings: Settings, options: RefreshOptions) -> Callable[[Path], None]:
    """What fills a run's folder: the store's lessons, or a copy of files exported before."""

    def copied(folder: Path) -> None:
        source = Path(options.source or "")
        files = [*source.glob("*.jsonl"), *source.glob("manifest.json")]
        if not files:
            raise InputError(f"{source} holds nothing exported; give a folder of train export")
        for each in files:
            (folder / each.name).write_bytes(each.read_bytes())

    def exported(folder: Path) -> None:
        from training.export import export_lessons  # noqa: PLC0415 - brings torch along

        store = Store.open(settings.store_url)
        try:
            export_lessons(store, folder, servers=options.servers)
        finally:
            store.close()

    return copied if options.source else exported


def _schedule(settings: Settings, every: Every, options: RefreshOptions) -> None:
    from precis.store.training_runs import ScheduleStore  # noqa: PLC0415

    store = Store.open(settings.store_url)
    try:
        schedules = ScheduleStore(store)
        if every is Every.off:
            was = schedules.drop_schedule(SCHEDULE)
            typer.echo("It is done no more." if was else "There was no schedule.")
            return
        if settings.embedded:
            raise InputError(
                "a schedule is for a training worker, which needs a broker: set "
                "PRECIS_BROKER=redis://HOST:PORT/DB; or let cron call precis train refresh"
            )
        prepared(settings, options)
        kept = options.model_dump(mode="json", exclude_defaults=True)
        schedules.set_schedule(SCHEDULE, timedelta(weeks=1), kept)
    finally:
        store.close()
    typer.echo(
        "Once a week, for the first time in a week. It needs a worker for training, once: "
        "precis worker --queues training"
    )


def runs(
    limit: Annotated[int, typer.Option(help="How many, the latest first.", min=1)] = 20,
    json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List the runs that a schedule asked for, and what came of each.

    \b
    precis train runs
    """
    from precis.store.training_runs import ScheduleStore  # noqa: PLC0415

    store = Store.open(load_settings().store_url)
    try:
        found = ScheduleStore(store).runs(limit)
        planned = ScheduleStore(store).schedules()
    finally:
        store.close()
    if json:
        typer.echo(json_library.dumps([each.model_dump(mode="json") for each in found], indent=2))
        return
    for schedule in planned:
        typer.echo(f"{schedule.name}: next at {schedule.next_at:%Y-%m-%d %H:%M} UTC")
    if not found:
        typer.echo("No run yet." if planned else "No run, and no schedule for one.")
        return
    table = Table(box=None)
    for column in ("began", "state", "tries", "outcome"):
        table.add_column(column)
    for each in found:
        row = (f"{each.created_at:%Y-%m-%d %H:%M}", each.state, str(each.attempts))
        table.add_row(*row, Text(each.outcome or ""))
    Console().print(table)


def _be_nice() -> None:
    """Once: niceness adds up from run to run in a thread that stays."""
    missing = NICENESS - os.nice(0)
    if missing > 0:
        os.nice(missing)
