"""`precis gate score` and `precis gate evaluate`: try the gate on a text, and on judged texts."""

import json as json_library
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.gates import JsonOption
from precis.errors import InputError
from precis.settings import load_settings

if TYPE_CHECKING:
    from eval.bootstrap import Interval
    from eval.gate_evaluation import GateFigures, GroupFigures

_LONGEST = 20_000  # characters


def score(
    text: Annotated[
        str | None,
        typer.Argument(help="The text; without it, standard input.", show_default=False),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Score a text: its scores, the thresholds, and the words that weighed most.

    \b
    precis gate score "You are such an idiot"
    precis gate score < message.txt
    """
    from worker.gate.explanation import heaviest_words  # noqa: PLC0415 - torch takes a second
    from worker.gate.loading import load_scorer  # noqa: PLC0415
    from worker.gate.policy import crossed  # noqa: PLC0415

    said = sys.stdin.read() if text is None else text
    if not said.strip():
        raise InputError("there is no text to score; give one")
    if len(said) > _LONGEST:
        raise InputError(f"the text is longer than {_LONGEST:,} characters; give a shorter one")
    scorer = load_scorer(load_settings())
    [scores] = scorer.score([said])
    label = crossed(scores, scorer.thresholds)
    worst = label or max(scores, key=lambda each: scores[each] / scorer.thresholds[each])
    words = heaviest_words(scorer, said, worst)
    if json:
        found = {
            "gate": scorer.name,
            "toxic": label is not None,
            "label": label,
            "scores": scores,
            "thresholds": dict(scorer.thresholds),
            "words": [asdict(word) for word in words],
        }
        typer.echo(json_library.dumps(found, indent=2, ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("label", "score", "threshold", ""):
        table.add_column(column, justify="left" if column in ("label", "") else "right")
    for name, each in scores.items():
        over = "over" if each >= scorer.thresholds[name] else ""
        table.add_row(name, f"{each:.3f}", f"{scorer.thresholds[name]:.2f}", over)
    console = Console(highlight=False)
    console.print("Toxic" if label else "Not toxic", f"({scorer.name})", markup=False)
    console.print(table)
    if words:
        told = ", ".join(f"{word.word} ({word.drop:+.2f})" for word in words)
        console.print(Text(f"Words that weighed most in {worst}: {told}"))


def evaluate(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Files of judged texts: csv, tsv or jsonl, also gzipped.",
            exists=True,
            dir_okay=False,
        ),
    ],
    text: Annotated[str, typer.Option(help="The column that holds the text.")] = "text",
    label: Annotated[
        str, typer.Option(help="The column that says 1 (toxic) or 0 (harmless).")
    ] = "label",
    group: Annotated[
        str | None, typer.Option(help="A column by which false alarms are told apart.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Measure the gate on texts that people judged: AUC, precision, recall, F1, false alarms.

    Each figure has its 95 % interval. Labels may also be words, such as toxic and harmless, hateful
    and non-hateful, OFFENSE and OTHER.

    \b
    precis gate evaluate moderated.csv
    precis gate evaluate --text message --label verdict --group channel decisions.jsonl
    """
    from eval.gate_evaluation import evaluate_gate  # noqa: PLC0415 - torch takes a second
    from eval.judged_texts import Columns, read_judged_texts  # noqa: PLC0415
    from worker.gate.loading import load_scorer  # noqa: PLC0415

    columns = Columns(text, label, group)
    read = {path: read_judged_texts(path, columns) for path in files}
    scorer = load_scorer(load_settings())
    found = {str(path): evaluate_gate(scorer, texts) for path, texts in read.items()}
    if json:
        shown = {"gate": scorer.name, "files": {name: asdict(each) for name, each in found.items()}}
        typer.echo(json_library.dumps(shown, indent=2, ensure_ascii=False))
        return
    console = Console(highlight=False)
    for name, figures in found.items():
        _print(console, name, figures, by_group=group is not None)


def _print(console: Console, name: str, figures: "GateFigures", *, by_group: bool) -> None:
    console.print(Text(f"{name}: {figures.texts} texts, {figures.toxic} of them toxic"))
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column("figure", justify="right")
    table.add_column("95 % interval", justify="right")
    for title, value in (
        ("AUC (toxicity)", figures.auc),
        ("AUC (highest label)", figures.auc_of_any),
        ("precision", figures.precision),
        ("recall", figures.recall),
        ("F1", figures.f1),
        ("false alarms", figures.alarms),
    ):
        table.add_row(title, *_shown(value))
    console.print(table)
    if by_group:
        console.print(_group_table(figures.groups))


def _group_table(groups: "tuple[GroupFigures, ...]") -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("group", "toxic", "found", "", "harmless", "false alarms", ""):
        table.add_column(column, justify="left" if column == "group" else "right", overflow="fold")
    for each in groups:
        cells: tuple[Any, ...] = (
            Text(each.group), str(each.toxic), *_shown(each.found), str(each.harmless),
            *_shown(each.alarms),
        )  # fmt: skip
        table.add_row(*cells)
    return table


def _shown(value: "Interval | None") -> tuple[str, str]:
    if value is None:
        return "–", ""
    return f"{value.mean:.3f}", f"{value.low:.3f} to {value.high:.3f}"
