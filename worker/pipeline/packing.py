"""Shares out the summary's sentences, and packs topics into a generator's window.

Pure; counts tokens through a function it is given. Knows nothing of models.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log2

from precis.conversation import Conversation
from worker.pipeline.passages import Passage, PassageMaker, Piece
from worker.pipeline.recaps import sums_up
from worker.pipeline.segmentation import Topic, weight
from worker.pipeline.sentences import shorten, split_sentences

MOST_SENTENCES = 12
MOST_OF_A_TOPIC = 4
RECAP = 3.0

CountTokens = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True, slots=True)
class Window:
    """What a generator can read at once: `tokens` of dialogue, as `count` counts them."""

    tokens: int
    count: CountTokens


def sentences_for(messages: int) -> int:
    """How many sentences so many messages deserve: 3 of 10, 6 of 70, 10 of 1,000, 12 at most."""
    return 0 if messages == 0 else min(MOST_SENTENCES, max(1, round(log2(messages))))


def share_out(seats: int, weights: Sequence[float], most: int) -> list[int]:
    """Give `seats` to claims by weight (Sainte-Laguë), at most `most` to each."""
    given = [0] * len(weights)
    for _ in range(seats):
        quotients = [
            weight / (2 * own + 1) if own < most else 0.0
            for weight, own in zip(weights, given, strict=True)
        ]
        best = max(range(len(weights)), key=quotients.__getitem__, default=None)
        if best is None or quotients[best] <= 0.0:
            break
        given[best] += 1
    return given


def pack(
    conversation: Conversation,
    topics: Sequence[Topic],
    maker: PassageMaker,
    window: Window | None,
) -> list[Passage]:
    """Passages to summarise, in the order of their topics, with the sentences each may fill.

    A topic too small to claim a sentence gives none. Without a `window` a topic is one passage.
    """
    seats = share_out(
        sentences_for(len(conversation.messages)), [t.weight for t in topics], MOST_OF_A_TOPIC
    )
    return [
        passage
        for topic, wanted in zip(topics, seats, strict=True)
        for passage in fill(conversation, topic, wanted, maker, window)
    ]


def fill(
    conversation: Conversation,
    topic: Topic,
    wanted: int,
    maker: PassageMaker,
    window: Window | None,
) -> list[Passage]:
    """A topic's passages that fill `wanted` sentences, each with the share it may fill."""
    if wanted == 0:
        return []
    packed = pack_topic(conversation, topic, maker, window)
    runs = [[piece.message for piece in pieces] for pieces in packed]
    weights = [weight(conversation, run) * _worth(conversation, run) for run in runs]
    shares = share_out(wanted, weights, MOST_OF_A_TOPIC)
    return [
        maker.passage(pieces, share) for pieces, share in zip(packed, shares, strict=True) if share
    ]


def _worth(conversation: Conversation, indices: Sequence[int]) -> float:
    """Of a topic's parts, one in which people sum up is told before the others."""
    return RECAP if any(sums_up(conversation.messages[index].text) for index in indices) else 1.0


def pack_topic(
    conversation: Conversation, topic: Topic, maker: PassageMaker, window: Window | None
) -> list[list[Piece]]:
    """Split a topic into runs of whole messages, about equally full, that fit `window`.

    Only a message that alone is too long for the window is divided, between its sentences.
    """
    if window is None:
        return [[Piece(index) for index in topic.messages]]
    costs = window.count([maker.hidden(index) for index in topic.messages])
    pieces: list[tuple[Piece, int]] = []
    for index, cost in zip(topic.messages, costs, strict=True):
        if cost <= window.tokens:
            pieces.append((Piece(index), cost))
        else:
            pieces += _divide(conversation.messages[index].text, index, window)
    total = sum(cost for _, cost in pieces)
    target = total / -(-total // window.tokens)  # equal shares rather than one full, one crumb
    runs: list[list[Piece]] = []
    filled = 0
    for piece, cost in pieces:
        if not runs or filled + cost > window.tokens or filled >= target:
            runs.append([])
            filled = 0
        runs[-1].append(piece)
        filled += cost
    return runs


def _divide(text: str, index: int, window: Window) -> list[tuple[Piece, int]]:
    """Parts of one very long message, each within the window with its speaker."""
    parts: list[tuple[Piece, int]] = []
    sentences = split_sentences(text)
    costs = window.count([f"#Person99#: {sentence}" for sentence in sentences])
    current: list[str] = []
    filled = 0
    for whole, whole_cost in zip(sentences, costs, strict=True):
        sentence, cost = whole, whole_cost
        while cost > window.tokens:  # a sentence without end: keep its beginning
            sentence = shorten(sentence, max(20, len(sentence) * window.tokens // (cost + 1)))
            cost = window.count([f"#Person99#: {sentence}"])[0]
        if current and filled + cost > window.tokens:
            parts.append((Piece(index, " ".join(current)), filled))
            current, filled = [], 0
        current.append(sentence)
        filled += cost
    return [*parts, (Piece(index, " ".join(current)), filled)]
