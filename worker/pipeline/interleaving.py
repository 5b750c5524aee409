"""Joins topics that were spoken of by turns: for a digest, which wants few and large ones. Pure.

People plan a meeting in several threads at once. Two topics are one where a message of the one
stands between two of the other that follow soon, and both resemble each other. The most alike are
joined first (agglomerative, by their centres); what the platform keeps in threads stays apart.
Knows nothing of how topics were found.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from precis.conversation import Conversation
from worker.embeddings import Vector, Vectors
from worker.pipeline.segmentation import ALIKE, BLOCK, LONGEST_TOPIC, Topic, weight

SHORT_PAUSE = 20 * 60.0  # seconds within which a conversation goes on

Pair = tuple[int, int]


def join_interleaved(
    conversation: Conversation, vectors: Vectors, topics: Sequence[Topic]
) -> list[Topic]:
    """Topics in order of their first message; `vectors` are the messages' unit embeddings."""
    pieces = {number: list(topic.messages) for number, topic in enumerate(topics)}
    sums = {number: vectors[piece].sum(0) for number, piece in pieces.items()}
    pairs = {pair: _likeness(sums, pair) for pair in _by_turns(conversation, pieces)}
    while pairs:
        pair = max(pairs, key=pairs.__getitem__)
        if pairs[pair] < ALIKE:
            break
        del pairs[pair]
        one, other = pair
        if len(pieces[one]) + len(pieces[other]) > LONGEST_TOPIC:
            continue
        pieces[one] = sorted(pieces[one] + pieces.pop(other))
        sums[one] = sums[one] + sums.pop(other)
        for near in [near for near in pairs if one in near or other in near]:
            del pairs[near]
            renamed = tuple(sorted(one if number == other else number for number in near))
            pairs[renamed[0], renamed[1]] = _likeness(sums, (renamed[0], renamed[1]))
    return [Topic(tuple(piece), weight(conversation, piece)) for piece in sorted(pieces.values())]


def _likeness(sums: dict[int, Vector], pair: Pair) -> float:
    """Cosine of two topics' centres."""
    one, other = (sums[number] for number in pair)
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other) + 1e-9))


def _by_turns(conversation: Conversation, pieces: dict[int, list[int]]) -> Iterator[Pair]:
    """Which two topics have a message of the one amid the other."""
    owner = {index: number for number, piece in pieces.items() for index in piece}
    threads = {
        number: {conversation.messages[index].thread for index in piece}
        for number, piece in pieces.items()
    }
    for number, piece in pieces.items():
        for before, after in pairwise(piece):
            if after - before > 1 and _soon(conversation, before, after):
                others = {owner[index] for index in range(before + 1, after) if index in owner}
                for other in others:
                    if threads[other] == threads[number]:
                        yield min(number, other), max(number, other)


def _soon(conversation: Conversation, before: int, after: int) -> bool:
    """Whether a conversation goes on after `before`, by the clock or else by the count."""
    earlier, later = conversation.messages[before].time, conversation.messages[after].time
    if earlier is None or later is None:
        return after - before <= BLOCK * BLOCK
    return (later - earlier).total_seconds() <= SHORT_PAUSE
