"""Long lists of ids, in parts that a statement takes."""

from collections.abc import Iterator, Sequence

AT_ONCE = 500  # SQLite takes no more than some thousands


def parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
