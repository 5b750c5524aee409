"""What `precis train export` wrote, split into what is learned and what candidates are judged by.

Dialogues are split by a hash of their text, so that one that is held out stays so: next week's
candidate doesn't learn what this week's was judged by. Says also what is missing where there is too
little. Knows nothing of models.
"""

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eval.dialogues import Dialogue, read_dialogues
from precis.errors import InputError
from training.gate_data import GateData
from training.gate_examples import Example
from training.gate_lessons import read_lessons
from training.insults import FEWEST_WORDS, MOST_WORDS, abusive_posts, insulted
from training.refresh.rule import FEWEST_TEXTS

GATE = "gate.jsonl"
PREFERENCES = "preferences.jsonl"
REFERENCES = "references.jsonl"
_HELD_OUT = 4
"""One of so many dialogues is held out."""


@dataclass(frozen=True)
class Least:
    """How much there must be for a candidate to be trained at all."""

    labels: int = 50
    """Decisions of each kind, that a text is toxic and that it is harmless."""
    summaries: int = 20
    """References or preferences."""


@dataclass(frozen=True)
class Amounts:
    """How much old data goes with the new; what fits one small server."""

    replayed: int = 400
    """Old dialogues that adapters are trained on beside the new ones."""
    judged: int = 120
    """Old dialogues that they are judged by, and as many with insults."""


@dataclass(frozen=True)
class Lessons:
    """What moderators and readers taught."""

    labels: tuple[Example, ...]
    """For the gate: all, split by their text (`Example.split`)."""
    summaries: tuple[Dialogue, ...]
    """References, and what people chose of two; each dialogue once."""

    @classmethod
    def read(cls, folder: Path) -> "Lessons":
        """The files of an export. Raises InputError, in one line, for what isn't one."""
        if not (folder / GATE).is_file():
            raise InputError(f"{folder} holds no {GATE}; give a folder of precis train export")
        return cls(tuple(read_lessons(folder / GATE)), tuple(_summaries(folder)))

    @property
    def toxic(self) -> int:
        return sum(example.is_toxic for example in self.labels)

    @property
    def harmless(self) -> int:
        return len(self.labels) - self.toxic

    def too_few_labels(self, least: Least) -> str | None:
        """How many decisions are missing, in words; None if there are enough."""
        found = ((self.toxic, "toxic"), (self.harmless, "harmless"))
        missing = [
            f"{least.labels - count} more decisions that a text is {kind}"
            for count, kind in found
            if count < least.labels
        ]
        return f"too little data: {' and '.join(missing)} are needed" if missing else None

    def too_few_summaries(self, least: Least) -> str | None:
        """How many references or preferences are missing, in words; None if there are enough."""
        count = least.summaries - len(self.summaries)
        if count <= 0:
            return None
        return f"too little data: {count} more references or preferences are needed"


@dataclass(frozen=True)
class Talk:
    """Dialogues for adapters, as `training.runs` takes them."""

    train: tuple[Dialogue, ...]
    """New ones and replayed ones."""
    insulting: tuple[Dialogue, ...]
    """Those that PPO samples on: with insults between the turns."""
    own: tuple[Dialogue, ...]
    """Held out, with what moderators or readers taught of them."""
    old: tuple[Dialogue, ...]
    """Held out, of the old data."""
    toxic: tuple[Dialogue, ...]
    """Held out, with insults that no candidate met."""

    @property
    def too_few(self) -> str | None:
        """How many dialogues are missing to judge by, in words; None if there are enough."""
        missing = FEWEST_TEXTS - len(self.own) - len(self.old)
        if missing <= 0:
            return None
        return (
            f"too little data: {missing} more dialogues are needed to judge by, for which one of "
            f"{_HELD_OUT} references and preferences is held out"
        )

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of each sort."""
        return {
            "to learn from": len(self.train),
            "new ones to judge by": len(self.own),
            "old ones to judge by": len(self.old),
            "with insults to judge by": len(self.toxic),
        }


def talk(lessons: Lessons, data: Path | None, amounts: Amounts, seed: int = 0) -> Talk:
    """What adapters learn and are judged by. `data`: the folder of public sets, None without."""
    own = [each for each in lessons.summaries if not held_out(each)]
    judged = [each for each in lessons.summaries if held_out(each)]
    replayed, old = _old(data, amounts, seed)
    met, unmet = _insults(lessons, data, seed)
    train = [*own, *replayed]
    aside = [*judged, *old][: max(amounts.judged, len(judged))]
    return Talk(
        train=tuple(train),
        insulting=tuple(insulted(train, met, seed)) if met else (),
        own=tuple(judged),
        old=tuple(old),
        toxic=tuple(insulted(aside, unmet, seed)) if unmet else (),
    )


def held_out(dialogue: Dialogue) -> bool:
    """Whether candidates are judged by it; by its text alone."""
    said = hashlib.sha256(dialogue.dialogue.encode()).digest()
    return int.from_bytes(said[:4]) % _HELD_OUT == 0


def _summaries(folder: Path) -> list[Dialogue]:
    found: dict[str, Dialogue] = {}
    for each in [*_chosen(folder / PREFERENCES), *_references(folder / REFERENCES)]:
        # Of one dialogue, what was written for it goes before what was chosen of two.
        found[each.dialogue] = each
    return list(found.values())


def _references(path: Path) -> list[Dialogue]:
    return read_dialogues(path) if path.is_file() and path.stat().st_size else []


def _chosen(path: Path) -> list[Dialogue]:
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines if line.strip()]
        return [_preferred(record, n) for n, record in enumerate(records, start=1)]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"{path} is no {PREFERENCES} of precis train export; export it anew"
        ) from None


def _preferred(record: Any, number: int) -> Dialogue:
    """Of two summaries the one that was chosen. Where nothing was, there is nothing to learn."""
    return Dialogue(f"preference {number}", str(record["dialogue"]), (str(record["chosen"]),))


def _old(
    data: Path | None, amounts: Amounts, seed: int
) -> tuple[Sequence[Dialogue], Sequence[Dialogue]]:
    """DialogSum's: some of the training split, and some of dev."""
    if data is None:
        return (), ()
    chooser = random.Random(seed)
    found = []
    for split, most in (("train", amounts.replayed), ("dev", amounts.judged)):
        every = read_dialogues(data / "dialogsum" / f"{split}.jsonl.gz")
        chosen = chooser.sample(every, min(most, len(every)))
        found.append([replace(each, id=f"old {each.id}") for each in chosen])
    return found[0], found[1]


def _insults(lessons: Lessons, data: Path | None, seed: int) -> tuple[Sequence[str], Sequence[str]]:
    """Toxic texts that candidates meet in training, and those that they are judged with."""
    toxic = [each for each in lessons.labels if each.is_toxic and _short(each.text)]
    met = [each.text for each in toxic if each.split == "train"]
    unmet = [each.text for each in toxic if each.split != "train"]
    if data is not None:
        met += abusive_posts(data, held_out=False, seed=seed)
        unmet += abusive_posts(data, held_out=True, seed=seed)
    return met, unmet


def _short(text: str) -> bool:
    """Something said in a chat, on one line."""
    return "\n" not in text and FEWEST_WORDS <= len(text.split()) <= MOST_WORDS


def gate_data(data: Path | None, seed: int = 0) -> GateData | None:
    """The gate's old data, where there is a folder of it."""
    return GateData(data, seed=seed) if data is not None else None
