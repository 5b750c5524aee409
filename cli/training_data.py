"""`precis train export`: what moderators and readers decided, as training data."""

from pathlib import Path
from typing import Annotated

import typer

from cli.training_means import training_libraries
from precis.settings import load_settings
from precis.store import Store
from precis.window import parse_window


def export(
    output: Annotated[
        Path, typer.Option(help="Folder to write to: chat text, for its owner's eyes alone.")
    ],
    server: Annotated[
        list[str] | None,
        typer.Option(help="Of this server alone, by its id; may be given again.", metavar="ID"),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(help="Decided or judged since: 30d, yesterday, 2026-01-31."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the manifest as JSON.")] = False,
) -> None:
    """Write decisions, edits, thumbs and reports as training data.

    Only of servers whose settings let the models train, nothing of people who opted out, names as
    #PersonN#. The files are a copy that forgets nothing: delete them once they are used.

    \b
    precis train export --output lessons
    precis train export --output lessons --server 123456789012345678 --since 30d
    """
    with training_libraries():
        from training.export import export_lessons  # noqa: PLC0415
    settings = load_settings()
    begin = parse_window(since=since, zone=settings.zone).since if since else None
    store = Store.open(settings.store_url)
    try:
        manifest = export_lessons(store, output, server or (), begin)
    finally:
        store.close()
    if json:
        typer.echo(manifest.model_dump_json(indent=2))
        return
    for name, count in manifest.counts.items():
        typer.echo(f"{name}: {count:,}")
    for why, count in manifest.left_out.items():
        typer.echo(f"left out, {why}: {count:,}")
    if manifest.servers == 0:
        typer.echo("No server lets the models train: its managers decide that in its settings.")
