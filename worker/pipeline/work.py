"""One job's work with the models that served when it began: what summaries and digests share.

Reads a conversation (embeds and judges it), writes passages, and puts a result together. Knows
nothing of topics and of what is made of the sentences.
"""

import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import numpy as np

from precis.conversation import Conversation
from precis.job import (
    DIGEST_QUEUE,
    Citation,
    Flag,
    JobRequest,
    ModelUsed,
    Result,
    Summary,
    SummarySentence,
)
from precis.monitoring.traces import span
from worker.batching import Batcher
from worker.embeddings import SentenceEncoder, Vector, Vectors
from worker.gate.languages import insults_not_judged
from worker.gate.policy import crossed
from worker.gate.scorer import Scores, ToxicityScorer
from worker.generators.generator import Decoding, Draft, DraftSentence, Generator
from worker.pipeline.citations import cite, support
from worker.pipeline.drafting import Drafting, Said
from worker.pipeline.gate_texts import texts_without_names
from worker.pipeline.gating import (
    known_thresholds,
    message_flags,
    refused_drafts,
    scores_by_id,
    unwritten,
    why_nothing_is_said,
)
from worker.pipeline.models import TEXTS_AT_ONCE
from worker.pipeline.packing import Window
from worker.pipeline.passages import Passage, people_named, restore_names
from worker.summariser import Deadline

Item = TypeVar("Item")
Made = TypeVar("Made")

BETWEEN_LOOKS = 4 * TEXTS_AT_ONCE  # texts until a job looks at its deadline again


@dataclass(frozen=True)
class Read:
    """A conversation as the models see it; lists are aligned with its messages."""

    conversation: Conversation
    vectors: Vectors
    """Unit embeddings [messages, dimension]."""
    scores: list[Scores]
    thresholds: dict[str, float]
    clean: list[bool]
    """By the gate, or by what moderators decided."""
    harmless: frozenset[int]
    """That moderators decided not to be toxic, by index: the gate has no say in their words."""
    flags: list[Flag]

    def after(self, told: int) -> "Read":
        """The same without the first `told` messages."""
        messages = self.conversation.messages[told:]
        ids = {message.id for message in messages}
        return Read(
            conversation=self.conversation.model_copy(update={"messages": messages}),
            vectors=self.vectors[told:],
            scores=self.scores[told:],
            thresholds=self.thresholds,
            clean=self.clean[told:],
            harmless=frozenset(n - told for n in self.harmless if n >= told),
            flags=[each for each in self.flags if each.target in ids],
        )


@dataclass(frozen=True)
class Written:
    """What was written of each passage, as sentences with citations."""

    said: Sequence[Said]
    cited: list[list[SummarySentence]]
    refused: list[list[SummarySentence]]
    """What would have been said, and was toxic."""


@dataclass(frozen=True)
class Work:
    """The models, and how long they may take."""

    profile: str
    generator: Generator
    generate: Batcher[Passage, list[Draft]]
    scorer: ToxicityScorer
    score: Batcher[str, Scores]
    embed: Batcher[str, Vector]
    request: JobRequest
    deadline: Deadline
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def window(self) -> Window | None:
        return self.generator.window(self.request.shots)

    def read(self, conversation: Conversation) -> Read:
        """Embed and judge every message."""
        judged = self.request.judged
        thresholds = {
            **self.scorer.thresholds,
            **known_thresholds(self.request.thresholds, self.scorer),
        }
        texts = [message.text for message in conversation.messages]
        with timed(self.timings, "embed"):
            vectors = self.vectors(texts)
        with timed(self.timings, "gate"):
            scores = self.scores(texts_without_names(conversation))
            unseen = insults_not_judged(texts, self.scorer.languages)
        toxic = [crossed(each, thresholds) is not None for each in scores]
        suspect = [one or other for one, other in zip(toxic, unseen, strict=True)]
        messages = conversation.messages
        return Read(
            conversation=conversation,
            vectors=vectors,
            scores=scores,
            thresholds=thresholds,
            clean=[not judged.get(m.id, bad) for m, bad in zip(messages, suspect, strict=True)],
            harmless=frozenset(n for n, m in enumerate(messages) if judged.get(m.id) is False),
            flags=message_flags(conversation, scores, thresholds, judged),
        )

    def write(self, passages: Sequence[Passage], read: Read, *, careful: bool = False) -> Written:
        """Draft each passage, and find what its sentences rest on; `careful` as in `Drafting`."""
        with timed(self.timings, "generate"):
            drafting = Drafting(
                generate=lambda some, how: self._in_time(self.generate, some, how),
                writes=self.generator.origin == "generated",
                embed=self.vectors,
                score=self.scores,
                thresholds=read.thresholds,
                names=read.conversation.names,
                harmless=read.harmless,
                careful=careful,
            )
            said = drafting.draft(passages, Decoding(shots=self.request.shots))
        with timed(self.timings, "cite"):
            cited = self._cited([each.draft for each in said], said, read.conversation)
            refused = self._cited([each.refused for each in said], said, read.conversation)
        return Written(said, cited, refused)

    def result(self, read: Read, written: Written, summary: Summary | None) -> Result:
        """Without a summary it is withheld."""
        flags = [*read.flags, *(f for each in written.said for f in each.flags)]
        why = [] if summary else why_nothing_is_said(flags, read.scores, read.thresholds)
        drafts = refused_drafts(written.said, written.cited, written.refused, summary)
        return Result(
            summary=summary,
            flags=(*flags, *why),
            refused=(*drafts, *unwritten(why, flags)),
            scores=scores_by_id(read.conversation, read.scores),
            thresholds=read.thresholds,
            own_thresholds=dict(self.scorer.thresholds),
            model=ModelUsed(
                profile=self.profile,
                generator=self.generator.name,
                adapter=self.generator.adapter,
                gate=self.scorer.name,
            ),
        )

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Unit embeddings [texts, dimension]."""
        rows = self._in_time(self.embed, texts)
        return np.stack(rows) if rows else np.zeros((0, SentenceEncoder.dimension), np.float32)

    def scores(self, texts: Sequence[str]) -> list[Scores]:
        return self._in_time(self.score, texts)

    def _in_time(
        self, batcher: Batcher[Item, Made], items: Sequence[Item], key: Hashable = None
    ) -> list[Made]:
        patient = self.request.queue == DIGEST_QUEUE  # somebody may wait for the others
        return in_time(partial(batcher, patient=patient), items, self.deadline, key)

    def _cited(
        self,
        drafts: Sequence[Draft],
        said: Sequence[Said],
        conversation: Conversation,
    ) -> list[list[SummarySentence]]:
        """Each draft's sentences with names, citations and speakers; `said` has their passages."""
        written = [s.text for draft in drafts for s in draft if not s.sources]
        vectors = iter(self.vectors(written))
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


def in_time(
    make: Callable[[Sequence[Item], Hashable, float | None], list[Made]],
    items: Sequence[Item],
    deadline: Deadline,
    key: Hashable = None,
) -> list[Made]:
    """What a batcher makes of `items`, unless `deadline` is past or cancelled meanwhile."""
    made: list[Made] = []
    for start in range(0, len(items), BETWEEN_LOOKS):
        try:
            made += make(items[start : start + BETWEEN_LOOKS], key, deadline.remaining())
        except TimeoutError:
            deadline.check()
            raise
        deadline.check()
    return made


@contextmanager
def timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    try:
        with span(stage):
            yield
    finally:
        timings[stage] = round(time.perf_counter() - start, 3)


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
