"""Stand-ins for the summariser that keep what they were given, and cite as the real one does."""

import threading

from precis.errors import PrecisError
from precis.job import Citation, ModelUsed, Result, Summary, SummarySentence
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
