"""The summarising pipeline: embed, judge, segment, pack, draft, cite, compose.

Each step is a pure function of its own module; this one hands results on, measures the time,
and lets jobs share the models' batches. Knows nothing of the store or the queue.
"""

import threading
import time
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar, cast

import numpy as np
import torch

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
from worker.gate.loading import load_scorer
from worker.gate.policy import crossed, flag, summary_flag
from worker.gate.scorer import Scores, ToxicityScorer
from worker.generators.generator import Decoding, Draft, DraftSentence, Generator
from worker.generators.loading import load_generator
from worker.pipeline.citations import cite, support
from worker.pipeline.composing import compose
from worker.pipeline.drafting import Drafting, Said
from worker.pipeline.packing import pack
from worker.pipeline.passages import Passage, PassageMaker, people_named, restore_names
from worker.pipeline.segmentation import segment
from worker.summariser import Deadline

Item = TypeVar("Item")
Made = TypeVar("Made")

TEXTS_AT_ONCE = 256  # texts embedded or scored before another job gets its turn
PASSAGES_AT_ONCE = 16
BETWEEN_LOOKS = 4 * TEXTS_AT_ONCE  # texts until a job looks at its deadline again


class Pipeline:
    """A `Summariser` that loads each model once and shares it among all jobs of the process."""

    def __init__(self, settings: Settings) -> None:
        """Load the embeddings and the gate. Raises ModelError if either can't be had."""
        self._settings = settings
        device = settings.device
        self._device = "cuda" if device != "cpu" and torch.cuda.is_available() else "cpu"
        encoder = SentenceEncoder(self._device)
        self._scorer = load_scorer(settings, self._device)
        self._embed: Batcher[str, Vector] = Batcher(
            lambda texts, _: list(encoder.encode(texts)), TEXTS_AT_ONCE, "embeddings"
        )
        self._score: Batcher[str, Scores] = Batcher(
            lambda texts, _: self._scorer.score(texts), TEXTS_AT_ONCE, "gate"
        )
        self._generators: dict[str, tuple[Generator, Batcher[Passage, list[Draft]]]] = {}
        self._loading = threading.Lock()

    def prepare(self, profile: str | None = None) -> None:
        """Load a profile's model now rather than with its first job. Raises ModelError."""
        self._generator(profile)

    def close(self) -> None:
        """Stop the batches' threads."""
        self._embed.close()
        self._score.close()
        for _, generate in self._generators.values():
            generate.close()

    def summarise(
        self, request: JobRequest, conversation: Conversation, deadline: Deadline
    ) -> Result:
        """Summarise; raises ModelError, or JobTimedOutError when `deadline` is past."""
        timings: dict[str, float] = {}
        with _timed(timings, "total"):
            result = self._summarise(request, conversation, deadline, timings)
        return result.model_copy(update={"timings": timings})

    def score(self, request: JobRequest, conversation: Conversation, deadline: Deadline) -> Scored:
        """Score each message; raises JobTimedOutError when `deadline` is past."""
        own = dict(self._scorer.thresholds)
        scores = self._scores([message.text for message in conversation.messages], deadline)
        return Scored(
            gate=self._scorer.name,
            scores=_by_id(conversation, scores),
            thresholds={**own, **_known(request.thresholds, self._scorer)},
            own_thresholds=own,
        )

    def _summarise(
        self,
        request: JobRequest,
        conversation: Conversation,
        deadline: Deadline,
        timings: dict[str, float],
    ) -> Result:
        generator, generate = self._generator(request.profile)
        thresholds = {**self._scorer.thresholds, **_known(request.thresholds, self._scorer)}
        texts = [message.text for message in conversation.messages]
        with _timed(timings, "embed"):
            vectors = self._vectors(texts, deadline)
        with _timed(timings, "gate"):
            scores = self._scores(texts, deadline)
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
                generate=lambda some, how: _in_time(generate, some, deadline, how),
                writes=generator.origin == "generated",
                embed=lambda some: self._vectors(some, deadline),
                score=lambda some: self._scores(some, deadline),
                thresholds=thresholds,
                names=conversation.names,
            )
            said = drafting.draft(passages, Decoding(shots=request.shots))
        with _timed(timings, "cite"):
            cited = self._cited([each.draft for each in said], said, conversation, deadline)
            refused = self._cited([each.refused for each in said], said, conversation, deadline)
        sentences = [sentence for each in cited for sentence in each]
        flags += [f for each in said for f in each.flags]
        why = [] if sentences or not texts else _why_nothing_is_said(flags, scores, thresholds)
        summary = compose(sentences, request.style) if sentences or not texts else None
        own_thresholds = dict(self._scorer.thresholds)
        return Result(
            summary=summary,
            flags=(*flags, *why),
            refused=(*_refused(said, cited, refused, summary), *_unwritten(why)),
            scores=_by_id(conversation, scores),
            thresholds=thresholds,
            own_thresholds=own_thresholds,
            model=ModelUsed(
                profile=request.profile or self._settings.profile,
                generator=generator.name,
                adapter=generator.adapter,
                gate=self._scorer.name,
            ),
        )

    def _generator(self, profile: str | None) -> tuple[Generator, Batcher[Passage, list[Draft]]]:
        name = profile or self._settings.profile
        with self._loading:
            if name not in self._generators:
                generator = load_generator(self._settings, name, self._device)
                self._generators[name] = (generator, _generating(generator, name))
            return self._generators[name]

    def _vectors(self, texts: Sequence[str], deadline: Deadline) -> Vectors:
        rows = _in_time(self._embed, texts, deadline)
        return np.stack(rows) if rows else np.zeros((0, SentenceEncoder.dimension), np.float32)

    def _scores(self, texts: Sequence[str], deadline: Deadline) -> list[Scores]:
        return _in_time(self._score, texts, deadline)

    def _cited(
        self,
        drafts: Sequence[Draft],
        said: Sequence[Said],
        conversation: Conversation,
        deadline: Deadline,
    ) -> list[list[SummarySentence]]:
        """Each draft's sentences with names, citations and speakers; `said` has their passages."""
        written = [s.text for draft in drafts for s in draft if not s.sources]
        vectors = iter(self._vectors(written, deadline))
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
        made += [
            Refused(flag=flag, sentences=tuple(sentences), instead=places) for flag in each.flags
        ]
    return made


def _unwritten(flags: Sequence[Flag]) -> list[Refused]:
    """Of a summary for which there was nothing clean to say, no draft was ever made."""
    return [Refused(flag=flag, sentences=()) for flag in flags]


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


def _generating(generator: Generator, name: str) -> Batcher[Passage, list[Draft]]:
    def run(passages: list[Passage], decoding: Hashable) -> list[list[Draft]]:
        return generator.generate(passages, cast("Decoding", decoding))

    return Batcher(run, PASSAGES_AT_ONCE, name)


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
