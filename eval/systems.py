"""What can be evaluated, behind one protocol, and the baselines: systems without a model.

lead-3 takes the first three turns, longest-3 the three longest (Gliwa et al., 2019, who found
them hard to beat on chats), extractive what the embedded worker quotes. Knows nothing of
metrics; `eval.generated` has the systems with a model.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, Protocol

from eval.dialogues import Dialogue
from eval.fingerprints import extractive_code
from eval.passages import in_data_numbers, passages, speeches
from worker.embeddings import sentence_encoder
from worker.generators.extractive import extract

Origin = Literal["generated", "extracted"]
Progress = Callable[[str, float], None]
"""Is told what goes on, and what share of it is done (0 to 1)."""

CHUNK = 64
"""Dialogues handed on at a time; generators make their own batches of them."""
TURNS = 3


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    """With people as the data numbers them."""
    origin: Origin


@dataclass(frozen=True, slots=True)
class Summary:
    """What a system says of one dialogue; no sentences where it says nothing."""

    sentences: tuple[Sentence, ...]

    @property
    def text(self) -> str:
        return " ".join(sentence.text for sentence in self.sentences)


class System(Protocol):
    """Summarises dialogues."""

    @property
    def name(self) -> str:
        """What tables call it."""

    @property
    def settings(self) -> dict[str, Any]:
        """All that decides what it says, for reports and caches: JSON, with digests of weights.

        Can be had without loading a model. Raises ModelError where an adapter isn't there.
        """

    def prepare(self) -> None:
        """Load what there is to load. Raises ModelError."""

    def summaries(self, dialogues: Sequence[Dialogue], progress: Progress) -> list[Summary]:
        """One summary a dialogue, in order. Raises ModelError if its model can't be had."""


class Baseline:
    """A system that needs no model: `say` gives a dialogue's sentences, all extracted."""

    def __init__(self, name: str, say: Callable[[Dialogue], list[str]], **settings: Any) -> None:
        self.name = name
        self.settings: dict[str, Any] = {"system": name, **settings}
        self._say = say

    def prepare(self) -> None:
        """Nothing to load."""

    def summaries(self, dialogues: Sequence[Dialogue], progress: Progress) -> list[Summary]:
        made = [extracted(self._say(dialogue)) for dialogue in dialogues]
        progress(self.name, 1.0)
        return made


class Extractive:
    """The embedded worker's quotes: `worker.generators.extractive`, without the gate."""

    name = "extractive"

    def __init__(self, device: str = "cpu") -> None:
        self._device = device
        self.settings: dict[str, Any] = {"system": self.name, "code": extractive_code()}

    def prepare(self) -> None:
        sentence_encoder(self._device)

    def summaries(self, dialogues: Sequence[Dialogue], progress: Progress) -> list[Summary]:
        made: list[Summary] = []
        for start in range(0, len(dialogues), CHUNK):
            chunk = dialogues[start : start + CHUNK]
            for passage in passages(chunk, sentence_encoder(self._device)):
                draft = extract(passage) if passage.turns else ()
                made.append(extracted([in_data_numbers(s.text, passage) for s in draft]))
            progress(self.name, len(made) / len(dialogues))
        return made


def lead(dialogue: Dialogue, turns: int = TURNS) -> list[str]:
    """The first turns, each `#PersonN#: text`."""
    return [f"{speaker}: {said}" for speaker, said in speeches(dialogue.dialogue)[:turns]]


def longest(dialogue: Dialogue, turns: int = TURNS) -> list[str]:
    """The turns of most characters, in their order; of equally long ones the first."""
    every = speeches(dialogue.dialogue)
    ranked = sorted(range(len(every)), key=lambda index: -len(every[index][1]))
    return [f"{every[index][0]}: {every[index][1]}" for index in sorted(ranked[:turns])]


def extracted(texts: Sequence[str]) -> Summary:
    """A summary of the dialogue's own words."""
    return Summary(tuple(Sentence(text, "extracted") for text in texts))


LEAD = partial(Baseline, f"lead-{TURNS}", lead)
LONGEST = partial(Baseline, f"longest-{TURNS}", longest)
