"""Take fields of parsed JSON, whose types nobody has promised. Knows nothing of formats."""

from collections.abc import Iterator
from typing import Any

from precis.conversation import Reaction
from precis.readers.reading import DamageError, sound


def record(value: Any) -> dict[str, Any]:
    """The value, if it is an object."""
    if not isinstance(value, dict):
        raise DamageError("not a JSON object")
    return value


def text(fields: dict[str, Any], name: str) -> str:
    """A string, or an id that some exporter wrote as a number; "" where there is none."""
    value = fields.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return sound(value) if isinstance(value, str) else ""


def inner(fields: dict[str, Any], name: str) -> dict[str, Any]:
    """An object inside an object, {} where there is none."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def objects(fields: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """The objects of a list, none where there is no list."""
    value = fields.get(name)
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def reaction(emoji: str, count: Any) -> Reaction | None:
    """A reaction, if it is one: who can't be counted doesn't count."""
    if not isinstance(count, int) or count < 1 or not emoji:
        return None
    return Reaction(emoji=emoji[:100], count=count)
