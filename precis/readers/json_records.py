"""Records of a JSON document of any size, one at a time, in bounded memory.

Knows nothing of what the records mean.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import ijson

from precis.readers.reading import DamageError

MAX_DEPTH = 100
MAX_RECORD = 8_000_000  # bytes; a message with thousands of reactions is about 1 MB
_PART = 64

_STRINGS_AND_MORE = re.compile(
    rb'"(?:[^"\\]++|\\.)*+"|(")(?:[^"\\]++|\\.)*+\\?\Z|[^"\[\]{}]++',  # (") opens an unfinished one
    re.DOTALL,
)


def records(chunks: Iterable[str], prefix: str) -> Iterator[Any]:
    """The values at `prefix` (ijson's notation), as they come.

    Raises DamageError at the place where the document is cut short or isn't JSON; what came before
    has then been given.
    """
    found = ijson.sendable_list()
    parser = ijson.items_coro(found, prefix, use_float=True)
    nesting = _Nesting()
    size = 0
    for chunk in chunks:
        data = chunk.encode("utf-8")
        size += len(data)
        damage = None
        try:
            for part in nesting.checked(data):
                parser.send(part)
        except DamageError as error:
            damage = error
        except (ijson.JSONError, ValueError, OverflowError):
            damage = DamageError("not valid JSON from here on")
        if found:
            yield from found
            del found[:]
            size = len(data)
        if damage:
            raise damage
        if size > MAX_RECORD:
            raise DamageError(f"a record of over {MAX_RECORD // 1_000_000} MB")
    try:
        parser.close()
    except (ijson.JSONError, ValueError):
        raise DamageError("the file ends in the middle; export it again for the rest") from None
    yield from found


class _Nesting:
    """Refuses deep nesting before the parser sees it: each level costs it more than the last."""

    def __init__(self) -> None:
        self._depth = 0
        self._open_string = b""

    def checked(self, data: bytes) -> Iterator[bytes]:
        """The data as it came; where it nests too deep, small parts of it up to that place."""
        before = self._depth, self._open_string
        try:
            self._feed(data)
        except DamageError:
            self._depth, self._open_string = before
        else:
            yield data
            return
        for start in range(0, len(data), _PART):
            self._feed(data[start : start + _PART])
            yield data[start : start + _PART]

    def _feed(self, data: bytes) -> None:
        data = self._open_string + data
        brackets, quote, _ = _STRINGS_AND_MORE.sub(rb"\1", data).partition(b'"')
        self._open_string = quote
        if quote and _ends_in_escape(data):
            self._open_string += b"\\"
        for bracket in brackets:
            self._depth += 1 if bracket in b"[{" else -1
            if self._depth > MAX_DEPTH:
                raise DamageError(f"nested over {MAX_DEPTH} levels deep")


def _ends_in_escape(data: bytes) -> bool:
    return (len(data) - len(data.rstrip(b"\\"))) % 2 == 1
