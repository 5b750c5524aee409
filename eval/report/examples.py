"""The section of examples: the same dialogues, and what every system says of them.

Nobody wants insults on the page: insulted dialogues are never drawn, nor any in which the gate
minds a turn or a summary. Knows nothing of how summaries are made.
"""

from collections.abc import Sequence
from random import Random

from eval.dialogues import Dialogue
from eval.report.content import Example, Note, Section, Text, section
from eval.report.desk import Desk
from eval.report.variants import Plan
from eval.toxicity import score
from worker.gate.policy import crossed
from worker.gate.scorer import ToxicityScorer

SHOWN = 5
TITLE = "Examples side by side"
_NOTHING = "(nothing)"


def examples_section(
    plan: Plan,
    desk: Desk,
    insulted: Sequence[Dialogue],
    scorer: ToxicityScorer | None,
    seed: int,
) -> Section:
    """`SHOWN` dialogues drawn by `seed`, the reference of each, and each system's summary."""
    if scorer is None:
        how = "Skipped: without the gate no text may be shown; precis doctor tells what it lacks."
        return section("examples", TITLE, [Note(how)])
    answers = [
        (variant.shown, texts)
        for variant in plan.compared
        if (texts := desk.texts(variant)) is not None
    ]
    kept_out = {each.dialogue for each in insulted}
    shown: list[Example] = []
    for index in Random(seed).sample(range(len(desk.dialogues)), len(desk.dialogues)):
        dialogue = desk.dialogues[index]
        example = _example(dialogue, [(name, texts[index]) for name, texts in answers])
        if dialogue.dialogue not in kept_out and not _toxic(example, scorer):
            shown.append(example)
        if len(shown) == SHOWN:
            break
    if not shown:
        how = "Skipped: the gate minds every dialogue of the data; give others with --data."
        return section("examples", TITLE, [Note(how)])
    lead = Text(
        f"{len(shown)} dialogues, drawn by the seed from those in which the gate minds no turn and "
        "no summary."
    )
    return section("examples", TITLE, [lead, *shown])


def _example(dialogue: Dialogue, answers: Sequence[tuple[str, str]]) -> Example:
    people = dialogue.references
    named = [
        (f"reference {number}" if len(people) > 1 else "reference", text)
        for number, text in enumerate(people, start=1)
    ]
    return Example(
        title=dialogue.id,
        turns=tuple(line.strip() for line in dialogue.dialogue.splitlines() if line.strip()),
        answers=tuple((name, text or _NOTHING) for name, text in [*named, *answers]),
    )


def _toxic(example: Example, scorer: ToxicityScorer) -> bool:
    scores = score([*example.turns, *(text for _, text in example.answers)], scorer)
    return any(crossed(each, scorer.thresholds) for each in scores)
