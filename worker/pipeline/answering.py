"""What becomes of a question or a promise later in the conversation. Pure.

Rests on which message answers which (`worker.pipeline.linking`), and on what is said
(`worker.pipeline.phrases`). Knows nothing of topics and digests.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cached_property

from precis.conversation import Conversation, Message
from worker.embeddings import Vectors
from worker.pipeline import phrases
from worker.pipeline.mentions import NameIndex

Links = Sequence[int | None]

AT_ONCE = 4
"""Messages after a question in which a `yes` is of it."""
NEAR = 20
"""Messages after a question in which what may be an answer is taken for one."""
SOON = timedelta(hours=1)
ALIKE = 0.45
"""Cosine of a question and what may be its answer. With these two, of the questions of the Ubuntu
IRC development logs that are left open, 76 % are so by the gold links; by links alone, 66 %."""

STEM = 4  # letters
SHARED = 2
"""Stems that what was promised and what is done have in common, where nothing links them."""
_COMMON = frozenset(
    {"will", "that", "this", "have", "with", "from", "your", "then", "them", "they"}
)

HOST = re.compile(r"\[((?:[\w-]+\.)+[^\W\d_]{2,})\]")
"""A link, as `precis.normalisation` leaves it."""


class Talk:
    """A conversation whose first `told` messages are of an earlier time, without what lay between.

    `links`: for each message the index of the one it answers, or None; `vectors`: unit sentence
    embeddings [messages, dimension].
    """

    def __init__(
        self, conversation: Conversation, links: Links, vectors: Vectors, told: int = 0
    ) -> None:
        self.conversation = conversation
        self.messages = conversation.messages
        self.links = links
        self.told = told
        self._vectors = vectors
        self._names = NameIndex(conversation)

    @cached_property
    def _answers(self) -> dict[int, list[int]]:
        """A message's index to those of its answers."""
        answers = defaultdict(list)
        for index, earlier in enumerate(self.links):
            if earlier is not None:
                answers[earlier].append(index)
        return answers

    @cached_property
    def _by_author(self) -> dict[str, list[int]]:
        written = defaultdict(list)
        for index, message in enumerate(self.messages):
            written[message.author_id].append(index)
        return written

    @cached_property
    def _roots(self) -> list[int]:
        """Each message's first one of its thread."""
        roots = list(range(len(self.links)))
        for index, earlier in enumerate(self.links):
            if earlier is not None:
                roots[index] = roots[earlier]  # links only go back
        return roots

    def is_answered(self, index: int, question: str) -> bool:
        """Whether somebody else answers, also after asking back; or who asked needs none now."""
        asked = self.messages[index]
        if phrases.asks_yes_or_no(question) and any(
            phrases.agrees(reaction.emoji) for reaction in asked.reactions
        ):
            return True
        asking = list(self._said_in_one_go(index))
        about = list(asking)
        while about:
            at = about.pop()
            for later in self._answers.get(at, ()):
                if later <= index or not self._is_told_of(asked, index, later):
                    continue
                if at not in asking and not self._is_soon(at, later):
                    continue
                message = self.messages[later]
                own = message.author_id == asked.author_id
                if phrases.settles(message.text) if own else phrases.answers(message.text):
                    return True
                about.append(later)
        return self._seems_answered(index, question)

    def answer_to(self, index: int) -> int | None:
        """The first message that answers a question, in so many words; None where nobody does."""
        for later in self._answers.get(index, ()):
            message = self.messages[later]
            other = message.author_id != self.messages[index].author_id
            if other and phrases.answers(message.text):
                return later
        return None

    def gone_on_from(self, index: int) -> int | None:
        """What somebody else said that a message answers, or just before took on without a link."""
        message, linked = self.messages[index], self.links[index]
        if linked is not None and self.messages[linked].author_id != message.author_id:
            return linked
        if not phrases.accepts(message.text):
            return None
        before = range(index - 1, max(self.told, index - AT_ONCE) - 1, -1)
        others = (n for n in before if self.messages[n].author_id != message.author_id)
        return next((n for n in others if phrases.requests(self.messages[n].text)), None)

    def is_kept(self, index: int) -> bool:
        """Whether who promised something says that it is done, or brings a file or a link.

        Of an earlier time's promise they may do so anywhere, and somebody's answer does too.
        """
        promise = self.messages[index]
        earlier = index < self.told
        for later in self._by_author[promise.author_id]:
            if later < self.told if earlier else later <= index:
                continue
            message = self.messages[later]
            done = phrases.is_done(message.text)
            here = earlier or self._roots[later] == self._roots[index]
            if here and (done or message.attachments or HOST.search(message.text)):
                return True
            if done and len(_stems(message.text) & _stems(promise.text)) >= SHARED:
                return True
        return earlier and any(
            later >= self.told and phrases.answers(self.messages[later].text)
            for later in self._answers.get(index, ())
        )

    def _seems_answered(self, index: int, question: str) -> bool:
        """Whether somebody speaks to who asked, or was asked, or says yes, or what is alike.

        Links aren't certain, and a question that was answered is worse told of than left out.
        """
        asked = self.messages[index]
        replied = self.links[index]
        whom = self._addressee(asked) or (
            self.messages[replied].author_id if replied is not None else None
        )
        begin = max(index + 1, self.told)
        simple = phrases.asks_yes_or_no(question) and index >= self.told
        for later in range(begin, len(self.messages)):
            near = later - begin < NEAR
            if index >= self.told and not near:
                break
            message = self.messages[later]
            if message.author_id == asked.author_id or message.thread != asked.thread:
                continue
            if message.reply_to not in (None, asked.id):
                continue
            told = self._addressee(message)
            free = told in (None, asked.author_id)
            yes = phrases.replies(message.text) or phrases.accepts(message.text)
            at_once = simple and later - begin < AT_ONCE and yes
            spoken = near and (told == asked.author_id or message.author_id == whom)
            alike = float(self._vectors[index] @ self._vectors[later]) >= ALIKE
            if (spoken or (free and (at_once or alike))) and phrases.answers(message.text):
                return True
        return False

    def _addressee(self, message: Message) -> str | None:
        return next((m.author_id for m in self._names.find(message.text) if m.is_address), None)

    def _is_soon(self, index: int, later: int) -> bool:
        """Whether an answer surely goes on from what it is linked to: at once, or as a reply."""
        earlier, answer = self.messages[index], self.messages[later]
        if answer.reply_to == earlier.id or earlier.time is None or answer.time is None:
            return True
        return answer.time - earlier.time <= SOON

    def _said_in_one_go(self, index: int) -> Iterator[int]:
        """A message, and those of its author that it goes on from."""
        at: int | None = index
        while at is not None and self.messages[at].author_id == self.messages[index].author_id:
            yield at
            at = self.links[at]

    def _is_told_of(self, asked: Message, index: int, later: int) -> bool:
        """Of an earlier time, only what is recorded says which messages belong together."""
        if index >= self.told or later >= self.told:
            return True
        answer = self.messages[later]
        return answer.reply_to == asked.id or phrases.accepts(answer.text)


def _stems(text: str) -> set[str]:
    """The beginnings of a text's longer words, by which `book` and `booked` are one."""
    words = phrases.words(text.casefold())
    return {word[:STEM] for word in words if len(word) >= STEM and word.isalnum()} - _COMMON
