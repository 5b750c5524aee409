"""Whether summaries keep to their dialogues: strange names, support by turns, shared words.

A name, a number or a person that the dialogue doesn't hold is strange
(`worker.pipeline.grounding`). A sentence is supported if its best turn supports it well enough
(`worker.pipeline.citations`). The worker filters with these very functions, so of what it lets
through they tell little; the content words that a written sentence shares with a few turns
(`eval.wording`) it doesn't look at. The share of a summary's n-grams that stand in its dialogue
tells copying from writing. Knows nothing of systems.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval.bootstrap import Interval, interval
from eval.dialogues import Dialogue
from eval.passages import NOBODY, in_passage_numbers, passages
from eval.systems import CHUNK, Progress, Summary
from eval.wording import shared_words, unknown_words
from worker.embeddings import SentenceEncoder
from worker.pipeline.citations import support
from worker.pipeline.grounding import LEAST_SUPPORT, unsupported
from worker.pipeline.passages import Passage

SUPPORTED = LEAST_SUPPORT
"""Support of the best turn from which a sentence counts as supported: the worker's own measure.

Of sentences that people wrote of DialogSum's training split, 95 % reach it with their own dialogue
and 6 % with another one (`python -m training.grounding`).
"""
ORDERS = (1, 2, 3, 4)

_TOKEN = re.compile(r"#Person[0-9]+#|[^\W_]+(?:['’-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Judged:
    """One summary held against its dialogue."""

    strange: tuple[str, ...]
    """Names and numbers that aren't in the dialogue; `#Person0#` for people who aren't."""
    unknown: tuple[str, ...]
    """Words that neither the dialogue nor a large vocabulary holds."""
    supported: tuple[bool, ...]
    """Of each sentence."""
    shared: tuple[float, ...]
    """Of each written sentence with content words: share of them in a few turns in a row."""
    copied: tuple[float | None, ...]
    """By `ORDERS`: share of the n-grams that occur in the dialogue; None where there are none."""
    generated: int
    """Sentences that were written, not taken."""


@dataclass(frozen=True, slots=True)
class FaithfulnessFigures:
    """Shares, 0 to 1; None where there is nothing to take a share of."""

    summaries: int
    sentences: int
    empty: int
    """Summaries without a sentence."""
    strange: Interval
    """Of summaries with a name, number or person that isn't in the dialogue."""
    unknown: Interval
    """Of summaries with a word that nobody knows."""
    supported: Interval | None
    """Of sentences whose best turn supports them."""
    shared: Interval | None
    """Of a written sentence's content words, those in a few turns in a row; quotes don't count."""
    copied: dict[str, Interval | None]
    """Of a summary's n-grams, by n."""
    generated: float | None
    """Of sentences; the others were extracted."""


def judge(
    dialogues: Sequence[Dialogue],
    summaries: Sequence[Summary],
    encoder: SentenceEncoder,
    progress: Progress,
) -> list[Judged]:
    """Hold each summary against its dialogue."""
    judged: list[Judged] = []
    for start in range(0, len(dialogues), CHUNK):
        part = slice(start, start + CHUNK)
        judged += _chunk(dialogues[part], summaries[part], encoder)
        progress("judging", len(judged) / len(dialogues))
    return judged


def faithfulness_figures(judged: Sequence[Judged], seed: int = 0) -> FaithfulnessFigures:
    """Figures of judged summaries. Raises ValueError without any."""
    supported = [float(each) for summary in judged for each in summary.supported]
    shared = [each for summary in judged for each in summary.shared]
    copied = {}
    for column, order in enumerate(ORDERS):
        shares = [s for each in judged if (s := each.copied[column]) is not None]
        copied[str(order)] = interval(shares, seed=seed) if shares else None
    return FaithfulnessFigures(
        summaries=len(judged),
        sentences=len(supported),
        empty=sum(not each.supported for each in judged),
        strange=interval([float(bool(each.strange)) for each in judged], seed=seed),
        unknown=interval([float(bool(each.unknown)) for each in judged], seed=seed),
        supported=interval(supported, seed=seed) if supported else None,
        shared=interval(shared, seed=seed) if shared else None,
        copied=copied,
        generated=sum(e.generated for e in judged) / len(supported) if supported else None,
    )


def strange(text: str, passage: Passage) -> tuple[str, ...]:
    """What `text`, with the passage's numbers, names that the passage doesn't hold."""
    return (*[NOBODY] * text.count(NOBODY), *unsupported(text, passage))


def copied(sentences: Sequence[str], lines: Sequence[str], order: int) -> float | None:
    """Share of the `order`-grams of `sentences` that stand in a line of the dialogue.

    Repeated ones count each time; an n-gram never crosses the end of a sentence or a line.
    """
    there = {gram for line in lines for gram in _grams(line, order)}
    own = [gram for sentence in sentences for gram in _grams(sentence, order)]
    return sum(gram in there for gram in own) / len(own) if own else None


def _chunk(
    dialogues: Sequence[Dialogue], summaries: Sequence[Summary], encoder: SentenceEncoder
) -> list[Judged]:
    made = passages(dialogues, encoder)
    texts = [
        [in_passage_numbers(sentence.text, passage) for sentence in summary.sentences]
        for summary, passage in zip(summaries, made, strict=True)
    ]
    vectors = encoder.encode([text for each in texts for text in each])  # [sentences, dimension]
    judged, start = [], 0
    for summary, passage, own in zip(summaries, made, texts, strict=True):
        rows = support(own, vectors[start : start + len(own)], passage)  # [sentences, turns]
        start += len(own)
        lines = passage.dialogue.splitlines()
        written = [s.origin == "generated" for s in summary.sentences]
        shares = [shared_words(text, lines) for text, new in zip(own, written, strict=True) if new]
        judged.append(
            Judged(
                strange=tuple(token for text in own for token in strange(text, passage)),
                unknown=tuple(w for text in own for w in unknown_words(text, passage.dialogue)),
                supported=tuple(bool(np.max(row, initial=0.0) >= SUPPORTED) for row in rows),
                shared=tuple(share for share in shares if share is not None),
                copied=tuple(copied(own, lines, order) for order in ORDERS),
                generated=sum(written),
            )
        )
    return judged


def _grams(text: str, order: int) -> list[tuple[str, ...]]:
    words = [token.casefold() for token in _TOKEN.findall(text)]
    return [tuple(words[start : start + order]) for start in range(len(words) - order + 1)]
