"""The sections on training: reward and KL of PPO, and the methods compared.

Both are read from files that training leaves beside its models. Knows nothing of training.
"""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from eval.report import plots
from eval.report.content import Block, Note, Plot, Section, Table, Text, section
from eval.report.variants import Adapter
from eval.tables import TITLES
from precis.frozen import Frozen

HISTORIES = ("history.json", "history.jsonl")
METHODS_FILE = "methods.json"
CURVES_TITLE = "PPO: reward and KL"
METHODS_TITLE = "Training methods compared"

_PANELS: dict[str, dict[str, str]] = {  # title: line: field of a step's record
    "reward": {
        "reward": "reward",
        "running mean": "running_reward",
        f"running mean{plots.BAND}": "running_reward_std",
    },
    "KL to the reference": {
        "KL": "kl",
        "running mean": "running_kl",
        f"running mean{plots.BAND}": "running_kl_std",
    },
    "weight of the KL penalty": {"beta": "beta"},
    "losses": {"policy": "policy_loss", "value": "value_loss"},
}


class _Row(Frozen):
    method: str
    trainable: Annotated[int, Field(ge=0)]
    total: Annotated[int, Field(gt=0)]
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    rouge1: Annotated[float, Field(allow_inf_nan=False)]
    rouge2: Annotated[float, Field(allow_inf_nan=False)]
    rougeL: Annotated[float, Field(allow_inf_nan=False)]  # noqa: N815 - the metric's own name
    rougeLsum: Annotated[float, Field(allow_inf_nan=False)]  # noqa: N815


class _Methods(Frozen):
    start: str
    budget: dict[str, Any]
    rows: Annotated[tuple[_Row, ...], Field(min_length=1)]


def curves_section(adapters: Sequence[Adapter]) -> Section:
    """A plot for each PPO adapter that has a history."""
    trained = [each for each in adapters if each.manifest.method == "ppo"]
    blocks: list[Block] = []
    for adapter in trained:
        blocks += _curves(adapter)
    if not trained:
        blocks.append(Note("There is no PPO adapter; train one with precis train ppo."))
    return section("ppo", CURVES_TITLE, blocks)


def methods_section(folder: Path | None) -> Section:
    """The comparison of methods on the same data with the same budget.

    `folder` is that of the profile's own model, which holds it; None: the model is a hub's.
    """
    if folder is None:
        how = "Skipped: the profile has no model folder, beside which a comparison would lie."
        return section("methods", METHODS_TITLE, [Note(how)])
    path = folder / METHODS_FILE
    try:
        methods = _Methods.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        how = (
            f"Skipped: models/{folder.name}/{METHODS_FILE} isn't there; it is written where full "
            "fine-tuning, LoRA and prompt tuning are trained with the same budget."
        )
        return section("methods", METHODS_TITLE, [Note(how)])
    except (OSError, ValidationError):
        how = f"Skipped: models/{folder.name}/{METHODS_FILE} is damaged; restore it."
        return section("methods", METHODS_TITLE, [Note(how)])
    budget = ", ".join(f"{key} {value}" for key, value in methods.budget.items())
    lead = Text(f"All start from {methods.start}. The budget of each: {budget or 'not told'}.")
    return section("methods", METHODS_TITLE, [lead, _methods_table(methods)])


def _methods_table(methods: _Methods) -> Table:
    rows = tuple(
        (
            row.method,
            f"{row.trainable:,}",
            f"{row.total:,}",
            f"{100 * row.trainable / row.total:.2f} %",
            f"{row.seconds / 60:.1f}",
            *(f"{getattr(row, kind):.3f}" for kind in TITLES),
        )
        for row in methods.rows
    )
    columns = ("method", "trainable parameters", "of", "share", "minutes", *TITLES.values())
    return Table("Methods on the same data with the same budget", columns, rows)


def _curves(adapter: Adapter) -> list[Block]:
    name = adapter.folder.name
    path = next((p for each in HISTORIES if (p := adapter.folder / each).is_file()), None)
    if path is None:
        how = f"Adapter {name} has no {HISTORIES[0]}; precis train ppo writes it."
        return [Note(how)]
    records = _records(path)
    panels = _panels(records)
    if not panels:
        return [Note(f"Adapter {name}: {path.name} can't be read; train it again, or restore it.")]
    steps = [each["step"] for each in records]
    alt = (
        f"Curves of {', '.join(panels)} over {len(records)} steps of adapter {name}. "
        f"{_told(records)}"
    )
    return [
        Text(f"{name}: {_told(records)}"),
        Plot(f"ppo-{name}", alt, plots.curves(steps, panels)),
    ]


def _records(path: Path) -> list[dict[str, float]]:
    """The steps' records in order of step: their numbers alone; none if the file is damaged."""
    try:
        text = path.read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if line.strip()]
        loaded = json.loads(text) if path.suffix == ".json" else [json.loads(x) for x in lines]
        found = [_numbers(each) for each in loaded]
    except (OSError, ValueError, TypeError, AttributeError):
        return []
    return sorted((each for each in found if "step" in each), key=lambda each: each["step"])


def _numbers(record: Mapping[str, Any]) -> dict[str, float]:
    return {
        key: float(value)
        for key, value in record.items()
        if isinstance(value, int | float) and math.isfinite(value)
    }


def _panels(records: Sequence[Mapping[str, float]]) -> dict[str, dict[str, list[float]]]:
    """What every step has, by panel and line."""
    panels = {}
    for title, lines in _PANELS.items():
        there = {
            line: [each[field] for each in records]
            for line, field in lines.items()
            if records and all(field in each for each in records)
        }
        there = {k: v for k, v in there.items() if k.removesuffix(plots.BAND) in there}
        if there:
            panels[title] = there
    return panels


def _told(records: Sequence[Mapping[str, float]]) -> str:
    """The first and the last step in words."""
    first, last = records[0], records[-1]
    told = [
        f"{name} from {first[field]:.3f} to {last[field]:.3f}"
        for name, field in (("reward", "reward"), ("KL", "kl"))
        if field in first and field in last
    ]
    return f"{len(records)} steps" + (f"; {'; '.join(told)}." if told else ".")
