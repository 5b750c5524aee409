"""What every toxicity scorer offers. Knows nothing of what is done about a score."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

Scores = dict[str, float]
"""Label to probability, 0 to 1, with Detoxify's labels."""


class ToxicityScorer(Protocol):
    """Scores texts for toxicity, in batches."""

    @property
    def name(self) -> str:
        """Which scorer and which weights, as stored with each summary."""

    @property
    def thresholds(self) -> Mapping[str, float]:
        """Label to the probability from which a text counts as toxic; its keys are the labels."""

    @property
    def languages(self) -> Collection[str]:
        """The languages that it judges, by ISO 639-1."""

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """One `Scores` for each of `texts`, in their order; every label in each."""
