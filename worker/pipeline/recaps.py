"""Messages in which somebody sums up themselves: no summary is truer than that. Pure."""

import re

from worker.pipeline.sentences import split_sentences

FEWEST_WORDS = 6

_RECAP = re.compile(
    r"\b(?:to sum (?:it |this |things )?up|summing up|in (?:short|summary)|to recap"
    r"|to summari[sz]e|quick recap|recap:|tl;?dr|long story short|the plan (?:so far|is now))\b",
    re.IGNORECASE,
)


def sums_up(text: str) -> bool:
    """Whether a message sums up, and in more than a word or two."""
    found = _RECAP.search(text)
    return found is not None and len(text[found.start() :].split()) >= FEWEST_WORDS


def recap_in(text: str) -> str:
    """From the sentence that sums up: thanks and greetings before it say nothing."""
    sentences = split_sentences(text)
    first = next((n for n, sentence in enumerate(sentences) if _RECAP.search(sentence)), 0)
    return " ".join(sentences[first:])
