"""What the patterns share: words without marks, and alternatives. Pure."""

import re

FEWEST_WORDS = 4
"""Of a sentence that is quoted by itself."""

_MARK = re.compile(r"\[[^\]]*\]|:[\w+-]+:")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def any_of(*patterns: str) -> re.Pattern[str]:
    """A pattern of which one part must match, in either case."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def words(text: str) -> list[str]:
    """The words of a text, without marks such as `[image]`."""
    return _WORD.findall(_MARK.sub(" ", text))


def plain(text: str) -> str:
    """With the apostrophes that patterns have."""
    return text.replace("’", "'").strip()
