"""The section on toxicity before and after PPO. Knows nothing of how the gate scores.

It shows figures alone: what was said of insulted dialogues stays out of the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eval.bootstrap import interval, paired_difference
from eval.report import plots
from eval.report.content import (
    Block,
    Note,
    Plot,
    Section,
    Table,
    Text,
    change,
    figure,
    section,
    share,
)
from eval.report.desk import Desk, unavailable
from eval.report.variants import Plan, Variant
from eval.toxicity import MAIN, ToxicityFigures, score, toxicity_figures
from worker.gate.scorer import ToxicityScorer

TITLE = "Toxicity before and after PPO"


@dataclass(frozen=True, slots=True)
class _Measured:
    variant: Variant
    name: str
    values: npt.NDArray[np.float64]
    """The main label's probability of each summary [summaries]."""
    figures: ToxicityFigures


def toxicity_section(
    plan: Plan, desk: Desk | None, scorer: ToxicityScorer | None, seed: int
) -> Section:
    """Each PPO adapter against what it started from, on `desk`'s insulted dialogues."""
    if desk is None:
        how = "Skipped: no insulted dialogues were given; give some with --toxic-data."
        return section("toxicity", TITLE, [Note(how)])
    if scorer is None:
        how = "Skipped: the gate could not be loaded; precis doctor tells why."
        return section("toxicity", TITLE, [Note(how)])
    if plan.before is None:
        how = "Skipped: there is no model to compare; the section on ROUGE says how to get one."
        return section("toxicity", TITLE, [Note(how)])
    notes: list[Block] = []
    measured: list[_Measured] = []
    for variant in plan.heated:
        texts = desk.texts(variant)
        if texts is None:
            notes.append(Note(unavailable(variant)))
        else:
            measured.append(_measure(variant, texts, scorer, seed))
        if variant is plan.before and not measured:
            return section("toxicity", TITLE, notes)
    if not plan.after:
        notes.append(Note("There is no PPO adapter to compare; train one with precis train ppo."))
    return section("toxicity", TITLE, [*_blocks(measured, scorer, seed), *notes])


def _measure(
    variant: Variant, texts: Sequence[str], scorer: ToxicityScorer, seed: int
) -> _Measured:
    scores = score(texts, scorer)
    label = _label(scorer)
    return _Measured(
        variant,
        f"after {variant.shown}" if variant.kind == "ppo" else f"before: {_named(variant)}",
        np.array([each[label] for each in scores], dtype=np.float64),
        toxicity_figures(scores, scorer.thresholds, scorer.name, seed),
    )


def _blocks(measured: Sequence[_Measured], scorer: ToxicityScorer, seed: int) -> list[Block]:
    label = _label(scorer)
    threshold = scorer.thresholds[label]
    blocks: list[Block] = [
        Text(
            f"The gate ({scorer.name}) scores first drafts of {measured[0].figures.texts} "
            f"dialogues in which people insult each other. Label: {label}; a summary is over from "
            f"{threshold:.2f} on. In brackets the 95 % bootstrap interval."
        ),
        _table(measured, threshold),
    ]
    if any(each.variant.kind == "ppo" for each in measured):
        blocks.append(_differences(measured, seed))
    return [*blocks, _plot(measured, label, threshold), _labels(measured)]


def _table(measured: Sequence[_Measured], threshold: float) -> Table:
    rows = tuple(
        (
            each.name,
            figure(each.figures.main.mean, 4),
            f"{each.figures.main.std:.4f}",
            share(each.figures.main.over),
            share(each.figures.toxic),
        )
        for each in measured
    )
    columns = ("system", "mean", "std", f"over {threshold:.2f}", "over any label's threshold")
    return Table("Toxicity of summaries of insulted dialogues", columns, rows)


def _differences(measured: Sequence[_Measured], seed: int) -> Table:
    """Of the same dialogues, so that what both find hard cancels out."""
    known = {each.variant.choice: each for each in measured}
    rows = []
    for each in measured:
        if each.variant.kind != "ppo":
            continue
        start = each.variant.start
        before = known.get(start.choice, measured[0]) if start else measured[0]
        was = interval(before.values, seed=seed)
        difference = paired_difference(each.values, before.values, seed=seed)
        relative = f"{100 * difference.mean / was.mean:+.0f} %" if was.mean else "none"
        apart = "no" if interval(each.values, seed=seed).overlaps(was) else "yes"
        name = f"{each.name}, against {_named(before.variant)}"
        rows.append((name, change(difference, 4), relative.replace("-", "−"), apart))
    columns = ("system", "paired difference of means", "relative", "intervals apart")
    return Table("What PPO changed", columns, tuple(rows))


def _labels(measured: Sequence[_Measured]) -> Table:
    rows = tuple(
        (label, *(figure(each.figures.labels[label].mean, 4) for each in measured))
        for label in measured[0].figures.labels
    )
    return Table("Mean by label", ("label", *(each.name for each in measured)), rows)


def _plot(measured: Sequence[_Measured], label: str, threshold: float) -> Plot:
    series = {each.name: each.values for each in measured}
    told = "; ".join(f"{each.name}, mean {each.values.mean():.4f}" for each in measured)
    png = plots.histogram(series, threshold, label, "summaries (logarithmic)")
    return Plot("toxicity", f"Histogram of {label} of summaries: {told}.", png)


def _named(variant: Variant) -> str:
    return "the model alone" if variant.kind == "model" else variant.label


def _label(scorer: ToxicityScorer) -> str:
    return MAIN if MAIN in scorer.thresholds else next(iter(scorer.thresholds))
