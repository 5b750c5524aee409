"""`precis adapters …`: which adapters there are, and which of them serve."""

import json as json_library
import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from precis.errors import PrecisError
from precis.settings import load_settings
from worker.generators.profiles import profile_named
from worker.registry import AdapterManifest, Registry

app = typer.Typer(
    help="Trained adapters: which there are, and which of them serve.", no_args_is_help=True
)

NameArgument = Annotated[
    str, typer.Argument(help="An adapter, by the name that list prints.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_COLUMNS = ("name", "profile", "method", "created", "serves", "state")


@app.command("list")
def list_adapters(json: JsonOption = False) -> None:
    """List the adapters in PRECIS_MODELS, which of them serve, and what is wrong with any.

    \b
    precis adapters list
    precis adapters list --json
    """
    registry = _registry()
    serving = set(registry.serving().values())
    adapters = [_described(registry, name, name in serving) for name in registry.names()]
    if json:
        typer.echo(json_library.dumps(adapters, indent=2))
    elif adapters:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in _COLUMNS:
            table.add_column(column, overflow="fold")
        for each in adapters:
            table.add_row(*_row(each))
        _console().print(table)
    else:
        typer.echo("No adapters yet; train one with precis train lora.")


@app.command()
def show(name: NameArgument, json: JsonOption = False) -> None:
    """Show what an adapter was trained on and how, its figures, and whether it can serve.

    \b
    precis adapters show mild
    precis adapters show mild --json
    """
    registry = _registry()
    manifest = registry.manifest(name)
    promoted = name in registry.serving().values()
    shown = {**manifest.model_dump(mode="json"), **_described(registry, name, promoted)}
    if json:
        typer.echo(json_library.dumps(shown, indent=2))
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for field in AdapterManifest.model_fields:
        table.add_row(field, Text(_text(shown[field])))
    table.add_row("serves", _text(shown["promoted"]))
    table.add_row("state", Text(shown["problem"] or "whole"))
    _console().print(table)


@app.command()
def add(
    folder: Annotated[
        Path,
        typer.Argument(
            help="Folder of an adapter that was trained here.", exists=True, file_okay=False
        ),
    ],
    name: Annotated[
        str | None, typer.Option(help="Its name; default: its manifest's.", metavar="NAME")
    ] = None,
) -> None:
    """Copy an adapter into PRECIS_MODELS, if it is whole and fits its profile's model.

    \b
    precis adapters add ~/runs/mild/adapter
    precis adapters add ~/runs/mild/adapter --name milder
    """
    target = _registry().add(folder, name)
    typer.echo(f"Adapter {target.name} is in {target}; precis adapters promote lets it serve.")


@app.command()
def promote(name: NameArgument) -> None:
    """Let an adapter serve its profile from now on, if it is whole and fits the profile's model.

    \b
    precis adapters promote mild
    """
    profile = _registry().promote(name).profile
    typer.echo(f"Profile {profile} now serves with adapter {name}.")


@app.command()
def rollback(
    profile: Annotated[
        str | None, typer.Option(help="Model profile (PRECIS_PROFILE).", metavar="NAME")
    ] = None,
) -> None:
    """Let the adapter that served before serve again; before the first there was none.

    \b
    precis adapters rollback
    precis adapters rollback --profile flan-t5-base
    """
    chosen = profile_named(profile or load_settings().profile).name
    name = _registry().rollback(chosen)
    with_what = f"with adapter {name}" if name else "with no adapter"
    typer.echo(f"Profile {chosen} now serves {with_what}.")


@app.command()
def push(
    name: NameArgument,
    to: Annotated[
        str, typer.Option(help="Repository on the hub; made if need be.", metavar="REPO")
    ],
) -> None:
    """Upload an adapter to the Hugging Face hub (HF_ENDPOINT), with the token in HF_TOKEN.

    \b
    HF_TOKEN=… precis adapters push mild --to study-group/precis-mild
    """
    place = _registry().push(name, to, os.environ.get("HF_TOKEN") or None)
    typer.echo(f"Pushed adapter {name} to {place}.")


def _registry() -> Registry:
    return Registry(load_settings().models)


def _described(registry: Registry, name: str, promoted: bool) -> dict[str, Any]:
    """What `list` says of an adapter: the manifest's gist if it can be read, and any problem."""
    described: dict[str, Any] = {"name": name, "promoted": promoted, "problem": None}
    try:
        manifest = registry.manifest(name)
        described |= manifest.model_dump(
            mode="json", include={"profile", "method", "base", "created"}
        )
        registry.check(name)
    except PrecisError as error:
        described["problem"] = str(error)
    return described


def _row(described: dict[str, Any]) -> list[Text]:
    shown = {
        **described,
        "created": described.get("created", "")[:10],
        "serves": _text(described["promoted"]),
        "state": described["problem"] or "whole",
    }
    return [Text(shown.get(column, "")) for column in _COLUMNS]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "\n".join(f"{key}: {json_library.dumps(each)}" for key, each in value.items())
    return "" if value is None else str(value)


def _console() -> Console:
    return Console(width=None if Console().is_terminal else 160, highlight=False)
