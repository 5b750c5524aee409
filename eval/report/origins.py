"""The section on how the page was made: command, data, models, libraries.

No time of day, no path: the same inputs give the same page, wherever it is made. Models are
dated by their manifests.
"""

import json
import platform
import shlex
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from eval.dialogues import digest
from eval.fingerprints import model_digest
from eval.report.content import Block, Command, Section, Table, Text, section
from eval.report.request import Data, Request
from eval.report.variants import METHODS, Adapter, Plan
from precis import __version__
from worker.generators.profiles import Profile

LIBRARIES = ("torch", "transformers", "peft", "evaluate", "rouge_score", "numpy", "matplotlib")
_DIGITS = 16  # of a digest that are shown
_UNDATED = "not told"


def origins_section(request: Request, plan: Plan) -> Section:
    data = [request.data, *([request.toxic] if request.toxic else [])]
    blocks: list[Block] = [
        Text(f"Made on {request.device} by the command below; the same inputs give the same page."),
        Command(shlex.join(request.command)),
        _data_table(data),
    ]
    if plan.before is not None:
        blocks.append(_models_table(request.profile, plan.adapters))
    return section("origins", "How this page was made", [*blocks, _libraries_table()])


def _data_table(data: Sequence[Data]) -> Table:
    rows = tuple((each.source, str(len(each.dialogues)), digest(each.dialogues)) for each in data)
    return Table("Data", ("source", "dialogues", "digest"), rows)


def _models_table(profile: Profile, adapters: Sequence[Adapter]) -> Table:
    model = profile.model or ""
    folder = Path(model)
    base = (
        f"{folder.name if folder.is_dir() else model} (the model of profile {profile.name})",
        "full fine-tuning" if profile.local else "pretrained",
        model_digest(model, profile.revision).removeprefix(f"{model}@")[:_DIGITS],
        _created(folder),
    )
    rows = [
        (
            f"{each.folder.name} (promoted)" if each.promoted else each.folder.name,
            METHODS[each.manifest.method],
            each.manifest.sha256[:_DIGITS],
            each.manifest.created.date().isoformat(),
        )
        for each in adapters
    ]
    return Table("Models", ("model", "method", "digest or revision", "created"), (base, *rows))


def _created(folder: Path) -> str:
    """The day in a model's manifest, as `precis train full` writes it."""
    try:
        created = json.loads((folder / "manifest.json").read_bytes())["created"]
        return str(created)[:10]
    except (OSError, ValueError, KeyError, TypeError):
        return _UNDATED


def _libraries_table() -> Table:
    rows = [(name, version(name)) for name in LIBRARIES]
    first = (("precis", __version__), ("python", platform.python_version()))
    return Table("Versions", ("library", "version"), (*first, *rows))
