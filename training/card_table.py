"""Tables of model cards, in Markdown."""

from collections.abc import Mapping
from typing import Any


def table(what: str, rows: Mapping[str, Any]) -> str:
    """A Markdown table of names and values."""
    lines = [f"| {what} | value |", "| --- | --- |"]
    return "\n".join([*lines, *(f"| {key} | {value} |" for key, value in rows.items())])
