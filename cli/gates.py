"""`precis gate list | show | add | promote | rollback`: which gates there are, and which serves."""

import json as json_library
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from precis.errors import PrecisError
from precis.settings import load_settings
from worker.gate.registry import GateRegistry

app = typer.Typer(
    help="Toxicity gates: which there are, which one serves, and how well.", no_args_is_help=True
)

NameArgument = Annotated[
    str, typer.Argument(help="A gate, by the name that list prints.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_COLUMNS = ("name", "weights", "auc", "serves", "state")


@app.command("list")
def list_gates(json: JsonOption = False) -> None:
    """List the gates in PRECIS_MODELS, which one serves, and what is wrong with any.

    \b
    precis gate list
    precis gate list --json
    """
    registry = _registry()
    serving = registry.serving()
    gates = [_described(registry, name, name == serving) for name in registry.names()]
    if json:
        typer.echo(json_library.dumps(gates, indent=2))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in _COLUMNS:
        table.add_column(column, overflow="fold")
    for each in gates:
        table.add_row(*_row(each))
    _console().print(table)


@app.command()
def show(name: NameArgument, json: JsonOption = False) -> None:
    """Show what a gate was trained on and how, its thresholds and its figures.

    \b
    precis gate show shipped
    precis gate show shipped --json
    """
    manifest = _registry().check(name).model_dump(mode="json")
    if json:
        typer.echo(json_library.dumps(manifest, indent=2))
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for field, value in manifest.items():
        table.add_row(field, Text(_text(value)))
    _console().print(table)


@app.command()
def add(
    folder: Annotated[
        Path,
        typer.Argument(help="Folder of a gate that was trained.", exists=True, file_okay=False),
    ],
    name: Annotated[str, typer.Option(help="What it is to be called.", metavar="NAME")],
) -> None:
    """Copy a gate into PRECIS_MODELS, if it is whole.

    \b
    precis gate add ~/runs/gate --name november
    """
    target = _registry().add(folder, name)
    typer.echo(f"Gate {target.name} is in {target}; precis gate promote lets it serve.")


@app.command()
def promote(name: NameArgument) -> None:
    """Let a gate serve from now on, if it is whole; running workers take it up in seconds.

    \b
    precis gate promote november
    """
    _registry().promote(name)
    typer.echo(f"Gate {name} serves now.")


@app.command()
def rollback() -> None:
    """Let the gate that served before serve again; before the first there was the shipped one.

    \b
    precis gate rollback
    """
    typer.echo(f"Gate {_registry().rollback()} serves now.")


def _registry() -> GateRegistry:
    return GateRegistry(load_settings().models)


def _described(registry: GateRegistry, name: str, serves: bool) -> dict[str, Any]:
    """What `list` says of a gate, and any problem."""
    described: dict[str, Any] = {"name": name, "serves": serves, "problem": None}
    try:
        manifest = registry.check(name)
    except PrecisError as error:
        described["problem"] = str(error)
    else:
        described |= {"weights": manifest.sha256[:8], "thresholds": manifest.thresholds}
        described["metrics"] = manifest.metrics
    return described


def _row(described: dict[str, Any]) -> list[Text]:
    auc = _auc(described.get("metrics"))
    shown = {
        "name": described["name"],
        "weights": described.get("weights", ""),
        "auc": "" if auc is None else f"{auc:.4f}",
        "serves": "yes" if described["serves"] else "no",
        "state": described["problem"] or "whole",
    }
    return [Text(shown[column]) for column in _COLUMNS]


def _auc(metrics: Any) -> float | None:
    """The mean over the data sets, if the manifest, which anybody may have written, has it."""
    sources = metrics.get("sources") if isinstance(metrics, dict) else None
    each = [one.get("auc") for one in sources.values()] if isinstance(sources, dict) else []
    known = [one for one in each if isinstance(one, float)]
    return sum(known) / len(known) if known else None


def _text(value: object) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{key}: {json_library.dumps(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return "" if value is None else str(value)


def _console() -> Console:
    return Console(width=None if Console().is_terminal else 160, highlight=False)
