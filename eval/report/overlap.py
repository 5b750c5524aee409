"""The section on ROUGE, by variant. Knows nothing of how ROUGE counts."""

from collections.abc import Sequence

from eval.overlap import RougeFigures, rouge_figures
from eval.report import plots
from eval.report.content import Block, Note, Plot, Section, Table, Text, figure, section
from eval.report.desk import Desk, unavailable
from eval.report.variants import Plan, Variant
from eval.tables import TITLES

PLOTTED = ("rouge1", "rouge2", "rougeL")  # Lsum differs little from L where summaries are short
COLOURS = {
    "baseline": plots.GREY,
    "model": plots.BLUE,
    "lora": plots.ORANGE,
    "prompt-tuning": plots.ORANGE,
    "ppo": plots.GREEN,
    "served": plots.RED,
}


def rouge_section(plan: Plan, desk: Desk, seed: int) -> Section:
    """Table and bars of every variant that can be had; a note for each that can't."""
    references = [each.references for each in desk.dialogues]
    measured: list[tuple[Variant, RougeFigures]] = []
    notes = [Note(line) for line in plan.notes]
    for variant in plan.compared:
        texts = desk.texts(variant)
        if texts is None:
            notes.append(Note(unavailable(variant)))
        else:
            measured.append((variant, rouge_figures(texts, references, seed)))
    blocks: list[Block] = [
        Text(
            f"F1 against human summaries of {len(references)} dialogues, with stemming; in "
            "brackets the 95 % bootstrap interval. Models by their first drafts; what serves "
            "also with the gate and grounding, as the worker runs it."
        ),
        _table(measured),
        _plot(measured),
        *notes,
    ]
    return section("rouge", "ROUGE by variant", blocks)


def _table(measured: Sequence[tuple[Variant, RougeFigures]]) -> Table:
    rows = tuple(
        (variant.shown, *(figure(figures[kind]) for kind in TITLES))
        for variant, figures in measured
    )
    return Table("ROUGE F1 (95 % interval)", ("variant", *TITLES.values()), rows)


def _plot(measured: Sequence[tuple[Variant, RougeFigures]]) -> Plot:
    panels = {TITLES[kind]: [figures[kind] for _, figures in measured] for kind in PLOTTED}
    told = "; ".join(
        f"{variant.shown} {figures['rouge1'].mean:.3f}" for variant, figures in measured
    )
    png = plots.bars(
        [variant.shown for variant, _ in measured],
        panels,
        [COLOURS.get(variant.kind, plots.ORANGE) for variant, _ in measured],
    )
    return Plot("rouge", f"Bars of ROUGE-1, -2 and -L with intervals. ROUGE-1: {told}.", png)
