"""The summarising pipeline: embed, judge, segment, pack, draft, cite, compose.

Each step is a pure function of its own module; this one hands results on, measures the time,
and lets jobs share the models' batches. Knows nothing of the store or the queue.
"""

import time
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from precis.conversation import Conversation
from precis.job import (
    Citation,
    Flag,
    FlagAction,
    JobRequest,
    ModelUsed,
    Refused,
    Result,
    Scored,
    Summary,
    SummarySentence,
)
from precis.settings import Settings
from worker.batching import Batcher
from worker.embeddings import SentenceEncoder, Vector, Vectors
from worker.gate.policy import crossed, flag, summary_flag
from worker.gate.scorer import Scores, ToxicityScorer
from worker.generators.generator import Decoding, Draft, DraftSentence, Generator
from worker.pipeline.citations import cite, support
from worker.pipeline.composing import compose
from worker.pipeline.drafting import Drafting, Said
from worker.pipeline.models import LOOK, TEXTS_AT_ONCE, Models
from worker.pipeline.packing import pack
from worker.pipeline.passages import Passage, PassageMaker, people_named, restore_names
from worker.pipeline.segmentation import segment
from worker.summariser import Deadline

Item = TypeVar("Item")
Made = TypeVar("Made")

BETWEEN_LOOKS = 4 * TEXTS_AT_ONCE  # texts until a job looks at its deadline again


class Pipeline:
    """A `Summariser` that loads each model once and shares it among all jobs of the process."""

    def __init__(self, settings: Settings, look_every: float = LOOK) -> None:
        """Load the embeddings and the gate. Raises ModelError if either can't be had.

        `look_every`: seconds between looks at which adapter and gate are promoted.
        """
        self._settings = settings
        self._models = Models(settings, look_every)

    def prepare(self, profile: str | None = None) -> None:
        """Load a profile's model now rather than with its first job. Raises ModelError."""
        self._models.generating(profile or self._settings.profile)

    def close(self) -> None:
        """Stop the batches' threads."""
        self._models.close()

    def summarise(
        self, request: JobRequest, conversation: Conversation, deadline: Deadline
    ) -> Result:
        """Summarise; raises ModelError, or JobTimedOutError when `deadline` is past."""
        timings: dict[str, float] = {}
        profile = request.profile or self._settings.profile
        models = self._models
        with (
            _timed(timings, "total"),
            models.generating(profile).use() as (generator, generate),
            models.gate.use() as (scorer, score),
        ):
            work = _Work(profile, generator, generate, scorer, score, models.embed, deadline)
            result = work.summarise(request, conversation, timings)
        return result.model_copy(update={"timings": timings})

    def score(self, request: JobRequest, conversation: Conversation, deadline: Deadline) -> Scored:
        """Score each message; raises JobTimedOutError when `deadline` is past."""
        texts = [message.text for message in conversation.messages]
        with self._models.gate.use() as (scorer, score):
            scores = _in_time(score, texts, deadline)
            own = dict(scorer.thresholds)
            return Scored(
                gate=scorer.name,
                scores=_by_id(conversation, scores),
                thresholds={**own, **_known(request.thresholds, scorer)},
                own_thresholds=own,
            )


@dataclass(frozen=True)
class _Work:
    """One job's work, with the models that served when it began."""

    profile: str
    generator: Generator
    generate: Batcher[Passage, list[Draft]]
    scorer: ToxicityScorer
    score: Batcher[str, Scores]
    embed: Batcher[str, Vector]
    deadline: Deadline

    def summarise(
        self, request: JobRequest, conversation: Conversation, timings: dict[str, float]
    ) -> Result:
        """The steps, timed."""
        generator, deadline = self.generator, self.deadline
        thresholds = {**self.scorer.thresholds, **_known(request.thresholds, self.scorer)}
        texts = [message.text for message in conversation.messages]
        with _timed(timings, "embed"):
            vectors = self._vectors(texts)
        with _timed(timings, "gate"):
            scores = self._scores(texts)
            flags = _message_flags(conversation, scores, thresholds, request.judged)
        clean = [
            not request.judged.get(message.id, crossed(s, thresholds) is not None)
            for message, s in zip(conversation.messages, scores, strict=True)
        ]
        with _timed(timings, "segment"):
            topics = segment(conversation, vectors)
            maker = PassageMaker(conversation, vectors, clean)
            passages = pack(conversation, topics, maker, generator.window(request.shots))
            deadline.check()
        with _timed(timings, "generate"):
            drafting = Drafting(
                generate=lambda some, how: _in_time(self.generate, some, deadline, how),
                writes=generator.origin == "generated",
                embed=self._vectors,
                score=self._scores,
                thresholds=thresholds,
                names=conversation.names,
                harmless=frozenset(
                    index
                    for index, message in enumerate(conversation.messages)
                    if request.judged.get(message.id) is False
                ),
            )
            said = drafting.draft(passages, Decoding(shots=request.shots))
        with _timed(timings, "cite"):
            cited = self._cited([each.draft for each in said], said, conversation)
            refused = self._cited([each.refused for each in said], said, conversation)
        sentences = [sentence for each in cited for sentence in each]
        flags += [f for each in said for f in each.flags]
        why = [] if sentences or not texts else _why_nothing_is_said(flags, scores, thresholds)
        summary = compose(sentences, request.style) if sentences or not texts else None
        own_thresholds = dict(self.scorer.thresholds)
        return Result(
            summary=summary,
            flags=(*flags, *why),
            refused=(*_refused(said, cited, refused, summary), *_unwritten(why, flags)),
            scores=_by_id(conversation, scores),
            thresholds=thresholds,
            own_thresholds=own_thresholds,
            model=ModelUsed(
                profile=self.profile,
                generator=generator.name,
                adapter=generator.adapter,
                gate=self.scorer.name,
            ),
        )

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        rows = _in_time(self.embed, texts, self.deadline)
        return np.stack(rows) if rows else np.zeros((0, SentenceEncoder.dimension), np.float32)

    def _scores(self, texts: Sequence[str]) -> list[Scores]:
        return _in_time(self.score, texts, self.deadline)

    def _cited(
        self,
        drafts: Sequence[Draft],
        said: Sequence[Said],
        conversation: Conversation,
    ) -> list[list[SummarySentence]]:
        """Each draft's sentences with names, citations and speakers; `said` has their passages."""
        written = [s.text for draft in drafts for s in draft if not s.sources]
        vectors = iter(self._vectors(written))
        cited: list[list[SummarySentence]] = []
        for draft, each in zip(drafts, said, strict=True):
            cited.append([])
            for sentence in draft:
                messages = sentence.sources
                if not messages:
                    [row] = support([sentence.text], next(vectors)[np.newaxis], each.passage)
                    messages = cite(row, each.passage)
                cited[-1].append(_sentence(sentence, messages, each.passage, conversation))
        return cited


def _refused(
    said: Sequence[Said],
    cited: Sequence[Sequence[SummarySentence]],
    refused: Sequence[Sequence[SummarySentence]],
    summary: Summary | None,
) -> list[Refused]:
    """What the gate kept from being said, with what was said in its place."""
    shown = list(summary.sentences) if summary else []
    made = []
    for each, instead, sentences in zip(said, cited, refused, strict=True):
        places = tuple(n for n, sentence in enumerate(shown) if sentence in instead)
        # One that names a number nobody has could not have been read, so it has no text.
        readable = tuple(sentence for sentence in sentences if sentence.text)
        made += [Refused(flag=flag, sentences=readable, instead=places) for flag in each.flags]
    return made


def _unwritten(why: Sequence[Flag], flags: Sequence[Flag]) -> list[Refused]:
    """Of a summary for which there was nothing clean to say, no draft was ever made.

    Where moderators have decided all of the messages there is nothing left to ask them.
    """
    undecided = any(flag.action is FlagAction.NOTED for flag in flags)
    return [Refused(flag=flag, sentences=()) for flag in why] if undecided else []


def _by_id(conversation: Conversation, scores: Sequence[Scores]) -> dict[str, Scores]:
    return {m.id: each for m, each in zip(conversation.messages, scores, strict=True)}


def _known(thresholds: Mapping[str, float], scorer: ToxicityScorer) -> dict[str, float]:
    """Those of labels that the gate has: a server may have set them for another gate."""
    return {label: limit for label, limit in thresholds.items() if label in scorer.thresholds}


def _message_flags(
    conversation: Conversation,
    scores: Sequence[Scores],
    thresholds: Mapping[str, float],
    judged: Mapping[str, bool],
) -> list[Flag]:
    """What moderators have decided needs no flag."""
    made = (
        flag(message.id, each, thresholds, FlagAction.NOTED)
        for message, each in zip(conversation.messages, scores, strict=True)
        if message.id not in judged
    )
    return [each for each in made if each is not None]


def _why_nothing_is_said(
    flags: Sequence[Flag], scores: Sequence[Scores], thresholds: Mapping[str, float]
) -> list[Flag]:
    """A withheld summary is always flagged; with the worst message's scores, if need be."""
    if any(f.action is FlagAction.WITHHELD for f in flags):
        return []
    worst = max(
        (s for s in scores if crossed(s, thresholds)), key=lambda s: max(s.values()), default=None
    )
    return summary_flag(worst, thresholds, FlagAction.WITHHELD)


def _in_time(
    batcher: Batcher[Item, Made],
    items: Sequence[Item],
    deadline: Deadline,
    key: Hashable = None,
) -> list[Made]:
    """Results for `items`, unless `deadline` is past or cancelled meanwhile."""
    made: list[Made] = []
    for start in range(0, len(items), BETWEEN_LOOKS):
        try:
            made += batcher(items[start : start + BETWEEN_LOOKS], key, deadline.remaining())
        except TimeoutError:
            deadline.check()
            raise
        deadline.check()
    return made


def _sentence(
    sentence: DraftSentence,
    messages: Sequence[int],
    passage: Passage,
    conversation: Conversation,
) -> SummarySentence:
    cited = [conversation.messages[index] for index in messages]
    authors = {message.author_id: None for message in cited}
    named = [person for person in people_named(sentence.text, passage) if person in authors]
    return SummarySentence(
        text=restore_names(sentence.text, passage, conversation.names) or "",
        citations=tuple(Citation(id=m.id, permalink=m.permalink) for m in cited),
        speakers=tuple(conversation.names[person] for person in dict.fromkeys([*named, *authors])),
        origin=sentence.origin,
    )


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    try:
        yield
    finally:
        timings[stage] = round(time.perf_counter() - start, 3)
