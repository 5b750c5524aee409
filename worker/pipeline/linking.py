"""Which earlier message a message answers, in a channel where several conversations interleave.

A log-linear model chooses among the latest `WINDOW` messages and "answers none" (cf. Elsner and
Charniak, 2008; Kummerfeld et al., 2019). Its weights are fitted on Ubuntu IRC by
`training.linking`. Replies and threads that the platform records are taken as they are.

Knows nothing of topics or of the words of the summary.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from math import log, log1p

import numpy as np
import numpy.typing as npt

from precis.conversation import Conversation, Message
from worker.embeddings import Vectors
from worker.pipeline.mentions import NameIndex

WINDOW = 50  # messages looked back; holds 97 % of the gold links of the training logs
LONGEST_PAUSE = 6 * 3600.0  # seconds after which nothing is answered without saying so

PAIR_FEATURES = (
    "log_distance",
    "log_pause",
    "same_author",
    "same_author_latest",
    "answers_author",
    "asked_by_author",
    "addresses_other",
    "earlier_addresses_other",
    "cosine",
    "shared_words",
    "latest_of_author",
    "in_dialogue",
    "follows_question",
    "same_addressee",
)
START_FEATURES = (
    "start",
    "start_addresses",
    "start_question",
    "start_log_pause",
    "start_new_author",
)

Features = npt.NDArray[np.float64]

_WORDS = re.compile(r"[^\W\d_]{3,}")


def fit_file() -> str:
    """The fitted weights, as JSON text."""
    return files("worker.pipeline").joinpath("linking_weights.json").read_text()


@lru_cache(maxsize=1)
def fitted_weights() -> tuple[Features, Features]:
    """Weights of `PAIR_FEATURES` and of `START_FEATURES`."""
    weights = json.loads(fit_file())["weights"]
    return (
        np.array([weights[name] for name in PAIR_FEATURES]),
        np.array([weights[name] for name in START_FEATURES]),
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """What linking needs to know of each message, aligned with the conversation's messages."""

    author: npt.NDArray[np.int64]  # [messages] index of the author
    addressee: npt.NDArray[np.int64]  # [messages] index of whom it addresses, -1 for nobody
    time: Features  # [messages] seconds, NaN where unknown
    question: npt.NDArray[np.bool_]
    words: list[frozenset[str]]
    rarity: dict[str, float]  # word to its inverse document frequency
    vectors: Vectors  # [messages, dimension]


def link(conversation: Conversation, vectors: Vectors) -> list[int | None]:
    """For each message the index of the one it answers, or None where it begins something.

    `vectors`: unit sentence embeddings [messages, dimension].
    """
    recorded = _recorded_links(conversation.messages)
    seen = see(conversation, vectors)
    pair_weights, start_weights = fitted_weights()
    links: list[int | None] = []
    for index in range(len(conversation.messages)):
        if index in recorded:
            links.append(recorded[index])
            continue
        pairs, start = features(seen, index)
        scores = pairs @ pair_weights
        scores[~_may_answer(conversation.messages, seen, index, len(scores))] = -np.inf
        best = int(np.argmax(scores)) if len(scores) else 0
        if len(scores) and scores[best] > float(start @ start_weights):
            links.append(index - len(scores) + best)
        else:
            links.append(None)
    return links


def _recorded_links(messages: Sequence[Message]) -> dict[int, int | None]:
    """Links that the platform itself records: replies, and the order within a thread."""
    position = {message.id: index for index, message in enumerate(messages)}
    latest_of_thread: dict[str, int] = {}
    links: dict[int, int | None] = {}
    for index, message in enumerate(messages):
        target = position.get(message.reply_to) if message.reply_to else None
        if target is not None and target < index:
            links[index] = target
        elif message.thread is not None:
            links[index] = latest_of_thread.get(message.thread)
        if message.thread is not None:
            latest_of_thread[message.thread] = index
    return links


def _may_answer(
    messages: Sequence[Message], seen: Seen, index: int, count: int
) -> npt.NDArray[np.bool_]:
    """Which of the `count` messages before `index` are open to it [count]."""
    same_thread = np.array(
        [messages[j].thread in (None, messages[index].id) for j in range(index - count, index)],
        dtype=bool,
    )
    pause = seen.time[index] - seen.time[index - count : index]
    too_long: npt.NDArray[np.bool_] = pause > LONGEST_PAUSE
    return same_thread & ~too_long


def see(conversation: Conversation, vectors: Vectors) -> Seen:
    names = NameIndex(conversation)
    authors = {p.id: index for index, p in enumerate(conversation.participants)}
    addressees, words = [], []
    for message in conversation.messages:
        told = next((m.author_id for m in names.find(message.text) if m.is_address), None)
        addressees.append(-1 if told in (None, message.author_id) else authors[str(told)])
        words.append(frozenset(_WORDS.findall(message.text.casefold())))
    frequency = Counter(word for unique in words for word in unique)
    total = len(words)
    return Seen(
        author=np.array([authors[m.author_id] for m in conversation.messages], dtype=np.int64),
        addressee=np.array(addressees, dtype=np.int64),
        time=np.array(
            [m.time.timestamp() if m.time else np.nan for m in conversation.messages],
            dtype=np.float64,
        ),
        question=np.array([m.text.rstrip().endswith("?") for m in conversation.messages]),
        words=words,
        rarity={word: log((total + 1) / count) for word, count in frequency.items()},
        vectors=vectors,
    )


def features(seen: Seen, index: int) -> tuple[Features, Features]:
    """`PAIR_FEATURES` of each candidate [candidates, 14], and `START_FEATURES` [5]."""
    first = max(0, index - WINDOW)
    earlier = slice(first, index)
    author, addressee = seen.author[earlier], seen.addressee[earlier]
    me, told = seen.author[index], seen.addressee[index]
    mine = author == me
    answers = (author == told) & (told >= 0)
    asked = addressee == me
    pause = np.nan_to_num(np.maximum(seen.time[index] - seen.time[earlier], 0.0))
    latest = _latest_of_each(author)
    dialogue = _in_dialogue(author, addressee, me)
    pairs = np.stack(
        [
            np.log1p(np.arange(index - first, 0, -1)),
            np.log1p(pause / 60.0),
            mine,
            mine & latest,
            answers,
            asked,
            (told >= 0) & ~answers & ~mine,
            (addressee >= 0) & ~asked & ~mine,
            seen.vectors[earlier] @ seen.vectors[index],
            _shared_words(seen, first, index),
            latest,
            dialogue,
            seen.question[earlier] & ~mine,
            mine & (addressee == told) & (told >= 0),
        ],
        axis=1,
    ).astype(np.float64)
    since = float(pause[-1]) if len(pause) else LONGEST_PAUSE
    start = np.array(
        [1.0, told >= 0, seen.question[index], log1p(since / 60.0), not mine.any()],
        dtype=np.float64,
    )
    return pairs, start


def _latest_of_each(author: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether each message is the last one of its author [candidates]."""
    latest = np.zeros(len(author), dtype=bool)
    if len(author):
        _, from_end = np.unique(author[::-1], return_index=True)
        latest[len(author) - 1 - from_end] = True
    return latest


def _in_dialogue(
    author: npt.NDArray[np.int64], addressee: npt.NDArray[np.int64], me: np.int64
) -> npt.NDArray[np.bool_]:
    """Whether each message's author and `me` have addressed each other [candidates]."""
    partners = set(author[addressee == me]) | set(addressee[author == me])
    return np.isin(author, list(partners - {-1})) if partners else np.zeros(len(author), bool)


def _shared_words(seen: Seen, first: int, index: int) -> Features:
    """Rarity of the words in common, over that of the shorter message's words [candidates]."""
    mine = seen.words[index]
    weight = sum(seen.rarity[word] for word in mine)
    shares = np.zeros(index - first)
    if weight == 0.0:
        return shares
    for offset, words in enumerate(seen.words[first:index]):
        common = mine & words
        if common:
            smaller = min(weight, sum(seen.rarity[word] for word in words))
            shares[offset] = sum(seen.rarity[word] for word in common) / (smaller + 1e-9)
    return shares
