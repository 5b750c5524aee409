"""Segments a conversation into topics; a topic's messages need not be neighbours.

Threads come from `worker.pipeline.linking`. A long thread is split where a pause or a dip in
cohesion falls (after Hearst's TextTiling, 1997, on embeddings); a crumb of a thread joins the
topic around it that it resembles. Knows nothing of models' windows or of summaries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log1p

import numpy as np

from precis.conversation import Conversation
from worker.embeddings import Vectors
from worker.pipeline.linking import link

LONG_PAUSE = 45 * 60.0  # seconds of silence that end a topic
LONGEST_TOPIC = 80  # messages; more than that is split at its deepest dips
SHORTEST_TOPIC = 4  # messages; fewer join a neighbour
BLOCK = 4  # messages compared on each side of a possible boundary
CLEAR_DIP = 0.35  # depth, in cosine, of a dip that splits even a short topic
ALIKE = 0.3  # cosine from which a crumb resembles a topic


@dataclass(frozen=True, slots=True)
class Topic:
    """Indices of a conversation's messages that speak of one thing, in order."""

    messages: tuple[int, ...]
    weight: float
    """How much was said, by how many: what it may claim of the summary."""


def segment(
    conversation: Conversation,
    vectors: Vectors,
    links: Sequence[int | None] | None = None,
    told: int = 0,
) -> list[Topic]:
    """Every message is in exactly one topic; topics are in order of their first message.

    `vectors`: unit sentence embeddings [messages, dimension]; `links`: as `link` gives them, if
    they are known. The first `told` messages are in no topic, but join what answers them.
    """
    linked = threads_of(link(conversation, vectors) if links is None else links)
    new = ([index for index in thread if index >= told] for thread in linked)
    threads = [thread for thread in new if thread]
    pieces = [piece for thread in threads for piece in _split(conversation, vectors, thread)]
    merged = _join_crumbs(conversation, vectors, pieces)
    return [Topic(tuple(piece), weight(conversation, piece)) for piece in sorted(merged)]


def weight(conversation: Conversation, indices: Sequence[int]) -> float:
    """Words said, each further message counting less, times a bonus for each further person."""
    words = sum(log1p(len(conversation.messages[i].text.split())) for i in indices)
    people = len({conversation.messages[i].author_id for i in indices})
    return words * (1.0 + log1p(people - 1))


def threads_of(links: Sequence[int | None]) -> list[list[int]]:
    """The connected components of `links`, each in order."""
    root = list(range(len(links)))
    for index, earlier in enumerate(links):
        if earlier is not None:
            root[index] = root[earlier]  # links only go back, so roots are settled
    threads: dict[int, list[int]] = {}
    for index, first in enumerate(root):
        threads.setdefault(first, []).append(index)
    return list(threads.values())


def _split(conversation: Conversation, vectors: Vectors, thread: list[int]) -> list[list[int]]:
    """Cut a thread at long pauses, at clear dips, and until no piece is too long."""
    pieces = []
    for part in _cut_at_pauses(conversation, thread):
        stack = [part]
        while stack:
            piece = stack.pop()
            place, depth = _deepest_dip(vectors, piece)
            if depth >= CLEAR_DIP or (len(piece) > LONGEST_TOPIC and place):
                stack += [piece[place:], piece[:place]]
            else:
                pieces.append(piece)
    return pieces


def _cut_at_pauses(conversation: Conversation, thread: list[int]) -> list[list[int]]:
    parts = [[thread[0]]]
    for before, index in pairwise(thread):
        earlier, later = conversation.messages[before].time, conversation.messages[index].time
        if earlier and later and (later - earlier).total_seconds() > LONG_PAUSE:
            parts.append([])
        parts[-1].append(index)
    return parts


def _deepest_dip(vectors: Vectors, piece: list[int]) -> tuple[int, float]:
    """Where in `piece` cohesion dips most, and by how much; (0, 0.0) where it is too short.

    Depth at a gap is how far the similarity of the blocks on its sides lies below the highest
    similarity before it and after it, halved.
    """
    if len(piece) < 4 * BLOCK:
        return 0, 0.0
    own = vectors[piece]  # [piece, dimension]
    sums = np.concatenate([np.zeros_like(own[:1]), np.cumsum(own, axis=0)])
    gaps = np.arange(BLOCK, len(piece) - BLOCK + 1)
    before = sums[gaps] - sums[gaps - BLOCK]  # [gaps, dimension]
    after = sums[gaps + BLOCK] - sums[gaps]
    norms = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1) + 1e-9
    cohesion = (before * after).sum(1) / norms  # [gaps]
    left = np.maximum.accumulate(cohesion)
    right = np.maximum.accumulate(cohesion[::-1])[::-1]
    depth = (left + right) / 2 - cohesion
    inner = slice(BLOCK, len(gaps) - BLOCK)  # no piece shorter than two blocks
    best = int(np.argmax(depth[inner])) + BLOCK
    return int(gaps[best]), float(depth[best])


def _join_crumbs(
    conversation: Conversation, vectors: Vectors, pieces: list[list[int]]
) -> list[list[int]]:
    """Give the messages of too-small pieces to the topic around them, or to each other.

    A crumb that resembles no topic around it goes with the crumbs next to it: small talk.
    """
    topics = [piece for piece in pieces if len(piece) >= SHORTEST_TOPIC]
    crumbs = sorted(piece for piece in pieces if len(piece) < SHORTEST_TOPIC)
    centres = [vectors[topic].mean(0) for topic in topics]
    loose: list[list[int]] = []
    for crumb in crumbs:
        around = [n for n, topic in enumerate(topics) if topic[0] <= crumb[-1] + BLOCK]
        around = [n for n in around if topics[n][-1] >= crumb[0] - BLOCK]
        likeness = [float(vectors[crumb].mean(0) @ centres[n]) for n in around]
        if likeness and (max(likeness) >= ALIKE or len(topics) == 1):
            topics[around[int(np.argmax(likeness))]].extend(crumb)
        elif loose and _near(conversation, loose[-1], crumb):
            loose[-1].extend(crumb)
        else:
            loose.append(list(crumb))
    return [sorted(topic) for topic in topics + loose]


def _near(conversation: Conversation, one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether `other` goes on soon after `one`, by the clock or else by the count."""
    if other[0] - one[-1] > BLOCK * BLOCK or len(one) >= LONGEST_TOPIC:
        return False
    earlier, later = conversation.messages[one[-1]].time, conversation.messages[other[0]].time
    return not (earlier and later) or (later - earlier).total_seconds() <= LONG_PAUSE
