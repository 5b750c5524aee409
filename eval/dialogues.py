"""Dialogues with human summaries, as DialogSum has them: from a file or from the hub.

A record has `dialogue` and `summary`, or `summary1`, `summary2`, … where there are several
references. Knows nothing of tokens or models.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from precis.errors import InputError

SUFFIXES = (".jsonl", ".json", ".jsonl.gz", ".json.gz")


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A dialogue of `#PersonN#: …` lines and what people wrote of it."""

    id: str
    dialogue: str
    references: tuple[str, ...]
    """One summary or more."""

    @property
    def summary(self) -> str:
        return self.references[0]


def read_dialogues(source: str | Path, split: str = "train") -> list[Dialogue]:
    """All records of a file (`.jsonl`, `.jsonl.gz`), or of `split` of a data set on the hub.

    Raises InputError in one line for a file that isn't there, a record that isn't one, or a
    data set that can't be had.
    """
    path = Path(source)
    if path.is_file():
        found = list(_from_file(path))
    elif str(source).endswith(SUFFIXES) or path.is_absolute():
        raise InputError(f"no data file {source}; give a .jsonl or .jsonl.gz file, or a hub id")
    else:
        found = list(_from_hub(str(source), split))
    if not found:
        raise InputError(f"{source} holds no dialogues; give a file with at least one record")
    return found


def digest(dialogues: Sequence[Dialogue]) -> str:
    """Names the very data: SHA-256 of all texts in order, shortened to 16 hex digits."""
    whole = hashlib.sha256()
    for each in dialogues:
        whole.update(json.dumps([each.dialogue, each.references]).encode())
    return whole.hexdigest()[:16]


def _from_file(path: Path) -> Iterator[Dialogue]:
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _record(json.loads(line), f"{path.name}, record {number}")
    except (ValueError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(
            f"{path.name} can't be read ({type(error).__name__}); it must be JSON lines in UTF-8"
        ) from None


def _from_hub(name: str, split: str) -> Iterator[Dialogue]:
    import datasets  # noqa: PLC0415 - a second to import, and only for the hub

    try:
        loaded = datasets.load_dataset(name, split=split)
    except Exception as error:  # noqa: BLE001 - the library raises whatever its transport does
        raise InputError(
            f"data set {name} can't be loaded ({type(error).__name__}); check the id and the "
            "network, or give the path of a .jsonl file"
        ) from None
    for number, record in enumerate(loaded, start=1):
        yield _record(record, f"{name}, record {number}")


def _record(record: Any, where: str) -> Dialogue:
    if not isinstance(record, dict):
        raise InputError(f"{where} is not an object; each must have dialogue and summary")
    numbered = sorted(key for key in record if key.startswith("summary") and key[7:].isdigit())
    references = [record.get(key) for key in numbered or ["summary"]]
    dialogue = record.get("dialogue")
    if not isinstance(dialogue, str) or not all(isinstance(r, str) for r in references):
        raise InputError(f"{where} has no dialogue or no summary; add them, as text")
    return Dialogue(
        id=str(record.get("fname") or record.get("id") or where),
        dialogue=dialogue,
        references=tuple(str(r) for r in references),
    )
