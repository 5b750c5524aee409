"""What every generator offers. Knows nothing of the gate, of names or of citations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from worker.pipeline.packing import Window
from worker.pipeline.passages import Passage
from worker.pipeline.prompts import Shots


@dataclass(frozen=True, slots=True)
class Decoding:
    """How to write; equal ones can share a batch."""

    shots: Shots = 0
    sample: bool = False
    """Sample instead of beam search: for another try when no beam was fit."""
    seconds: float | None = None
    """Longest time for a batch."""


@dataclass(frozen=True, slots=True)
class DraftSentence:
    text: str
    """With placeholders for people."""
    sources: tuple[int, ...] = ()
    """Indices of the messages it was taken from; empty where it was written anew."""
    sure: bool = True
    """Whether its writer would say it: likely enough, and no word of it is made up."""

    @property
    def origin(self) -> Literal["generated", "extracted"]:
        return "extracted" if self.sources else "generated"


Draft = tuple[DraftSentence, ...]


class Generator(Protocol):
    """Writes summaries of passages, in batches."""

    @property
    def name(self) -> str:
        """Which model, as stored with each summary."""

    @property
    def adapter(self) -> str | None:
        """Which adapter is merged in, if any."""

    @property
    def origin(self) -> Literal["generated", "extracted"]:
        """Whether sentences are written or taken from messages."""

    def window(self, shots: Shots) -> Window | None:
        """How much dialogue fits beside so many worked examples; None for any amount."""

    def generate(self, passages: Sequence[Passage], decoding: Decoding) -> list[list[Draft]]:
        """Candidates for each passage, best first; none where there is nothing fit to say."""
