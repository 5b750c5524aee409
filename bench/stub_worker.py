"""A worker whose generator takes no time, for `bench.discord_load` and `bench.digests`."""

from precis.conversation import Conversation
from precis.job import (
    Citation,
    JobRequest,
    ModelUsed,
    Result,
    SentenceKind,
    Summary,
    SummarySentence,
)
from precis.settings import load_settings
from precis.store import Store
from worker.serving import run_worker
from worker.summariser import Deadline

SENTENCES = 5


class Stub:
    """Says the same of every conversation, and cites its latest messages."""

    def summarise(
        self, request: JobRequest, conversation: Conversation, _deadline: Deadline
    ) -> Result:
        said = tuple(
            SummarySentence(
                text=f"{message.author_name} said something of importance about the exam.",
                citations=(Citation(id=message.id, permalink=message.permalink),),
                speakers=(message.author_name,),
                origin="generated",
            )
            for message in conversation.messages[-SENTENCES:]
        )
        if request.task == "digest":
            said = _by_topics(said)
        model = ModelUsed(profile="stub", generator="stub", adapter=None, gate="none")
        return Result(summary=Summary(style=request.style, sentences=said), model=model)


def _by_topics(said: tuple[SummarySentence, ...]) -> tuple[SummarySentence, ...]:
    """As a digest has them: two topics, each with who took part."""
    topics = (said[: len(said) // 2], said[len(said) // 2 :])
    return tuple(
        sentence.model_copy(update={"topic": number})
        for number, topic in enumerate(topics)
        for sentence in (
            *(s.model_copy(update={"text": "", "kind": SentenceKind.TOPIC}) for s in topic[:1]),
            *topic,
        )
    )


if __name__ == "__main__":
    settings = load_settings()
    run_worker(settings, Store.open(settings.store_url), Stub())
