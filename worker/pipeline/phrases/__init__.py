"""How people ask, decide and promise, in English and German: patterns over one sentence. Pure.

Precise rather than complete: what a digest says of somebody must be what they said. A sentence
that is in doubt (a wish, a condition, an idiom) is none. Knows nothing of conversations.
"""

from worker.pipeline.phrases.decisions import decides, is_of_another, without_label
from worker.pipeline.phrases.promises import accepts, is_done, promises, requests
from worker.pipeline.phrases.questions import (
    agrees,
    answers,
    asks,
    asks_yes_or_no,
    chats,
    is_question,
    leans,
    replies,
    settles,
)
from worker.pipeline.phrases.wording import FEWEST_WORDS, words

__all__ = [
    "FEWEST_WORDS",
    "accepts",
    "agrees",
    "answers",
    "asks",
    "asks_yes_or_no",
    "chats",
    "decides",
    "is_done",
    "is_of_another",
    "is_question",
    "leans",
    "promises",
    "replies",
    "requests",
    "settles",
    "without_label",
    "words",
]
