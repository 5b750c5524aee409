"""Puts sentences into the order of a style, and leaves out what was said twice. Pure."""

import re
from collections.abc import Sequence

from precis.job import Style, Summary, SummarySentence

_NOT_WORDS = re.compile(r"[\W_]+")


def compose(sentences: Sequence[SummarySentence], style: Style) -> Summary:
    """A summary of `sentences`, which come in the order of their topics.

    `people` groups them by their first speaker, in order of first appearance.
    """
    kept = without_repeats(sentences)
    if style is Style.PEOPLE:
        order = list(dict.fromkeys(s.speakers[:1] for s in kept))
        kept.sort(key=lambda s: order.index(s.speakers[:1]))
    return Summary(style=style, sentences=tuple(kept))


def without_repeats(sentences: Sequence[SummarySentence]) -> list[SummarySentence]:
    """Those that say nothing that another says already in as many words."""
    kept = list({_NOT_WORDS.sub(" ", s.text.casefold()): s for s in reversed(sentences)}.values())
    kept.reverse()
    return kept
