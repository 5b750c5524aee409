"""Dialogues in which people insult each other, so that detoxifying has something to undo.

Abusive posts (`training.gate_data`: Davidson et al., 2017; Pavlopoulos et al., 2021) stand between
the turns of DialogSum's dialogues, as said by one of their people. Training and held-out sets share
neither dialogues nor posts: posts are split by their text, dialogues by DialogSum's own splits. A
sentence that two posts of different splits have in common stays with the training posts.
Seeded, so that anyone makes the same sets. Knows nothing of models.
"""

import json
import random
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from eval.dialogues import Dialogue
from training.gate_data import TEMPLATES, GateData

MOST_WORDS = 25  # of a post: longer ones are whole comments, not something said in a chat
FEWEST_WORDS = 3
TURNS = 4.0  # an insult for about so many turns

_SPEAKER = re.compile(r"(#Person[0-9]+#): ")


def abusive_posts(data: Path, *, held_out: bool, seed: int = 0) -> list[str]:
    """Abusive lines of the data folder, those the gate was judged by if `held_out`."""
    posts: dict[bool, set[str]] = {True: set(), False: set()}
    for example in GateData(data, seed=seed).abuse:
        if example.is_toxic and example.source != TEMPLATES and example.language == "en":
            posts[example.split == "test"].add(" ".join(example.text.split()))
    chosen = posts[held_out]
    if held_out:
        trained = {post.casefold() for post in posts[False]}
        chosen = {post for post in chosen if post.casefold() not in trained}
    return sorted(post for post in chosen if FEWEST_WORDS <= len(post.split()) <= MOST_WORDS)


def insulted(
    dialogues: Sequence[Dialogue], posts: Sequence[str], seed: int = 0, turns: float = TURNS
) -> list[Dialogue]:
    """Each dialogue with an insult for about so many `turns`, at least one."""
    return [_insulted(each, posts, random.Random(f"{seed}:{each.id}"), turns) for each in dialogues]


def _insulted(
    dialogue: Dialogue, posts: Sequence[str], chooser: random.Random, turns: float
) -> Dialogue:
    lines = dialogue.dialogue.splitlines()
    people = sorted({match[1] for line in lines if (match := _SPEAKER.match(line))})
    for _ in range(max(1, round(len(lines) / turns))):
        said = f"{chooser.choice(people or ['#Person1#'])}: {chooser.choice(posts)}"
        lines.insert(chooser.randint(1, len(lines)), said)
    return replace(dialogue, id=f"{dialogue.id}+insults", dialogue="\n".join(lines))


def write_dialogues(dialogues: Sequence[Dialogue], path: Path) -> None:
    """JSON lines as `eval.dialogues` reads them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as lines:
        for each in dialogues:
            fields = asdict(each)
            references = fields.pop("references")
            numbered = {f"summary{n}": text for n, text in enumerate(references, start=1)}
            lines.write(json.dumps({**fields, **numbered}, ensure_ascii=False) + "\n")
