"""What a generator is given: a passage of turns, its people behind `#Person1#`, `#Person2#`, ….

A model that never sees a name can neither leak nor invent one. Names come back by number, so a
number that nobody has is found out. Knows nothing of prompts or of models.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from precis.conversation import Conversation
from worker.embeddings import Vectors
from worker.pipeline.mentions import NameIndex

_PLACEHOLDER = re.compile(r"#\s?[Pp]erson\s?([0-9]+)\s?#")


@dataclass(frozen=True, slots=True)
class Turn:
    """One message, or a part of a very long one, as a generator sees it."""

    speaker: str
    """`#PersonN#`."""
    text: str
    message: int
    """Index into the conversation's messages."""
    quotable: bool
    """Whether the gate lets its words stand in a summary."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Turns that fit a generator's window, and what is wanted of them."""

    turns: tuple[Turn, ...]
    people: tuple[str, ...]
    """Author ids; the first is `#Person1#`."""
    vectors: Vectors
    """Embeddings of the turns' messages [turns, dimension]."""
    sentences: int
    """How many sentences the summary has room for."""

    @property
    def dialogue(self) -> str:
        """The turns as DialogSum writes them, a line each."""
        return "\n".join(f"{turn.speaker}: {turn.text}" for turn in self.turns)


@dataclass(frozen=True, slots=True)
class Piece:
    """A message of a passage to be, or a part of one: its index, and its text if only a part."""

    message: int
    part: str | None = None


class PassageMaker:
    """Makes passages of one conversation."""

    def __init__(
        self, conversation: Conversation, vectors: Vectors, quotable: Sequence[bool]
    ) -> None:
        self._conversation = conversation
        self._vectors = vectors
        self._quotable = quotable
        self._names = NameIndex(conversation)

    def passage(self, pieces: Sequence[Piece], sentences: int) -> Passage:
        """Turn `pieces` into a passage whose people are numbered in order of appearance."""
        people: dict[str, int] = {}
        turns = []
        for piece in pieces:
            message = self._conversation.messages[piece.message]
            speaker = _placeholder(people, message.author_id)
            text = self._hide_names(message.text if piece.part is None else piece.part, people)
            turns.append(Turn(speaker, text, piece.message, self._quotable[piece.message]))
        vectors = self._vectors[[piece.message for piece in pieces]]
        return Passage(tuple(turns), tuple(people), vectors, sentences)

    def hidden(self, message: int) -> str:
        """A message's line as long as it can become in any passage, to count its tokens."""
        text = self._conversation.messages[message].text
        widest = {p.id: 98 for p in self._conversation.participants}
        return f"#Person99#: {self._hide_names(text, widest)}"

    def _hide_names(self, text: str, people: dict[str, int]) -> str:
        parts, end = [], 0
        for mention in self._names.find(text):
            parts += [text[end : mention.start], _placeholder(people, mention.author_id)]
            end = mention.end
        return "".join([*parts, text[end:]])


def _placeholder(people: dict[str, int], author_id: str) -> str:
    return f"#Person{people.setdefault(author_id, len(people)) + 1}#"


def restore_names(text: str, passage: Passage, names: dict[str, str]) -> str | None:
    """Put people's names (author id to name) back; None if `text` names a number nobody has."""
    unknown = False

    def name(match: re.Match[str]) -> str:
        nonlocal unknown
        number = int(match[1])
        if not 1 <= number <= len(passage.people):
            unknown = True
            return ""
        return names[passage.people[number - 1]]

    restored = _PLACEHOLDER.sub(name, text)
    return None if unknown else restored


def without_people(text: str) -> str:
    """`text` without its placeholders, whose numbers nobody has said."""
    return _PLACEHOLDER.sub(" ", text)


def people_named(text: str, passage: Passage) -> list[str]:
    """Author ids of the people whose placeholders stand in `text`, in order, each once."""
    numbers = [int(match[1]) for match in _PLACEHOLDER.finditer(text)]
    ids = [passage.people[n - 1] for n in numbers if 1 <= n <= len(passage.people)]
    return list(dict.fromkeys(ids))
