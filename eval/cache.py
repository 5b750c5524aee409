"""Keeps generated summaries, so that only what is new is generated again.

One JSON-lines file a system, named by a digest of its settings (weights and code among them); a
line holds a dialogue's digest and its summary. Lines are appended chunk by chunk, so a run that
was interrupted goes on where it stopped; a line that was cut short is generated again. Knows
nothing of how summaries are made.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from eval.dialogues import Dialogue
from eval.systems import CHUNK, Origin, Progress, Sentence, Summary, System


class Cached:
    """A system whose summaries are kept in `folder`."""

    def __init__(self, system: System, folder: Path) -> None:
        """Computes the digest of the system's weights. Raises ModelError as `settings` does."""
        self._system = system
        self.path = folder / f"{_digest(system.settings)}.jsonl"

    @property
    def name(self) -> str:
        return self._system.name

    @property
    def settings(self) -> dict[str, Any]:
        return self._system.settings

    def prepare(self) -> None:
        self._system.prepare()

    def summaries(self, dialogues: Sequence[Dialogue], progress: Progress) -> list[Summary]:
        """One a dialogue, in order; of equal dialogues one is generated."""
        keys = [_digest(each.dialogue) for each in dialogues]
        known = dict(self._read())
        missing = {
            key: dialogue for key, dialogue in zip(keys, dialogues, strict=True) if key not in known
        }
        keys_missing = list(missing)
        for start in range(0, len(missing), CHUNK):
            chunk = keys_missing[start : start + CHUNK]
            made = self._system.summaries(
                [missing[key] for key in chunk],
                _part(progress, start / len(missing), len(chunk) / len(missing)),
            )
            fresh = dict(zip(chunk, made, strict=True))
            self._append(fresh)
            known |= fresh
        progress(self.name, 1.0)
        return [known[key] for key in keys]

    def _read(self) -> Iterator[tuple[str, Summary]]:
        if not self.path.is_file():
            return
        with self.path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if record := _record(line):
                    yield record

    def _append(self, summaries: dict[str, Summary]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lines = [
            json.dumps(
                {"dialogue": key, "sentences": [[s.text, s.origin] for s in summary.sentences]}
            )
            for key, summary in summaries.items()
        ]
        with self.path.open("ab+") as file:
            if file.tell() and not _ends_a_line(file):
                lines.insert(0, "")  # what was cut short must not spoil the next line
            file.write("\n".join([*lines, ""]).encode())


def _part(progress: Progress, begin: float, share: float) -> Progress:
    """Progress of a part of the work, which begins at `begin` and is `share` of it."""
    return lambda what, done: progress(what, begin + done * share)


def _ends_a_line(file: Any) -> bool:
    file.seek(-1, 2)
    last: bytes = file.read(1)
    return last == b"\n"


def _record(line: str) -> tuple[str, Summary] | None:
    """A line's dialogue and summary; None for a damaged line."""
    try:
        record = json.loads(line)
        sentences = tuple(
            Sentence(str(text), _origin(origin)) for text, origin in record["sentences"]
        )
        return str(record["dialogue"]), Summary(sentences)
    except (ValueError, KeyError, TypeError):
        return None


def _origin(name: str) -> Origin:
    if name not in get_args(Origin):
        raise ValueError("no such origin")
    return name  # type: ignore[return-value]


def _digest(content: Any) -> str:
    """SHA-256 of JSON content, shortened to 32 hex digits."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]
