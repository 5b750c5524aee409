"""Finds, for every passage, a draft that may be said: clean, and naming nobody unknown.

In order: the model's candidates, a second, sampled generation, the passage's own clean messages,
nothing. The gate's reasons are kept as flags. Effects (models) come in as functions; knows
nothing of topics, citations or styles.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from precis.job import Flag, FlagAction
from worker.gate.policy import choose, crossed, summary_flag
from worker.gate.scorer import Scores
from worker.generators.extractive import extract
from worker.generators.generator import Decoding, Draft
from worker.pipeline.grounding import unsupported
from worker.pipeline.passages import Passage, restore_names

Generate = Callable[[Sequence[Passage], Decoding], list[list[Draft]]]
Score = Callable[[Sequence[str]], list[Scores]]
Origin = Literal["generated", "extracted"]

MOST_QUOTE_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a passage; an empty draft where nothing may be."""

    passage: Passage
    draft: Draft
    origin: Origin
    flags: tuple[Flag, ...] = ()


@dataclass
class _Open:
    """A passage still without a fit draft."""

    passage: Passage
    toxic: Scores | None = None  # scores of the first draft that the gate refused
    said: Said | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Drafting:
    """The models and rules that drafts are made with."""

    generate: Generate
    origin: Origin
    score: Score
    thresholds: Mapping[str, float]
    names: dict[str, str]
    """Author id to the name that readers see; drafts are judged as readers see them."""

    def draft(self, passages: Sequence[Passage], decoding: Decoding) -> list[Said]:
        """One `Said` a passage, in order."""
        work = [_Open(passage) for passage in passages]
        self._try(work, self.generate(passages, decoding), self.origin, FlagAction.CHANGED)
        if self.origin == "generated" and (left := _unsaid(work)):
            again = self.generate([w.passage for w in left], replace(decoding, sample=True))
            self._try(left, again, "generated", FlagAction.REGENERATED)
        if left := _unsaid(work):
            quotes = [self._quotes(w.passage) for w in left]
            self._try(left, quotes, "extracted", FlagAction.EXTRACTED)
        return [w.said or self._withheld(w) for w in work]

    def _try(
        self,
        work: Sequence[_Open],
        candidates: Sequence[Sequence[Draft]],
        origin: Origin,
        action: FlagAction,
    ) -> None:
        """Settle each passage for which one of its candidates is fit."""
        fit = [
            [draft for draft in drafts if self._is_grounded(draft, w.passage, origin)]
            for w, drafts in zip(work, candidates, strict=True)
        ]
        pairs = list(zip(work, fit, strict=True))
        texts = [text for w, drafts in pairs for text in self._texts(w.passage, drafts)]
        scores = iter(self.score(texts))
        for w, drafts in pairs:
            judged = [[next(scores) for _ in draft] for draft in drafts]
            choice = choose(judged, self.thresholds)
            w.toxic = w.toxic or choice.toxic
            if choice.index is not None:
                flags = tuple(summary_flag(w.toxic, self.thresholds, action))
                w.said = Said(w.passage, drafts[choice.index], origin, flags)

    def _quotes(self, passage: Passage) -> list[Draft]:
        """The passage's own words that are clean as readers see them, and those that are not.

        A clean message can be toxic behind its author's name: such people aren't quoted.
        """
        drafts: list[Draft] = []
        for _ in range(MOST_QUOTE_ROUNDS):
            if not (draft := extract(passage)):
                break
            drafts.insert(0, draft)
            scores = self.score(self._texts(passage, [draft]))
            refused = {
                message
                for sentence, each in zip(draft, scores, strict=True)
                if crossed(each, self.thresholds)
                for message in sentence.sources
            }
            if not refused:
                break
            silent = {turn.speaker for turn in passage.turns if turn.message in refused}
            turns = tuple(
                replace(turn, quotable=turn.quotable and turn.speaker not in silent)
                for turn in passage.turns
            )
            passage = replace(passage, turns=turns)
        return drafts

    def _texts(self, passage: Passage, drafts: Sequence[Draft]) -> list[str]:
        return [
            restore_names(sentence.text, passage, self.names) or ""
            for draft in drafts
            for sentence in draft
        ]

    def _is_grounded(self, draft: Draft, passage: Passage, origin: Origin) -> bool:
        return all(
            restore_names(s.text, passage, self.names)
            and (origin == "extracted" or not unsupported(s.text, passage))
            for s in draft
        )

    def _withheld(self, w: _Open) -> Said:
        flags = tuple(summary_flag(w.toxic, self.thresholds, FlagAction.WITHHELD))
        return Said(w.passage, (), self.origin, flags)


def _unsaid(work: Sequence[_Open]) -> list[_Open]:
    return [w for w in work if w.said is None]
