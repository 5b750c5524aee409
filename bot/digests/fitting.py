"""How adapters fit a digest's lines into messages with a limit. Pure; knows no platform."""

from collections.abc import Callable
from typing import TypeVar

SHORTER = (600, 300, 150, 75, 30)
"""Characters of each untrusted text in a line; as many as let the line into a message."""

Made = TypeVar("Made")


def fitted(made: Callable[[int], str], room: int) -> str | None:
    """The longest of a line's forms that has room; None where even the shortest hasn't.

    `made` gives the line with so many characters of each untrusted text.
    """
    forms = (made(limit) for limit in SHORTER)
    return next((form for form in forms if len(form) <= room), None)


def headings_moved(
    part: list[Made],
    line: Made,
    is_heading: Callable[[Made], bool],
    fits: Callable[[list[Made]], bool],
) -> list[Made]:
    """Takes the headings off the end of a part that `line` doesn't fit in; they open the next.

    So no heading is the last line of a message, unless nothing follows it.
    """
    moved: list[Made] = []
    while len(part) > 1 and is_heading(part[-1]) and fits([part[-1], *moved, line]):
        moved.insert(0, part.pop())
    return moved
