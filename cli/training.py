"""`precis train …`: trains the models that Précis ships or serves."""

import json as json_library
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cli import comparing, refreshing, training_data, training_runs
from cli.training_means import bar, training_libraries
from precis.settings import load_settings

app = typer.Typer(help="Train the models that Précis ships or serves.", no_args_is_help=True)
app.command("full")(training_runs.full)
app.command("lora")(training_runs.lora)
app.command("prompt-tuning")(training_runs.prompt_tuning)
app.command("reward")(training_runs.reward)
app.command("compare")(comparing.compare)
app.command("insults")(training_runs.insults)
app.command("ppo")(training_runs.ppo)
app.command("export")(training_data.export)
app.command("refresh")(refreshing.refresh)
app.command("runs")(refreshing.runs)


@app.callback()
def _group() -> None:
    """Train the models that Précis ships or serves."""


@app.command()
def gate(
    data: Annotated[
        Path,
        typer.Option(
            help="Folder that holds toxicity/, dialogsum/ and irc/.",
            envvar="PRECIS_DATA",
            exists=True,
            file_okay=False,
        ),
    ],
    output: Annotated[
        Path | None, typer.Option(help="Folder to write to; default: gate/ in PRECIS_MODELS.")
    ] = None,
    epochs: Annotated[int, typer.Option(help="Passes over the data.", min=1)] = 2,
    seed: Annotated[int, typer.Option(help="For the same gate again.")] = 0,
    examples: Annotated[
        int | None, typer.Option(help="Train on so many examples only: a trial.", min=1)
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Train the embedded gate (an hour on 2 cores); resumes if it was interrupted.

    \b
    precis train gate --data ~/data
    precis train gate --data ~/data --examples 2000 --output /tmp/trial
    """
    with training_libraries():
        from training.gate import GateConfig, train_gate  # noqa: PLC0415
        from training.gate_report import judge, save_gate  # noqa: PLC0415
    folder = output or load_settings().models / "gate"
    config = GateConfig(data=data, output=folder, epochs=epochs, seed=seed, examples=examples)
    with bar() as progress:
        network, tokenizer = train_gate(config, progress)
        progress("judging", 1.0)
        thresholds, figures = judge((network, tokenizer), config)
    manifest = save_gate(network, config, thresholds, figures)
    if json:
        typer.echo(json_library.dumps(manifest.metrics, indent=2))
    else:
        _print(thresholds, figures)
        typer.echo(f"Written to {folder}.")


def _print(thresholds: dict[str, float], figures: dict[str, Any]) -> None:
    table = Table(title="Test split, each source by itself", box=None)
    for column in ("source", "label", "positives", "AUC", "precision", "recall"):
        table.add_column(column, justify="left" if column in ("source", "label") else "right")
    for source, each in figures["sources"].items():
        shown = [f"{each[key]:.3f}" for key in ("auc", "precision", "recall")]
        table.add_row(source, each["label"], str(each["positives"]), *shown)
    console = Console()
    console.print(table)
    for source, each in figures["called_toxic"].items():
        console.print(f"{source}: {100 * each['share']:.2f} % of {each['texts']} called toxic")
    limits = ", ".join(f"{label} {limit:.2f}" for label, limit in thresholds.items())
    console.print(f"Thresholds: {limits}")
