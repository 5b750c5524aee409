"""Sentences written for this project, made from templates, to teach the gate.

    gate_templates/LANGUAGE/slots.toml    what the slots may hold
    gate_templates/LANGUAGE/KIND.toml     the templates of one kind, and the labels of that kind

Data sets of abuse mention some groups mostly in abuse and hardly hold a threat, so a classifier
learns to shun the mention itself (Dixon et al., 2018) and misses what is said without swear words.
These sentences are a contrastive set: harmful ones, and harmless ones in the same words. Knows
nothing of models.
"""

import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "gate_templates"
SLOTS = "slots.toml"
_SLOT = re.compile(r"\{(?P<slot>[A-Za-z]\w*?)(?P<number>\d?)(?:\.(?P<form>\w+))?\}")

Slots = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence with slots, such as `{Group.plural} don't belong here.`"""

    text: str
    kind: str
    """The file that it is in, such as `threats_person`."""
    language: str
    positive: frozenset[str]
    """Labels that are 1 for every sentence of the kind."""
    unknown: frozenset[str]
    """Labels that the kind says nothing about; all others are 0."""

    def fill(self, slots: Slots, chooser: random.Random) -> str:
        """The sentence with a random value in every slot; a repeated slot repeats its value."""
        chosen: dict[str, Any] = {}

        def value(match: re.Match[str]) -> str:
            slot, number, form = match["slot"], match["number"], match["form"]
            name = slot.lower()
            key = name + number
            if key not in chosen:
                taken = [chosen[other] for other in chosen if other.rstrip("0123456789") == name]
                free = [each for each in slots[name] if each not in taken]
                chosen[key] = chooser.choice(free or list(slots[name]))
            word = str(chosen[key][form] if form else chosen[key])
            return word[:1].upper() + word[1:] if slot[:1].isupper() else word

        return _SLOT.sub(value, self.text)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A filled-in template."""

    text: str
    template: Template


def load_templates(folder: Path = FOLDER) -> list[Template]:
    """All templates, in a fixed order. Raises ValueError for a file that is wrong."""
    found: list[Template] = []
    for path in sorted(folder.glob("*/*.toml")):
        if path.name != SLOTS:
            found += _read(path, load_slots(path.parent))
    return found


def make_sentences(
    each: int = 8, seed: int = 0, templates: Sequence[Template] | None = None, folder: Path = FOLDER
) -> Iterator[Sentence]:
    """`each` different sentences of every template with slots, one of every other."""
    chooser = random.Random(seed)
    for template in load_templates(folder) if templates is None else templates:
        slots = load_slots(folder / template.language)
        tries = each if _SLOT.search(template.text) else 1
        for text in sorted({template.fill(slots, chooser) for _ in range(tries)}):
            yield Sentence(text, template)


@cache
def load_slots(folder: Path) -> Slots:
    """The slots of a language's folder."""
    with (folder / SLOTS).open("rb") as file:
        return tomllib.load(file)


def _read(path: Path, slots: Slots) -> Iterator[Template]:
    from worker.gate.network import LABELS  # noqa: PLC0415 - torch takes a second to import

    with path.open("rb") as file:
        content = tomllib.load(file)
    positive, unknown = frozenset(content["labels"]), frozenset(content.get("unknown", ()))
    if not positive | unknown <= set(LABELS) or positive & unknown:
        raise ValueError(f"{path}: labels must be some of {', '.join(LABELS)}, each given once")
    for line in content["templates"].splitlines():
        if text := line.strip():
            for match in _SLOT.finditer(text):
                _check_slot(path, slots, match)
            yield Template(text, path.stem, path.parent.name, positive, unknown)


def _check_slot(path: Path, slots: Slots, match: re.Match[str]) -> None:
    values = slots.get(match["slot"].lower())
    form = match["form"]
    if not values or any((form not in v) if form else isinstance(v, dict) for v in values):
        raise ValueError(f"{path}: there is no slot {match[0]}")
