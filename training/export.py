"""Turns decisions, edits, thumbs and reports of the store into training data.

- `gate.jsonl`: what moderators decided is toxic, or is not (messages, sentences of summaries).
- `references.jsonl`: summaries that moderators wrote, and written ones that readers found good.
- `preferences.jsonl`: of two summaries of the same talk, which one people chose.
- `manifest.json`: how much of each, and how much was left out and why; no text, no id.

Chat text of servers that consent alone, nothing of people who opted out, names as `#PersonN#`.
The files are a copy: what is forgotten in the store later stays in them, so they are to be
deleted once they are used. Knows nothing of models.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from pydantic import Field

from precis.ask import ServerSettings
from precis.errors import InputError
from precis.frozen import Frozen
from precis.hashing import sha256_of
from precis.moderation import Case, Kind, Source, Verdict
from precis.store import Store
from precis.store.lessons import Judged, LessonStore
from training.excerpts import FORGOTTEN, OPTED_OUT, Excerpts, Lost
from training.hidden_names import HiddenNames, nobody

GATE, PREFERENCES, REFERENCES = "gate.jsonl", "preferences.jsonl", "references.jsonl"
MANIFEST = "manifest.json"
NO_CONSENT = "no consent"
UNDECIDED = "undecided"
NEVER_READ = "never read"
UNCLEAR = "unclear which part is toxic"
SAME = "the same again"
UNMATCHED = "nothing to compare with"
QUOTES = "made of quotes alone"

Record = tuple[str, dict[str, Any]]
"""The file that it belongs to, and what it says."""


class Manifest(Frozen):
    """What an export holds."""

    kind: str = "precis-lessons"
    made_at: datetime
    since: datetime | None
    servers: int
    """That consent, of those asked for."""
    counts: dict[str, int]
    """Records by file."""
    sources: dict[str, dict[str, int]]
    """Records by file, and by what they come from."""
    labels: dict[str, int]
    """Of `gate.jsonl`: toxic and harmless."""
    left_out: dict[str, int]
    """By why."""
    sha256: dict[str, str] = Field(default_factory=dict)
    """Of each file."""


def export_lessons(
    store: Store, output: Path, servers: Sequence[str] = (), since: datetime | None = None
) -> Manifest:
    """Write what is decided and judged since then; of all servers, or of some by their ids.

    Raises InputError for a folder that holds other files, or if none of those servers consents;
    StoreError if the store can't be read.
    """
    exporting = _Exporting(LessonStore(store), store, frozenset(servers), since)
    if servers and not exporting.consenting:
        named = ", ".join(servers)[:200]
        raise InputError(
            f"{named}: no such server lets the models train; its managers decide that in its "
            "settings"
        )
    _make(output)
    counts: dict[str, Counter[str]] = {}
    labels: Counter[str] = Counter()
    parts = {name: output / f"{name}.part" for name in (GATE, PREFERENCES, REFERENCES)}
    files = {name: _private(part) for name, part in parts.items()}
    try:
        for name, record in exporting.records():
            files[name].write(json.dumps(record, ensure_ascii=False) + "\n")
            counts.setdefault(name, Counter())[record["source"]] += 1
            if name == GATE:
                labels["toxic" if record["labels"]["toxicity"] else "harmless"] += 1
        for name, part in parts.items():
            files[name].close()
            part.replace(output / name)
    finally:  # of half an export nothing is to stay
        for name, part in parts.items():
            files[name].close()
            part.unlink(missing_ok=True)
    manifest = Manifest(
        made_at=datetime.now(UTC),
        since=since,
        servers=exporting.consenting,
        counts={name: sum(counts.get(name, Counter()).values()) for name in parts},
        sources={name: dict(sorted(counts.get(name, Counter()).items())) for name in parts},
        labels={kind: labels[kind] for kind in ("toxic", "harmless")},
        left_out=dict(sorted(exporting.left_out.items())),
        sha256={name: sha256_of(output / name) for name in parts},
    )
    (output / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n")
    return manifest


class _Exporting:
    """One pass over the store."""

    def __init__(
        self,
        lessons: LessonStore,
        store: Store,
        servers: frozenset[str],
        since: datetime | None,
    ) -> None:
        self._lessons = lessons
        self._servers = servers
        self._since = since
        self._settings = lessons.settings()
        self._excerpts = Excerpts(lessons, store)
        self._known: dict[tuple[str, str], HiddenNames] = {}
        self._met: set[tuple[str, bool]] = set()
        self.left_out: Counter[str] = Counter()

    @property
    def consenting(self) -> int:
        return sum(
            settings.trains and self._wanted(server)
            for (_, server), settings in self._settings.items()
        )

    def records(self) -> Iterator[Record]:
        for case in self._lessons.cases(self._since):
            if self._wanted(case.server) and self._may_learn(case):
                yield from (
                    self._of_message(case)
                    if case.kind is Kind.MESSAGE
                    else (self._of_summary(case))
                )
        yield from self._of_readers()

    def _wanted(self, server: str | None) -> bool:
        return not self._servers or server in self._servers

    def _may_learn(self, case: Case) -> bool:
        within = [each for each in (case.place, case.parent) if each]
        return not self._left_out(
            self._forbidden(case.platform, case.server, within)
            or (UNDECIDED if case.verdict is None else None)
            or (FORGOTTEN if case.said is None else None)
            or (OPTED_OUT if self._has_opted_out(case.platform, [case.author]) else None)
        )

    def _forbidden(self, platform: str, server: str | None, within: Iterable[str]) -> str | None:
        settings = self._settings.get((platform, server or ""), ServerSettings())
        if not settings.trains:
            return NO_CONSENT
        return NEVER_READ if settings.forbids(within) else None

    def _left_out(self, why: str | None) -> bool:
        if why is not None:
            self.left_out[why] += 1
        return why is not None

    def _has_opted_out(self, platform: str, persons: Iterable[str | None]) -> bool:
        return bool(self._lessons.opted_out(platform, [each for each in persons if each]))

    def _of_message(self, case: Case) -> Iterator[Record]:
        if case.said is not None and case.author is not None:
            hidden = self._names(case).text(case.author, case.said.text)
            yield from self._labelled(case, [hidden])

    def _names(self, case: Case) -> HiddenNames:
        key = (case.platform, case.server)
        if key not in self._known:
            self._known[key] = HiddenNames(nobody(case.platform), self._lessons.names(*key))
        return self._known[key]

    def _of_summary(self, case: Case) -> Iterator[Record]:
        said = case.said
        if said is None or case.job_id is None:
            return
        if said.edited and self._has_opted_out(case.platform, [case.decided_by]):
            self._left_out(OPTED_OUT)  # what is preferred is a text of theirs
            return
        texts = [each.text for each in said.sentences] or [said.text]
        cited = {cited.id for each in said.sentences for cited in each.citations}
        instead = self._lessons.sentences(case.job_id) if case.verdict is Verdict.KEPT else ()
        better = [instead[n].text for n in said.instead if n < len(instead)]
        better += [said.edited] if case.verdict is Verdict.EDITED and said.edited else []
        try:
            dialogue, hidden = self._excerpts.of(
                case.job_id, (case.platform, case.server), cited, [*texts, *better]
            )
        except Lost as lost:
            self._left_out(str(lost))
            return
        refused, chosen = hidden[: len(texts)], " ".join(hidden[len(texts) :])
        yield from self._labelled(case, refused)
        if case.verdict is Verdict.EDITED and chosen:
            yield REFERENCES, {"dialogue": dialogue, "summary": chosen, "source": "edited"}
        if chosen:
            source = "edited" if case.verdict is Verdict.EDITED else "kept"
            yield PREFERENCES, _preference(dialogue, chosen, " ".join(refused), source)

    def _labelled(self, case: Case, texts: Sequence[str]) -> Iterator[Record]:
        """What a verdict says of texts: each is harmless, or the only one is toxic."""
        toxic = case.verdict.toxic if case.verdict else None
        if toxic is None:
            return
        if toxic and not _is_one(case):
            self._left_out(UNCLEAR)
            return
        labels = {"toxicity": int(toxic)}
        if toxic and case.severity >= 0:
            labels[case.label] = 1
        for text in texts:
            if (text, toxic) in self._met:
                self._left_out(SAME)
                continue
            self._met.add((text, toxic))
            record = {"text": text, "labels": labels, "source": _source(case)}
            yield GATE, {**record, "decided": case.verdict}

    def _of_readers(self) -> Iterator[Record]:
        """Summaries that more readers found good than bad, and pairs of good and bad ones."""
        groups: dict[tuple[str, str, str], list[tuple[Judged, int]]] = defaultdict(list)
        for judged in self._lessons.judged(self._since):
            if not self._wanted(judged.server):
                continue
            if self._left_out(self._forbidden(judged.platform, judged.server, judged.within)):
                continue
            balance = self._balance(judged)
            if balance and judged.server is not None:
                groups[judged.platform, judged.server, judged.digest].append((judged, balance))
            elif not balance:
                self._left_out(UNDECIDED)
        for group in groups.values():
            good = [judged for judged, balance in group if balance > 0]
            bad = [judged for judged, balance in group if balance < 0]
            for judged in good:
                yield from self._liked(judged)
            if good and bad:
                yield from self._pair(good[0], bad[0])
            for _ in bad[1:] if good else bad:
                self._left_out(UNMATCHED)

    def _balance(self, judged: Judged) -> int:
        out = self._lessons.opted_out(judged.platform, [person for person, _ in judged.opinions])
        counted = [good for person, good in judged.opinions if person not in out]
        return sum(1 if good else -1 for good in counted)

    def _liked(self, judged: Judged) -> Iterator[Record]:
        told = self._lessons.sentences(judged.job_id)
        if told and not any(each.origin != "extracted" for each in told):
            self._left_out(QUOTES)
            return
        if found := self._told(judged):
            dialogue, summary = found
            yield REFERENCES, {"dialogue": dialogue, "summary": summary, "source": "thumb"}

    def _pair(self, good: Judged, bad: Judged) -> Iterator[Record]:
        chosen, rejected = self._told(good), self._told(bad)
        if chosen and rejected and chosen[1] != rejected[1]:
            yield PREFERENCES, _preference(*chosen, rejected[1], "thumbs")

    def _told(self, judged: Judged) -> tuple[str, str] | None:
        """The dialogue and its summary; None where it is lost, which is counted."""
        told = self._lessons.sentences(judged.job_id)
        cited = {cited.id for each in told for cited in each.citations}
        server = (judged.platform, judged.server or "")
        try:
            dialogue, hidden = self._excerpts.of(
                judged.job_id, server, cited, [each.text for each in told], whole=True
            )
        except Lost as lost:
            self._left_out(str(lost))
            return None
        return dialogue, " ".join(hidden)


def _is_one(case: Case) -> bool:
    """Whether a case is about a single text, so that nothing harmless is judged with it."""
    return case.kind is Kind.MESSAGE or (case.said is not None and len(case.said.sentences) == 1)


def _preference(dialogue: str, chosen: str, rejected: str, source: str) -> dict[str, Any]:
    return {"dialogue": dialogue, "chosen": chosen, "rejected": rejected, "source": source}


def _source(case: Case) -> str:
    if Source.REPORTED in case.sources:
        return Source.REPORTED.value
    return case.sources[0].value if case.sources else case.kind.value


def _make(folder: Path) -> None:
    """Make a folder that only its owner reads; refuse one of other things."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise InputError(f"{folder} holds other files; give --output an empty or a new folder")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise InputError(f"{folder} can't be made ({error.strerror}); give another") from None


def _private(path: Path) -> TextIO:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    return path.open("w", encoding="utf-8")
