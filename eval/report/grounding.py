"""The section on faithfulness with and without grounding. Knows nothing of how it is judged."""

from collections.abc import Callable

from eval.faithfulness import ORDERS, FaithfulnessFigures, faithfulness_figures, judge
from eval.report.content import Block, Note, Section, Table, Text, section, share
from eval.report.desk import Desk, Stages, unavailable
from eval.report.variants import Plan
from eval.wording import NEAR
from worker.embeddings import SentenceEncoder

TITLE = "Faithfulness with and without grounding"


def faithfulness_section(
    plan: Plan, desk: Desk, encoder: Callable[[], SentenceEncoder], stages: Stages, seed: int
) -> Section:
    """What serves, by its first drafts and as the worker runs it."""
    if plan.draft is None or plan.served is None:
        how = "Skipped: nothing serves with a model; the section on ROUGE says how to get one."
        return section("faithfulness", TITLE, [Note(how)])
    columns: list[tuple[str, FaithfulnessFigures]] = []
    notes: list[Block] = []
    for name, variant in (("without", plan.draft), ("with", plan.served)):
        made = desk.summaries(variant)
        if made is None:
            notes.append(Note(unavailable(variant)))
            continue
        judged = judge(desk.dialogues, made, encoder(), stages.next())
        columns.append((name, faithfulness_figures(judged, seed)))
    lead = Text(
        f"{plan.draft.shown}, on {len(desk.dialogues)} dialogues. A name, number or person that "
        "isn't in the dialogue is strange; a sentence is supported if its best turn supports it. "
        "The worker filters with these functions and this threshold (and by words like those that "
        "nobody knows), so with grounding these rows are near perfect by construction; the share "
        f"of a written sentence's content words that stand in {NEAR} turns in a row it doesn't "
        "look at. In brackets the 95 % bootstrap interval."
    )
    tables = [_table(columns)] if columns else []
    return section("faithfulness", TITLE, [lead, *tables, *notes])


def _table(columns: list[tuple[str, FaithfulnessFigures]]) -> Table:
    every = [figures for _, figures in columns]
    rows = [
        ("summaries with a strange name or number", *(share(f.strange) for f in every)),
        ("summaries with a word that nobody knows", *(share(f.unknown) for f in every)),
        ("sentences that a turn supports", *(share(f.supported) for f in every)),
        (
            f"content words of a written sentence that stand in {NEAR} turns in a row",
            *(share(f.shared) for f in every),
        ),
        *(
            (f"copied {order}-grams", *(share(f.copied[str(order)]) for f in every))
            for order in ORDERS
        ),
        ("sentences generated, not quoted", *(share(f.generated) for f in every)),
        ("empty summaries", *(share(f.empty / f.summaries) for f in every)),
    ]
    heads = ("", *(f"{name} grounding" for name, _ in columns))
    return Table("Faithfulness to the dialogue", heads, tuple(rows))
