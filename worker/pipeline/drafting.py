"""Finds, for every passage, a draft that may be said: clean, and keeping to its passage.

In order: the model's candidates; a second, sampled generation, unless care is wanted; the best
candidate, its ungrounded sentences replaced by the passage's own words; those words alone, clean
ones; nothing. The gate's reasons are kept as flags. Effects (models) come in as functions; knows
nothing of topics, citations or styles.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from precis.job import Flag, FlagAction
from worker.embeddings import Vectors
from worker.gate.policy import choose, crossed, summary_flag
from worker.gate.scorer import Scores
from worker.generators.extractive import extract, quote
from worker.generators.generator import Decoding, Draft, DraftSentence
from worker.pipeline.care import carefully_grounded, with_quotes
from worker.pipeline.grounding import grounded
from worker.pipeline.passages import Passage, restore_names
from worker.pipeline.recaps import recap_in, sums_up

Generate = Callable[[Sequence[Passage], Decoding], list[list[Draft]]]
Score = Callable[[Sequence[str]], list[Scores]]
Embed = Callable[[Sequence[str]], Vectors]

MOST_QUOTE_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a passage; an empty draft where nothing may be."""

    passage: Passage
    draft: Draft
    flags: tuple[Flag, ...] = ()
    refused: Draft = ()
    """What would have been said, and was toxic."""


@dataclass
class _Open:
    """A passage still without a fit draft."""

    passage: Passage
    toxic: Scores | None = None  # scores of the first draft that the gate refused
    refused: Draft = ()  # that draft
    partly: Draft = ()  # the grounded sentences of the best candidate so far
    said: Said | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Drafting:
    """The models and rules that drafts are made with."""

    generate: Generate
    writes: bool
    """Whether sentences are written, and a second try can differ; not if they are taken."""
    embed: Embed
    score: Score
    thresholds: Mapping[str, float]
    names: dict[str, str]
    """Author id to the name that readers see; drafts are judged as readers see them."""
    harmless: frozenset[int] = frozenset()
    """Messages, by index, that moderators found not toxic: the gate has no say in their words."""
    careful: bool = False
    """Rather quotes than doubtful sentences, and no second, sampled generation."""

    def draft(self, passages: Sequence[Passage], decoding: Decoding) -> list[Said]:
        """One `Said` a passage, in order."""
        work = [_Open(passage) for passage in passages]
        self._try(work, self.generate(passages, decoding), FlagAction.CHANGED)
        if self.writes and not self.careful and (left := _unsaid(work)):
            again = self.generate([w.passage for w in left], replace(decoding, sample=True))
            self._try(left, again, FlagAction.REGENERATED)
        if self.writes and (left := _unsaid(work)):
            self._try(left, [self._patched(w) for w in left], FlagAction.EXTRACTED)
        if left := _unsaid(work):
            self._try(left, [self._quotes(w.passage) for w in left], FlagAction.EXTRACTED)
        return [w.said or self._withheld(w) for w in work]

    def _try(
        self, work: Sequence[_Open], candidates: Sequence[Sequence[Draft]], action: FlagAction
    ) -> None:
        """Settle each passage for which one of its candidates is grounded and clean.

        Where somebody summed up themselves, that comes first.
        """
        candidates = [
            [self._told(draft, w.passage) for draft in drafts]
            for w, drafts in zip(work, candidates, strict=True)
        ]
        fit = self._grounded(work, candidates)
        pairs = list(zip(work, candidates, strict=True))
        texts = [text for w, drafts in pairs for text in self._judged(w.passage, drafts)]
        scores = iter(self.score(texts))
        for (w, drafts), kept in zip(pairs, fit, strict=True):
            judged = [[next(scores) for _ in draft] for draft in drafts]
            choice = choose(judged, self.thresholds, kept)
            if w.toxic is None and choice.refused is not None:
                w.toxic, w.refused = choice.toxic, drafts[choice.refused]
            if choice.index is not None:
                flags = tuple(summary_flag(w.toxic, self.thresholds, action))
                w.said = Said(w.passage, drafts[choice.index], flags, w.refused)

    def _grounded(
        self, work: Sequence[_Open], candidates: Sequence[Sequence[Draft]]
    ) -> list[list[bool]]:
        """Which candidates keep to their passage; notes the good part of the best other one."""
        written = [sentence.text for drafts in candidates for draft in drafts for sentence in draft]
        vectors = self.embed(written)
        ground = carefully_grounded if self.careful else grounded
        fit: list[list[bool]] = []
        at = 0
        for w, drafts in zip(work, candidates, strict=True):
            fit.append([])
            for draft in drafts:
                own = vectors[at : at + len(draft)]
                at += len(draft)
                kept = ground(draft, own, w.passage)
                shown = self._texts(w.passage, [draft])
                fit[-1].append(bool(draft) and all(kept) and all(shown))
                partly = tuple(s for s, fine in zip(draft, kept, strict=True) if fine)
                if self.careful and all(sentence.sources for sentence in partly):
                    continue  # quotes are chosen together
                if not fit[-1][-1] and len(partly) > len(w.partly):
                    w.partly = partly
        return fit

    def _told(self, draft: Draft, passage: Passage) -> Draft:
        draft = with_recap(draft, passage)
        return with_quotes(draft, passage) if self.careful else draft

    def _patched(self, w: _Open) -> list[Draft]:
        """The best candidate's grounded sentences, and the passage's own words for the rest."""
        if not w.partly or len(w.partly) >= w.passage.sentences:
            return [w.partly] if w.partly else []
        quotes = extract(replace(w.passage, sentences=w.passage.sentences - len(w.partly)))
        return [(*w.partly, *quotes), w.partly]

    def _quotes(self, passage: Passage) -> list[Draft]:
        """The passage's own words that are clean as readers see them, and those that are not.

        A clean message can be toxic behind its author's name: such people aren't quoted.
        """
        drafts: list[Draft] = []
        for _ in range(MOST_QUOTE_ROUNDS):
            if not (draft := extract(passage)):
                break
            drafts.insert(0, draft)
            scores = self.score(self._judged(passage, [draft]))
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

    def _judged(self, passage: Passage, drafts: Sequence[Draft]) -> list[str]:
        """What the gate reads of each sentence; of a quote of harmless words, whose they are."""
        texts = self._texts(passage, drafts)
        sentences = [sentence for draft in drafts for sentence in draft]
        return [
            restore_names(sentence.text.partition(":")[0], passage, self.names) or ""
            if sentence.sources and self.harmless.issuperset(sentence.sources)
            else text
            for sentence, text in zip(sentences, texts, strict=True)
        ]

    def _withheld(self, w: _Open) -> Said:
        flags = tuple(summary_flag(w.toxic, self.thresholds, FlagAction.WITHHELD))
        return Said(w.passage, (), flags, w.refused)


def with_recap(draft: Draft, passage: Passage) -> Draft:
    """`draft` after the latest recap of its passage, at most as long as the passage asks for."""
    recap = next((t for t in reversed(passage.turns) if t.quotable and sums_up(t.text)), None)
    if recap is None or any(recap.message in sentence.sources for sentence in draft):
        return draft
    said = quote(replace(recap, text=recap_in(recap.text)))
    quoted = DraftSentence(said, (recap.message,))
    return (quoted, *draft[: max(0, passage.sentences - 1)])


def _unsaid(work: Sequence[_Open]) -> list[_Open]:
    return [w for w in work if w.said is None]
