"""What moderators decided, as examples for the gate: `gate.jsonl` of `precis train export`.

Split by text as `training.gate_data` splits its own, so that no text is both learned and judged
by: of decisions, a fifth is held out. Old examples are replayed beside them. Knows nothing of
models.
"""

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from eval.passages import as_read
from precis.errors import InputError
from training.gate_data import ORDINARY, TEMPLATES, GateData, template_examples
from training.gate_examples import CLEAN, UNKNOWN, Example
from worker.gate.network import LABELS

DECIDED = "decided"
"""The source of these examples."""
Item = TypeVar("Item")
_IN_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_HARMLESS = (*ORDINARY, TEMPLATES)
"""The sources of talk that is no harder than ordinary talk."""


@dataclass(frozen=True)
class HeldOut:
    """What two gates are compared on; neither was trained on any of it."""

    decided: tuple[Example, ...]
    """Of what moderators decided."""
    old: tuple[Example, ...]
    """Of what the serving gate was trained for: abuse and ordinary talk."""
    ordinary: tuple[str, ...]
    """Talk of which hardly anything may be called toxic."""


def read_lessons(path: Path) -> list[Example]:
    """The examples of a `gate.jsonl`. Raises InputError, in one line, for what isn't one."""
    try:
        with path.open(encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines if line.strip()]
        return [_example(record) for record in records]
    except OSError as error:
        raise InputError(f"{path} can't be read ({error.strerror}); export it anew") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(
            f"{path} is no gate.jsonl of precis train export; export it anew"
        ) from None


def to_learn(examples: Sequence[Example]) -> list[Example]:
    """Those of what was decided that a candidate is trained on."""
    return [example for example in examples if example.split == "train"]


def held_out(
    examples: Sequence[Example], old: GateData | None, most: int = 3_000, seed: int = 0
) -> HeldOut:
    """What a candidate is judged by; at most so many old examples, and as many ordinary lines.

    Without old data, the project's own sentences of the test split.
    """
    chooser = random.Random(seed)
    known = _old(old, seed)
    # A sentence that posts of two splits have in common was trained on.
    learned = {example.text for example in (*known, *examples) if example.split == "train"}
    tests = [e for e in known if e.split == "test" and e.text not in learned]
    if old is None:
        ordinary = sorted(e.text for e in tests if not e.is_toxic)
    else:
        ordinary = sorted({line for lines in old.held_out_clean.values() for line in lines})
    return HeldOut(
        decided=tuple(e for e in examples if e.split != "train" and e.text not in learned),
        old=tuple(_some(tests, most, chooser)),
        ordinary=tuple(_some(ordinary, most, chooser)),
    )


def to_replay(
    old: GateData | None, count: int, toxic_share: float = 0.5, seed: int = 0
) -> list[Example]:
    """Old training examples, such a share of them toxic as far as there are so many.

    Half of the harmless ones are posts of the abuse sets, which are harder than ordinary talk.
    """
    chooser = random.Random(seed)
    known = [example for example in _old(old, seed) if example.split == "train"]
    toxic = [e for e in known if e.is_toxic]
    posts = [e for e in known if not e.is_toxic and e.source not in _HARMLESS]
    talk = [e for e in known if not e.is_toxic and e.source in _HARMLESS]
    chosen = _some(toxic, round(count * toxic_share), chooser)
    chosen += _some(posts, (count - len(chosen)) // 2, chooser)
    return chosen + _some(talk, count - len(chosen), chooser)


def ordinary_lines(old: GateData | None, seed: int = 0) -> list[str]:
    """Ordinary talk of the validation split, by which thresholds are set."""
    source = (TEMPLATES,) if old is None else ORDINARY
    return [
        example.text
        for example in _old(old, seed)
        if example.split == "validation" and example.source in source and not example.is_toxic
    ]


def _old(old: GateData | None, seed: int) -> list[Example]:
    return old.abuse + old.clean if old is not None else list(template_examples(seed))


def _example(record: Any) -> Example:
    labels = record["labels"]
    if float(labels["toxicity"]) not in (0.0, 1.0):
        raise ValueError
    known = tuple(float(labels.get(label, UNKNOWN)) for label in LABELS)
    harmless = float(labels["toxicity"]) == 0.0
    text = as_read(str(record["text"]))
    return Example(text, CLEAN if harmless else known, DECIDED, whole=_whole(text))


def _whole(text: str) -> str:
    """By what it is split: apart from old examples, for what nobody trained on may well be said.

    Splitting looks at a to z alone, so letters of other alphabets are spelled in those; else all
    that is said in them would be learned, and nothing held out.
    """
    others = "".join(each for each in text.casefold() if each.isalpha() and not each.isascii())
    spelled = hashlib.sha256(others.encode()).hexdigest().translate(_IN_LETTERS) if others else ""
    return f"decided {text} {spelled}"


def _some(items: Sequence[Item], most: int, chooser: random.Random) -> list[Item]:
    return chooser.sample(list(items), min(most, len(items)))
