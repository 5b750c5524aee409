"""Finds participants' names in message texts: whom a message addresses, whom it speaks of.

A nickname can be an everyday word (`will`, `the`), so a bare lower-case word counts as a name
only where it is written as an address: `@will`, or `will:` and `will,` at the beginning.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from precis.conversation import Conversation

_WORD = re.compile(r"\w+")
_AFTER_ADDRESS = re.compile(r"\s*[:,>]")


@dataclass(frozen=True, slots=True)
class Mention:
    """`text[start:end]` (with a leading `@`, if any) names the participant `author_id`."""

    start: int
    end: int
    author_id: str
    is_address: bool
    """Whether the message speaks to them, rather than of them."""


@dataclass(frozen=True, slots=True)
class _Known:
    name: str
    author_id: str
    offset: int  # of the name's first word inside the name
    distinctive: bool


class NameIndex:
    """Looks up names by their first word, so that a thousand participants cost no more than ten."""

    def __init__(self, conversation: Conversation) -> None:
        self._by_word: dict[str, list[_Known]] = {}
        spellings: dict[str, str] = {}
        for message in conversation.messages:
            spellings.setdefault(message.author_name, message.author_id)
        for participant in conversation.participants:
            spellings.setdefault(participant.name, participant.id)
        for name, author_id in spellings.items():
            first = _WORD.search(name)
            if first is None or len(name) < 2:
                continue
            known = _Known(name, author_id, first.start(), _is_distinctive(name))
            self._by_word.setdefault(first.group().casefold(), []).append(known)
        for names in self._by_word.values():
            names.sort(key=lambda known: -len(known.name))  # `Ana Maria` before `Ana`

    def find(self, text: str) -> Iterator[Mention]:
        """Mentions in `text`, left to right, not overlapping."""
        free_from = 0
        for word in _WORD.finditer(text):
            for known in self._by_word.get(word.group().casefold(), ()):
                mention = _mention_at(text, word.start() - known.offset, known)
                if mention is not None and mention.start >= free_from:
                    yield mention
                    free_from = mention.end
                    break


def _is_distinctive(name: str) -> bool:
    return len(name) > 2 and not (name.isalpha() and name.islower())


def _mention_at(text: str, start: int, known: _Known) -> Mention | None:
    end = start + len(known.name)
    if start < 0 or text[start:end].casefold() != known.name.casefold() or _goes_on(text, end):
        return None
    before = text[:start]
    if before.endswith("@"):
        return Mention(start - 1, end, known.author_id, is_address=True)
    if not before.strip() and _AFTER_ADDRESS.match(text, end):
        return Mention(start, end, known.author_id, is_address=True)
    stands_alone = not before or not (before[-1].isalnum() or before[-1] in "_/.")
    if stands_alone and known.distinctive and text[start:end] == known.name:
        return Mention(start, end, known.author_id, is_address=False)
    return None


def _goes_on(text: str, end: int) -> bool:
    """Whether the word that holds `text[end - 1]` goes on at `end`."""
    return (
        end < len(text)
        and (text[end - 1].isalnum() or text[end - 1] == "_")
        and (text[end].isalnum() or text[end] == "_")
    )
