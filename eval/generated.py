"""Systems with a model: a profile, an adapter, worked examples, with the worker's care or without.

With grounding, drafts go through the worker's own `Drafting`: gate, grounding, a second try, and
quotes where nothing else may be said. Without, the model's first candidate is taken as it is.
Knows nothing of metrics.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from eval.dialogues import Dialogue
from eval.fingerprints import adapter_digest, generating_code, model_digest
from eval.passages import as_read, fitting, in_data_numbers, passages
from eval.systems import CHUNK, Progress, Sentence, Summary
from worker.embeddings import SentenceEncoder, sentence_encoder
from worker.gate.scorer import ToxicityScorer
from worker.generators.extractive import ExtractiveGenerator
from worker.generators.generator import Decoding, Draft, Generator
from worker.generators.profiles import Profile
from worker.pipeline.drafting import Drafting, Said
from worker.pipeline.passages import Passage
from worker.pipeline.prompts import Shots


@dataclass
class Generated:
    """A profile's model at work. Loads it with the first summary that is asked for."""

    profile: Profile
    adapter: Path | None = None
    shots: Shots = 0
    gate: Callable[[], ToxicityScorer] | None = None
    """Loads the gate for grounding; None: no grounding."""
    gate_name: str = ""
    """Names the gate before it is loaded."""
    device: str = "cpu"
    seed: int = 0
    """Of the sampled second tries, with each passage's own text."""
    _scorer: ToxicityScorer | None = field(default=None, init=False, repr=False)

    @property
    def name(self) -> str:
        parts = [self.profile.name]
        parts += [f"+ {self.adapter.name}"] if self.adapter else []
        parts += [f"{self.shots}-shot"] if self.shots else []
        parts += [] if self.gate else ["ungrounded"]
        return " ".join(parts)

    @cached_property
    def settings(self) -> dict[str, Any]:
        model = self.profile.model
        settings = asdict(self.profile) | {
            "system": "generated",
            "profile": self.profile.name,
            "model": Path(model).name if model and Path(model).is_dir() else model,
            "weights": model_digest(model, self.profile.revision) if model else None,
            "adapter": self.adapter.name if self.adapter else None,
            "adapter_weights": adapter_digest(self.adapter) if self.adapter else None,
            "shots": self.shots,
            "grounding": self.gate is not None,
            "device": self.device,
            **generating_code(grounding=self.gate is not None),
        }
        del settings["name"]
        if self.gate:
            settings |= {"gate": self.gate_name, "seed": self.seed}
        return settings

    def prepare(self) -> None:
        _ = self._generator, self._encoder
        if self.gate and self._scorer is None:
            self._scorer = self.gate()

    def summaries(self, dialogues: Sequence[Dialogue], progress: Progress) -> list[Summary]:
        progress(f"loading {self.name}", 0.0)
        self.prepare()
        made: list[Summary] = []
        for start in range(0, len(dialogues), CHUNK):
            progress(self.name, start / len(dialogues))
            made += self._chunk(dialogues[start : start + CHUNK])
        progress(self.name, 1.0)
        return made

    def _chunk(self, dialogues: Sequence[Dialogue]) -> list[Summary]:
        """A long dialogue is several passages, whose drafts follow each other."""
        window = self._generator.window(self.shots)
        parts = [
            fitting(passage, window) if passage.turns else []
            for passage in passages(dialogues, self._encoder)
        ]
        every = [passage for each in parts for passage in each]
        said = iter((self._grounded(every) if self.gate else self._first(every)) if every else [])
        return [
            Summary(tuple(sentence for _ in each for sentence in _sentences(next(said))))
            for each in parts
        ]

    def _grounded(self, every: Sequence[Passage]) -> list[Said]:
        assert self._scorer is not None, "prepared"  # noqa: S101 - for the type checker
        drafting = Drafting(
            generate=self._drafts,
            writes=self._generator.origin == "generated",
            embed=sentence_encoder(self.device).encode,
            score=self._scorer.score,
            thresholds=self._scorer.thresholds,
            names={person: as_read(person) for passage in every for person in passage.people},
        )
        return drafting.draft(every, Decoding(shots=self.shots))

    def _drafts(self, asked: Sequence[Passage], decoding: Decoding) -> list[list[Draft]]:
        """As the generator's; a sample is drawn for each passage alone, seeded by what it says.

        So it doesn't matter which other dialogues are summarised with it, or were before.
        """
        if not decoding.sample:
            return self._generator.generate(asked, decoding)
        drafts = []
        for passage in asked:
            torch.manual_seed(_seed_of(self.seed, passage))
            drafts += self._generator.generate([passage], decoding)
        return drafts

    def _first(self, every: Sequence[Passage]) -> list[Said]:
        drafts = self._generator.generate(every, Decoding(shots=self.shots))
        return [
            Said(passage, candidates[0] if candidates else ())
            for passage, candidates in zip(every, drafts, strict=True)
        ]

    @cached_property
    def _generator(self) -> Generator:
        if self.profile.model is None:
            return ExtractiveGenerator()
        # transformers' model classes take a second to import; quotes do without.
        from worker.generators.seq2seq import Seq2SeqGenerator  # noqa: PLC0415

        # First drafts are taken as they are: how sure the model is of them, nobody asks.
        profile = self.profile if self.gate else replace(self.profile, least_confidence=None)
        return Seq2SeqGenerator(profile, self.device, self.adapter)

    @cached_property
    def _encoder(self) -> SentenceEncoder | None:
        """Quotes need embeddings; a model alone doesn't."""
        quotes = self.gate is not None or self.profile.model is None
        return sentence_encoder(self.device) if quotes else None


def _seed_of(seed: int, passage: Passage) -> int:
    content = hashlib.sha256(f"{seed}\n{passage.dialogue}".encode()).digest()
    return int.from_bytes(content[:8])


def _sentences(said: Said) -> list[Sentence]:
    return [
        Sentence(in_data_numbers(sentence.text, said.passage), sentence.origin)
        for sentence in said.draft
    ]
