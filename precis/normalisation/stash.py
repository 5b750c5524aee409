"""Put parts of a text out of the reach of later rules, and back. Knows nothing of markup.

Code keeps its underscores and a name its asterisks while the text around them loses its markup.
"""

import regex

_OPEN, _CLOSE = "\ufdd1", "\ufdd2"  # noncharacters: no message may hold them
_TOKEN = regex.compile(f"{_OPEN}([0-9]+){_CLOSE}")


class Stash:
    """Parts of one text that are finished."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    @staticmethod
    def prepare(text: str) -> str:
        """Drop from a text what could be mistaken for a stashed part."""
        return text.replace(_OPEN, "").replace(_CLOSE, "")

    def put(self, part: str) -> str:
        """A token that stands for the part until `restore`."""
        self._parts.append(part)
        return f"{_OPEN}{len(self._parts) - 1}{_CLOSE}"

    def restore(self, text: str) -> str:
        # Backwards, for a part may hold the tokens of earlier parts.
        for _ in self._parts:
            if _OPEN not in text:
                break
            text = _TOKEN.sub(lambda found: self._parts[int(found.group(1))], text)
        return text
