"""Stand-ins for the summariser that keep what they were given, and cite as the real one does."""

import threading
from types import MappingProxyType

from precis.errors import PrecisError
from precis.job import (
    SUMMARY_TARGET,
    Citation,
    Flag,
    FlagAction,
    ModelUsed,
    Refused,
    Result,
    Scored,
    Summary,
    SummarySentence,
)
from tests.services import wait_until

MODEL = ModelUsed(profile="test", generator="test", adapter=None, gate="test")


def summary_of(conversation, style, texts):
    """A sentence for each text: the first cites the first message, and so on."""
    cited = [conversation.messages[n % len(conversation.messages)] for n in range(len(texts))]
    sentences = tuple(
        SummarySentence(
            text=text,
            citations=(Citation(id=message.id, permalink=message.permalink),),
            speakers=(conversation.names[message.author_id],),
            origin="generated",
        )
        for text, message in zip(texts, cited, strict=True)
    )
    return Summary(style=style, sentences=sentences)


class Telling:
    """Tells `texts`; withholds or fails where it is told to. `read` are conversations' texts."""

    def __init__(self, *texts):
        self.texts = texts or ("A summary.",)
        self.withhold = False
        self.fail = None
        self.requests = []
        self.conversations = []
        self._lock = threading.Lock()

    def summarise(self, request, conversation, deadline):
        with self._lock:
            self.requests.append(request)
            self.conversations.append(conversation)
        self.wait(deadline)
        if self.fail:
            raise PrecisError(self.fail)
        summary = summary_of(conversation, request.style, self.texts)
        return Result(summary=None if self.withhold else summary, model=MODEL)

    def wait(self, deadline):
        """Nothing: it is quick."""

    @property
    def read(self):
        """The texts of the messages of each conversation it was given."""
        return [[message.text for message in each.messages] for each in self.conversations]


class Waiting(Telling):
    """The same, as soon as `go` is set."""

    def __init__(self, *texts):
        super().__init__(*texts)
        self.begun = threading.Semaphore(0)
        self.go = threading.Event()

    def wait(self, deadline):
        self.begun.release()
        wait_until(lambda: self.go.is_set() or deadline.remaining() == 0.0)
        deadline.check()


class Judging(Telling):
    """Scores what has `RUDE` in it as toxic, and withholds a summary of such talk."""

    RUDE = "idiot"
    THRESHOLDS = MappingProxyType({"toxicity": 0.8, "insult": 0.7})

    def __init__(self, *texts):
        super().__init__(*texts)
        self.scored = []

    def score(self, request, conversation, deadline):
        self.scored.append(conversation)
        scores = {each.id: self._scores(each.text) for each in conversation.messages}
        own = dict(self.THRESHOLDS)
        thresholds = {**own, **request.thresholds}
        return Scored(gate="test", scores=scores, thresholds=thresholds, own_thresholds=own)

    def summarise(self, request, conversation, deadline):
        result = super().summarise(request, conversation, deadline)
        said = result.summary.sentences
        scores = dict.fromkeys(self.THRESHOLDS, 0.9)
        flag = Flag(
            target=SUMMARY_TARGET,
            label="toxicity",
            threshold=0.8,
            scores=scores,
            action=FlagAction.WITHHELD,
        )
        rude = any(self.RUDE in each.text for each in said)
        return result.model_copy(
            update={
                "summary": None if rude else result.summary,
                "refused": (Refused(flag=flag, sentences=said),) if rude else (),
                "flags": (flag,) if rude else (),
                "thresholds": dict(self.THRESHOLDS),
                "own_thresholds": dict(self.THRESHOLDS),
            }
        )

    def _scores(self, text):
        score = 0.9 if self.RUDE in text else 0.1
        return {"toxicity": score, "insult": score / 2}
