"""The pipeline: summaries (embed, judge, segment, pack, draft, cite, compose), digests and scores.

Each step is a pure function of its own module; this one hands results on. Knows nothing of the
store or the queue.
"""

from precis.conversation import Conversation
from precis.job import JobRequest, Result, Scored
from precis.settings import Settings
from worker.pipeline.composing import compose
from worker.pipeline.digesting import digest
from worker.pipeline.gate_texts import texts_without_names
from worker.pipeline.gating import known_thresholds, scores_by_id
from worker.pipeline.models import LOOK, Models
from worker.pipeline.packing import pack
from worker.pipeline.passages import PassageMaker
from worker.pipeline.segmentation import segment
from worker.pipeline.work import Work, in_time, timed
from worker.summariser import Deadline


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
        """Summarise, or digest, as `request.task` says.

        Raises ModelError, or JobTimedOutError when `deadline` is past.
        """
        timings: dict[str, float] = {}
        profile = request.profile or self._settings.profile
        models = self._models
        with (
            timed(timings, "total"),
            models.generating(profile).use() as (generator, generate),
            models.gate.use() as (scorer, score),
        ):
            work = Work(
                profile,
                generator,
                generate,
                scorer,
                score,
                models.embed,
                request,
                deadline,
                timings,
            )
            make = digest if request.task == "digest" else summarise
            result = make(work, conversation)
        return result.model_copy(update={"timings": timings})

    def score(self, request: JobRequest, conversation: Conversation, deadline: Deadline) -> Scored:
        """Score each message; raises JobTimedOutError when `deadline` is past."""
        texts = texts_without_names(conversation)
        with self._models.gate.use() as (scorer, score):
            scores = in_time(score, texts, deadline)
            own = dict(scorer.thresholds)
            return Scored(
                gate=scorer.name,
                scores=scores_by_id(conversation, scores),
                thresholds={**own, **known_thresholds(request.thresholds, scorer)},
                own_thresholds=own,
            )


def summarise(work: Work, conversation: Conversation) -> Result:
    """A summary of the whole conversation, in the style asked for."""
    read = work.read(conversation)
    with timed(work.timings, "segment"):
        topics = segment(conversation, read.vectors)
        maker = PassageMaker(conversation, read.vectors, read.clean)
        passages = pack(conversation, topics, maker, work.window)
        work.deadline.check()
    written = work.write(passages, read)
    sentences = [sentence for each in written.cited for sentence in each]
    empty = not conversation.messages
    summary = compose(sentences, work.request.style) if sentences or empty else None
    return work.result(read, written, summary)
