"""Reads texts that people judged toxic or harmless: csv, tsv and JSON lines, also gzipped.

Knows nothing of gates.
"""

import csv
import gzip
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from precis.errors import InputError

TOXIC = ("1", "1.0", "true", "yes", "toxic", "hate", "hateful", "offensive", "offense", "abuse")
HARMLESS = (
    "0", "0.0", "false", "no", "harmless", "none", "clean", "nothate", "non-hateful", "not",
    "not hateful", "neither", "other", "not offensive", "nontoxic", "non-toxic",
)  # fmt: skip
_LONGEST = 1_000_000  # characters of a field


@dataclass(frozen=True)
class Columns:
    """What the columns, or keys, are called."""

    text: str = "text"
    label: str = "label"
    group: str | None = None
    """By which false alarms are told apart."""


@dataclass(frozen=True, slots=True)
class JudgedText:
    text: str
    toxic: bool
    group: str = ""


def read_judged_texts(path: Path, columns: Columns) -> list[JudgedText]:
    """The texts of a file, in order.

    Raises InputError, with the line, for a missing column or a label that is neither.
    """
    found = []
    try:
        for line, row in _rows(path):
            text, label = (
                _field(path, line, row, columns.text),
                _field(path, line, row, columns.label),
            )
            group = _field(path, line, row, columns.group) if columns.group else ""
            found.append(JudgedText(text, _is_toxic(path, line, label), group))
    except OSError as error:
        raise InputError(f"{path} can't be read ({error.strerror or 'damaged'})") from None
    except (UnicodeDecodeError, EOFError, csv.Error):
        raise InputError(f"{path} is no text in UTF-8, or is damaged") from None
    if not found:
        raise InputError(f"{path} holds no texts")
    return found


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    name = path.name.removesuffix(".gz")
    with _opened(path) as file:
        if name.endswith((".jsonl", ".ndjson")):
            yield from _json_rows(path, file)
        elif name.endswith((".csv", ".tsv")):
            csv.field_size_limit(_LONGEST)
            reader = (
                csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
                if name.endswith(".tsv")
                else csv.DictReader(file)
            )
            for row in reader:
                yield reader.line_num, row
        else:
            raise InputError(f"{path} is of no known kind; give a .csv, .tsv or .jsonl file")


def _json_rows(path: Path, file: TextIO) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(file, start=1):
        if line.strip():
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            if not isinstance(row, dict):
                raise InputError(f"{path}, line {number}, is no JSON object")
            yield number, row


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    opener = gzip.open if path.name.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        yield file


def _field(path: Path, line: int, row: dict[str, Any], name: str) -> str:
    if name not in row or row[name] is None:
        there = ", ".join(str(each) for each in row if each is not None)[:200]
        raise InputError(f"{path}, line {line}, has no {name}; it has: {there}")
    value = row[name]
    return str(int(value)) if isinstance(value, bool) else str(value)


def _is_toxic(path: Path, line: int, label: str) -> bool:
    plain = label.strip().casefold()
    if plain in TOXIC:
        return True
    if plain in HARMLESS:
        return False
    raise InputError(
        f"{path}, line {line}: the label {label[:30]!r} is neither toxic nor harmless; "
        "write 1 and 0"
    )


def groups_of(texts: Sequence[JudgedText]) -> list[str]:
    """The groups, in the order of their first text."""
    return list(dict.fromkeys(each.group for each in texts))
