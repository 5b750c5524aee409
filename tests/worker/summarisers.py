"""What tests of the queue share: settings, a talk, and summarisers quick, slow or broken."""

import threading
from datetime import timedelta
from pathlib import Path

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
from tests.conversations import conversation
from tests.services import wait_until
from worker.summariser import Deadline

SOON = timedelta(seconds=30)
TALK = conversation("Ana: xylophone", "Ben: hello")
QUICKLY = {
    "lease": timedelta(seconds=1.5),
    "requeue_after": timedelta(seconds=1),
    "reconcile_every": timedelta(seconds=0.2),
}
MODEL = ModelUsed(profile="test", generator="test", adapter=None, gate="test")


def result_for(request: JobRequest, text: str = "A summary.", *, withheld: bool = False) -> Result:
    sentence = SummarySentence(
        text=text, citations=(Citation(id="0"),), speakers=("Ana",), origin="generated"
    )
    summary = Summary(style=request.style, sentences=(sentence,))
    return Result(summary=None if withheld else summary, model=MODEL)


class Quick:
    """Answers at once, after raising each of `errors` in turn."""

    def __init__(self, *errors: Exception, withheld: bool = False) -> None:
        self.errors = list(errors)
        self.withheld = withheld
        self.seen: list[str] = []
        self._lock = threading.Lock()

    def summarise(self, request, conversation, deadline):
        with self._lock:
            self.seen.append(conversation.messages[0].text)
            if self.errors:
                raise self.errors.pop(0)
        return result_for(request, withheld=self.withheld)


class Held:
    """Begins, says so, and goes on when it is let."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.let_go = threading.Event()
        self.abandoned = False

    def summarise(self, request, conversation, deadline: Deadline):
        self.begun.release()
        wait_until(lambda: self.let_go.is_set() or deadline.remaining() == 0.0)
        self.abandoned = deadline.cancelled
        deadline.check()
        return result_for(request)


class HeldByFile:
    """The same across processes: touches `begun`, waits for `let_go`."""

    def __init__(self, folder: Path) -> None:
        self.begun = folder / "begun"
        self.let_go = folder / "let_go"

    def summarise(self, request, conversation, deadline: Deadline):
        self.begun.touch()
        wait_until(lambda: self.let_go.exists() or deadline.cancelled, seconds=60)
        deadline.check()
        return result_for(request)


class Refusing(Quick):
    """Withholds every summary: what it would have said rests on the first message."""

    text = "Somebody was called names."

    def summarise(self, request, conversation, deadline):
        flag = Flag(
            target="summary",
            label="insult",
            threshold=0.7,
            scores={"insult": 0.9, "toxicity": 0.8},
            action=FlagAction.WITHHELD,
        )
        first = conversation.messages[0]
        sentence = SummarySentence(
            text=self.text,
            citations=(Citation(id=first.id, permalink=first.permalink),),
            speakers=(first.author_name,),
            origin="generated",
        )
        return Result(
            summary=None,
            flags=(flag,),
            model=MODEL,
            refused=(Refused(flag=flag, sentences=(sentence,)),),
            thresholds={"insult": 0.7, "toxicity": 0.8},
        )

    def score(self, request, conversation, deadline):
        return Scored(
            gate="test",
            scores={message.id: {"insult": 0.1} for message in conversation.messages},
            thresholds={"insult": 0.7},
            own_thresholds={"insult": 0.7},
        )
