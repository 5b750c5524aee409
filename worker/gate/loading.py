"""Picks and loads the gate that the settings name. Knows nothing of how gates score."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from precis.errors import SettingsError
from precis.settings import Settings
from worker.gate.detoxify import DetoxifyScorer
from worker.gate.embedded import EmbeddedScorer
from worker.gate.registry import GateRegistry
from worker.gate.scorer import Scores, ToxicityScorer

EMBEDDED = "embedded"
"""The setting for a gate of our own: the promoted one, else the shipped one."""


@dataclass(frozen=True)
class _WithThresholds:
    """A scorer under other thresholds."""

    scorer: ToxicityScorer
    thresholds: Mapping[str, float]

    @property
    def name(self) -> str:
        return self.scorer.name

    @property
    def languages(self) -> Collection[str]:
        return self.scorer.languages

    def score(self, texts: Sequence[str]) -> list[Scores]:
        return self.scorer.score(texts)


def load_scorer(settings: Settings, device: str = "cpu") -> ToxicityScorer:
    """The gate of `settings`, with its thresholds overridden where they say so.

    Raises ModelError if it can't be loaded, SettingsError if the settings name none, or a
    threshold for a label that it doesn't have.
    """
    kind, _, which = settings.gate.partition(":")
    scorer: ToxicityScorer
    if settings.gate == EMBEDDED:
        scorer = EmbeddedScorer(GateRegistry(settings.models).promoted(), device)
    elif kind == "detoxify" and which:
        scorer = DetoxifyScorer(which, device)
    else:
        raise SettingsError(
            f"no gate {settings.gate[:50]!r}; set PRECIS_GATE to embedded, detoxify:original, "
            "detoxify:unbiased, detoxify:multilingual or detoxify:FOLDER"
        )
    unknown = sorted(set(settings.thresholds) - set(scorer.thresholds))
    if unknown:
        raise SettingsError(
            f"PRECIS_THRESHOLDS: the gate has no label {', '.join(unknown)[:100]}; "
            f"it has {', '.join(scorer.thresholds)}"
        )
    if not settings.thresholds:
        return scorer
    return _WithThresholds(scorer, {**scorer.thresholds, **settings.thresholds})
