"""The part of a stored conversation that a summary is of, small enough to train on.

Knows nothing of consent; nobody who opted out is in it.
"""

from collections.abc import Sequence

from precis.conversation import Conversation
from precis.store import Store
from precis.store.lessons import LessonStore
from training.hidden_names import HiddenNames

FORGOTTEN = "forgotten"
OPTED_OUT = "opted out"
TOO_LONG = "too long a conversation"
MOST_WORDS = 350
"""Of a dialogue: what fits 512 tokens of MiniLM's or T5's with a prompt."""
AROUND = 4
"""Messages before and after those that are cited."""


class Lost(Exception):  # noqa: N818 - no fault: there is nothing to learn, and its text says why
    """There is no such part, or not all of it may be used."""


class Excerpts:
    """Reads conversations, a job at a time."""

    def __init__(self, lessons: LessonStore, store: Store) -> None:
        self._lessons = lessons
        self._store = store
        self._known: dict[tuple[str, str], list[tuple[str, str]]] = {}

    def of(
        self,
        job_id: str,
        server: tuple[str, str],
        cited: set[str],
        texts: Sequence[str],
        *,
        whole: bool = False,
    ) -> tuple[str, list[str]]:
        """The dialogue that `texts` are of, and they, names hidden; `server`: platform and id.

        `whole`: the texts are of the whole conversation; else the messages about those `cited`
        are enough. Raises Lost where messages are forgotten, or the dialogue is too long.
        """
        if not texts:
            raise Lost(FORGOTTEN)
        conversation = self._store.conversation(job_id)
        authors = [message.author_id for message in conversation.messages]
        out = self._lessons.opted_out(server[0], authors)
        usable = [n for n, author in enumerate(authors) if author not in out]
        places = {conversation.messages[n].id: n for n in usable}
        stored = {message.id for message in conversation.messages}
        if not cited <= stored or not stored:
            raise Lost(FORGOTTEN)
        if not cited <= places.keys() or not usable:
            raise Lost(OPTED_OUT)
        chosen = _around(conversation, usable, [places[each] for each in cited], whole=whole)
        if server not in self._known:
            self._known[server] = self._lessons.names(*server)
        return HiddenNames(conversation, self._known[server]).dialogue(chosen, texts)


def _around(
    conversation: Conversation, usable: Sequence[int], cited: Sequence[int], *, whole: bool
) -> list[int]:
    """Indexes of all messages if they are few, else of those about the cited ones."""
    if _words(conversation, usable) <= MOST_WORDS:
        return list(usable)
    if whole or not cited:
        raise Lost(TOO_LONG)
    first, last = min(cited), max(cited)
    for around in range(AROUND, -1, -1):
        chosen = [n for n in usable if first - around <= n <= last + around]
        if _words(conversation, chosen) <= MOST_WORDS:
            return chosen
    raise Lost(TOO_LONG)


def _words(conversation: Conversation, indexes: Sequence[int]) -> int:
    return sum(len(conversation.messages[n].text.split()) + 1 for n in indexes)
