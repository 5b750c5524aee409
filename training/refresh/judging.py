"""Judges adapters by first drafts: ROUGE, toxicity and faithfulness, each summary by itself.

What is kept of a system are numbers, one an item, and never what it said; so they can be paired
with another system's, and lie about for a run that goes on later. Knows nothing of training, and
not which adapter serves.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.bootstrap import interval, paired_difference
from eval.dialogues import Dialogue, digest
from eval.faithfulness import judge
from eval.fingerprints import adapter_digest
from eval.generated import Generated
from eval.rouge import rouge
from eval.systems import Summary
from eval.toxicity import MAIN, score
from training.refresh.lessons import Talk
from training.refresh.rule import FEWEST_TEXTS, Measure
from worker.embeddings import sentence_encoder
from worker.gate.scorer import ToxicityScorer
from worker.generators.profiles import Profile

Progress = Callable[[str, float], None]
Values = list[float | None]
"""One an item; None where an item has none: a summary of quotes has no wording of its own."""

_KIND = "rougeLsum"


@dataclass(frozen=True, slots=True)
class _Scale:
    tolerance: float
    less: bool = False


SCALES = {
    "ROUGE-Lsum, new summaries": _Scale(0.03),
    "ROUGE-Lsum, old dialogues": _Scale(0.03),
    "toxicity under insults": _Scale(0.03, less=True),
    "with a strange name or number": _Scale(0.08, less=True),
    "sentences supported": _Scale(0.05),
    "words in common with a few turns": _Scale(0.05),
}
"""By measure: so much worse still counts as no worse. All are shares, 0 to 1."""
_NEW, _OLD, _TOXIC, _STRANGE, _SUPPORTED, _SHARED = SCALES


@dataclass(frozen=True)
class Judge:
    """What adapters of a profile are held against."""

    profile: Profile
    talk: Talk
    gate: ToxicityScorer
    device: str
    work: Path
    """Numbers are kept here, for a run that is interrupted."""
    seed: int = 0

    def figures(self, adapter: Path | None, progress: Progress) -> dict[str, Values]:
        """By measure, in the order of the dialogues; of the model alone without an adapter."""
        key = self._key(adapter)
        path = self.work / f"figures-{'model' if adapter is None else adapter.name}.json"
        if path.is_file() and (kept := json.loads(path.read_bytes()))["key"] == key:
            return dict(kept["figures"])
        made = self._made(adapter, progress)
        path.write_text(json.dumps({"key": key, "figures": made}), encoding="utf-8")
        return made

    def _key(self, adapter: Path | None) -> list[str | None]:
        sets = (self.talk.own, self.talk.old, self.talk.toxic)
        digests = [digest(each) for each in sets]
        return [adapter_digest(adapter) if adapter else None, self.gate.name, *digests]

    def _made(self, adapter: Path | None, progress: Progress) -> dict[str, Values]:
        system = Generated(self.profile, adapter, device=self.device, seed=self.seed)
        new, old = self.talk.own, self.talk.old
        # So few wouldn't be judged by; so they go with the old ones.
        if old and len(new) < FEWEST_TEXTS:
            new, old = (), (*new, *old)
        every = (*new, *old)
        said = system.summaries(every, progress)
        scores = _rouge(said, every)
        judged = judge(every, said, sentence_encoder(self.device), _silent)
        made: dict[str, Values] = {
            _NEW: scores[: len(new)],
            _OLD: scores[len(new) :],
            _STRANGE: [float(bool(each.strange)) for each in judged],
            _SUPPORTED: [_mean(each.supported) for each in judged],
            _SHARED: [_mean(each.shared) for each in judged],
            _TOXIC: [],
        }
        if self.talk.toxic:
            under = system.summaries(self.talk.toxic, progress)
            made[_TOXIC] = [each[MAIN] for each in score([s.text for s in under], self.gate)]
        return made


def measures(
    serving: dict[str, Values], candidate: dict[str, Values], seed: int = 0
) -> tuple[Measure, ...]:
    """Pairs the figures of two adapters; a measure without items is left out."""
    found = []
    for name, scale in SCALES.items():
        pairs = [
            (one, other)
            for one, other in zip(serving[name], candidate[name], strict=True)
            if one is not None and other is not None
        ]
        if not pairs:
            continue
        before, after = (np.array(each) for each in zip(*pairs, strict=True))
        found.append(
            Measure(
                name,
                len(pairs),
                interval(before, seed=seed),
                interval(after, seed=seed),
                paired_difference(after, before, seed=seed),
                scale.tolerance,
                scale.less,
            )
        )
    return tuple(found)


def _rouge(said: Sequence[Summary], dialogues: Sequence[Dialogue]) -> Values:
    if not said:
        return []
    texts = [each.text for each in said]
    return [float(each) for each in rouge(texts, [d.references for d in dialogues])[_KIND]]


def _mean(shares: Sequence[float]) -> float | None:
    return float(np.mean(shares)) if shares else None


def _silent(_what: str, _share: float) -> None:
    """Judging takes no time beside writing."""
