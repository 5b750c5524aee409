"""Dialogues and texts of the store with people's names behind `#PersonN#`, as generators see them.

By the worker's own code, with everybody who is known on the server, not just those who spoke;
what is still written as an address (`@somebody`) is hidden too. Knows nothing of the store.
"""

import re
from collections.abc import Iterable, Sequence

import numpy as np

from precis.conversation import Conversation, Message
from worker.pipeline.passages import PassageMaker, Piece

_ADDRESS = re.compile(r"<[@!]+[\w|.-]+>|(?<![\w@])@[\w.-]*\w")


class HiddenNames:
    """Hides the names in one conversation, or in single texts where there is none."""

    def __init__(self, conversation: Conversation, known: Iterable[tuple[str, str]]) -> None:
        """`known`: (author id, name) of people on the server; several names of one are fine."""
        spoke = {message.author_id for message in conversation.messages}
        others = [(author, name) for author, name in known if author not in spoke]
        silent = tuple(
            Message(id=f"known {number}", author_id=author, author_name=name, text="")
            for number, (author, name) in enumerate(others)
        )
        somebody = Message(id="somebody", author_id="somebody", author_name="-", text="")
        self._first: dict[str, int] = {}
        for number, (author, _) in enumerate(others, start=len(conversation.messages)):
            self._first.setdefault(author, number)
        everybody = conversation.model_copy(
            update={"messages": (*conversation.messages, *silent, somebody)}
        )
        count = len(everybody.messages)
        self._somebody = count - 1
        self._messages = conversation.messages
        self._maker = PassageMaker(everybody, np.zeros((count, 1), np.float32), [True] * count)

    def dialogue(self, indexes: Sequence[int], texts: Sequence[str]) -> tuple[str, list[str]]:
        """The turns of these messages (one or more), and `texts` about them, numbered alike."""
        pieces = [Piece(index, _line(self._messages[index].text)) for index in indexes]
        # What is told of them has no speaker of its own: the first one has a number already.
        pieces += [Piece(indexes[0], _line(text)) for text in texts]
        passage = self._maker.passage(pieces, 1)
        addressed: dict[str, int] = {}
        hidden = [
            _without_addresses(turn.text, addressed, len(passage.people)) for turn in passage.turns
        ]
        speakers = [turn.speaker for turn in passage.turns]
        count = len(indexes)
        turns = zip(speakers[:count], hidden[:count], strict=True)
        return "\n".join(f"{who}: {said}" for who, said in turns), hidden[count:]

    def text(self, author: str, text: str) -> str:
        """A text by itself; its author, whose name may not be known, is `#Person1#`."""
        writer = self._first.get(author, self._somebody)
        passage = self._maker.passage([Piece(writer, _line(text))], 1)
        return _without_addresses(passage.turns[0].text, {}, len(passage.people))


def nobody(source: str) -> Conversation:
    """No conversation: for texts of which none is stored."""
    return Conversation(source=source)


def _line(text: str) -> str:
    """In one line: a dialogue's lines are its turns, and nobody is to forge one."""
    return " ".join(text.split())


def _without_addresses(text: str, addressed: dict[str, int], people: int) -> str:
    def person(match: re.Match[str]) -> str:
        number = addressed.setdefault(match[0].casefold(), people + len(addressed) + 1)
        return f"#Person{number}#"

    return _ADDRESS.sub(person, text)
