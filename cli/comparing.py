"""`precis train compare`: the three supervised methods side by side."""

import json as json_library
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.training_means import bar, device_of, training_libraries
from cli.training_runs import (
    DataOption,
    DevOption,
    ExamplesOption,
    JsonOption,
    OutputOption,
    ProfileOption,
    SeedOption,
    needs_data,
    validation_of,
)
from precis.errors import InputError
from precis.settings import load_settings

_FIGURES = ("rouge1", "rouge2", "rougeL", "rougeLsum")


def compare(
    data: DataOption = "",
    dev: DevOption = None,
    profile: ProfileOption = None,
    output: OutputOption = None,
    epochs: Annotated[float, typer.Option(help="Passes over the data, each.", min=0.0)] = 1.0,
    examples: ExamplesOption = None,
    seed: SeedOption = 0,
    json: JsonOption = False,
) -> None:
    """Train full, LoRA and prompt tuning on the same data for as long, and judge them alike.

    Methods that are done aren't trained again. The table is also in OUTPUT/methods.json, which
    `precis eval report` shows when it lies beside the profile's model.

    \b
    precis train compare --data train.jsonl --dev held-out.jsonl --examples 3000
    """
    needs_data(data)
    judged = dev or validation_of(data)
    settings = load_settings()
    with training_libraries():
        from training.comparison import Comparison  # noqa: PLC0415
        from training.runs import Data  # noqa: PLC0415
        from worker.generators.profiles import profile_named  # noqa: PLC0415
    chosen = profile_named(profile or settings.profile, settings.models)
    if chosen.model is None:
        raise InputError(f"profile {chosen.name} has no model to train; use another one")
    folder = output or settings.home / "runs" / f"{chosen.name}-compared"
    folder.mkdir(parents=True, exist_ok=True)
    comparison = Comparison(
        chosen, Data(data, judged, examples), folder, epochs, device_of(settings), seed
    )
    with bar() as progress:
        made = comparison.run(progress)
    if json:
        typer.echo(json_library.dumps(made, indent=2))
        return
    table = Table("method", "trainable", "minutes", *_FIGURES, box=None, pad_edge=False)
    for row in made["rows"]:
        figures = [f"{row[name]:.3f}" for name in _FIGURES]
        table.add_row(
            row["method"], f"{row['trainable']:,}", f"{row['seconds'] / 60:.1f}", *figures
        )
    Console(highlight=False).print(table)
