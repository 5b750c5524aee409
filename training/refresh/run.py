"""A whole refresh: export what was taught, train candidates, judge them, promote what passes.

    OUTPUT/current/             what is under way: the exported data, candidates, what was found
    OUTPUT/reports/TIME/        report.md and report.json of each run
    OUTPUT/report.md, .json     of the last

A run that was interrupted goes on where it was, within a day; after that it begins anew, for what
people withdrew since must not be learned. What was exported goes when a run ends, and reports hold
no chat text. What is decided is written down before it is done. Knows nothing of command lines,
schedules or stores: an export is handed in.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError

from precis.errors import InputError
from training.gate_candidate import CandidateConfig
from training.refresh.adapters import AdapterConfig, Bench, judged_adapters, promote_adapter
from training.refresh.gates import GateBench, judged_gate, promote_gate
from training.refresh.lessons import GATE, Amounts, Least, Lessons, Talk, gate_data, talk
from training.refresh.report import Report, write_report
from training.refresh.rule import Outcome
from worker.gate.registry import GateRegistry
from worker.gate.scorer import ToxicityScorer
from worker.generators.profiles import Profile
from worker.promotions import write_whole
from worker.registry import Registry

Progress = Callable[[str, float], None]

FRESH = timedelta(days=1)
"""For so long what was exported may be learned from."""
_STATE, _CURRENT, _LOOKED = "state.json", "current", "looked"
_OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Outcome)


@dataclass(frozen=True)
class Look:
    """What there is to learn from."""

    profile: str
    toxic: int
    """Decisions that something is."""
    harmless: int
    summaries: int
    """References and preferences."""
    dialogues: dict[str, int]
    """By where they are from."""
    gate_lacks: str | None
    """Why no candidate of a gate would be trained."""
    adapter_lacks: str | None

    @property
    def lines(self) -> list[str]:
        """For people."""
        dialogues = ", ".join(f"{count} {sort}" for sort, count in self.dialogues.items())
        adapter = self.adapter_lacks or "candidates would be trained"
        return [
            f"decisions: {self.toxic} toxic, {self.harmless} harmless",
            f"references and preferences: {self.summaries}",
            f"dialogues: {dialogues}",
            f"gate: {self.gate_lacks or 'a candidate would be trained'}",
            f"adapter of {self.profile}: {adapter}",
        ]


@dataclass(frozen=True)
class Refresh:
    """Settings of a run."""

    models: Path
    profile: Profile
    output: Path
    export: Callable[[Path], object]
    """Writes the files of `precis train export` to a folder. Raises PrecisError."""
    gate: Callable[[], ToxicityScorer]
    """Loads the gate that serves, as of the call."""
    origin: str = ""
    """Of what it is; a run of something else begins anew."""
    gate_learns: bool = True
    """Whether that is a gate of the registry: others aren't ours to train."""
    data: Path | None = None
    """The folder of public sets, old data; without it there are the project's own sentences."""
    least: Least = field(default_factory=Least)
    amounts: Amounts = field(default_factory=Amounts)
    gate_config: CandidateConfig = field(default_factory=CandidateConfig)
    adapter_config: AdapterConfig = field(default_factory=AdapterConfig)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def run(self, progress: Progress) -> Report:
        """Refresh both. Raises PrecisError: a run that is under way, data that can't be read."""
        with self._alone():
            self._forget()
            folder, started = self._begin(progress)
            lessons = Lessons.read(folder / "data")
            name = f"{self.profile.name}-{started:%Y%m%d-%H%M}"
            gate = self._gate(lessons, folder, f"gate-{started:%Y%m%d-%H%M}", progress)
            spoken = talk(lessons, self.data, self.amounts, self.gate_config.seed)
            adapter = self._adapter(lessons, spoken, folder, name, progress)
            report = Report(started, self.now(), _manifest(folder), spoken, (gate, adapter))
            write_report(report, self.output)
            shutil.rmtree(folder)
            return report

    def look(self, progress: Progress) -> "Look":
        """What a run would do; nothing is trained, and what is exported goes at once."""
        with self._alone():
            folder = self.output / _LOOKED
            self._forget()
            try:
                self._exported(folder, progress)
                lessons = Lessons.read(folder)
                spoken = talk(lessons, self.data, self.amounts, self.gate_config.seed)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        gate = self._gate_untried() or lessons.too_few_labels(self.least)
        adapter = lessons.too_few_summaries(self.least) or spoken.too_few
        if self.profile.model is None:
            adapter = "the profile has no model to adapt"
        return Look(
            profile=self.profile.name,
            toxic=lessons.toxic,
            harmless=lessons.harmless,
            summaries=len(lessons.summaries),
            dialogues=dict(spoken.counts),
            gate_lacks=gate,
            adapter_lacks=adapter,
        )

    def _gate_untried(self) -> str | None:
        return None if self.gate_learns else "PRECIS_GATE names one that isn't ours to train"

    def _gate(self, lessons: Lessons, folder: Path, name: str, progress: Progress) -> Outcome:
        registry = GateRegistry(self.models)
        if why := self._gate_untried():
            return Outcome("gate", self.gate().name, untried=why)
        old = gate_data(self.data, self.gate_config.seed)
        bench = GateBench(registry, folder, old, self.gate_config, progress)
        decisions = folder / "data" / GATE
        outcome = _kept(
            folder / "gate-outcome.json",
            lambda: judged_gate(lessons, decisions, bench, name, self.least),
        )
        return promote_gate(outcome, bench)

    def _adapter(
        self, lessons: Lessons, spoken: Talk, folder: Path, name: str, progress: Progress
    ) -> Outcome:
        registry = Registry(self.models, {self.profile.name: self.profile})
        bench = Bench(self.profile, registry, folder, self.adapter_config, progress)
        gate = GateRegistry(self.models).promoted()
        outcome = _kept(
            folder / "adapter-outcome.json",
            lambda: judged_adapters(
                lessons,
                spoken,
                bench,
                name,
                gate=(gate, self.gate),
                data=self.data,
                least=self.least,
            ),
        )
        return promote_adapter(outcome, bench)

    def _begin(self, progress: Progress) -> tuple[Path, datetime]:
        """The folder of the run to go on with, or of a new one, with its data; when it began."""
        folder, key = self.output / _CURRENT, self._key()
        started = _under_way(folder, key)
        if started is not None and self.now() - started < FRESH:
            return folder, started
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
        started = self.now()
        self._exported(folder / "data", progress)
        write_whole(folder / _STATE, json.dumps({"key": key, "started": started.isoformat()}))
        return folder, started

    def _forget(self) -> None:
        """Remove what a run or a look that was killed left, if no run may go on with it."""
        shutil.rmtree(self.output / _LOOKED, ignore_errors=True)
        started = _began(self.output / _CURRENT)
        if started is None or self.now() - started >= FRESH:
            shutil.rmtree(self.output / _CURRENT, ignore_errors=True)

    def _exported(self, folder: Path, progress: Progress) -> None:
        progress("exporting what was decided", 0.0)
        folder.mkdir(mode=0o700, parents=True)
        self.export(folder)

    def _key(self) -> dict[str, Any]:
        """What a run that goes on must share with its beginning."""
        serving = Registry(self.models, {self.profile.name: self.profile}).serving()
        settings = [
            repr(each)
            for each in (self.least, self.amounts, self.gate_config, self.adapter_config, self.data)
        ]
        return {
            "profile": self.profile.name,
            "origin": self.origin,
            "adapter": serving.get(self.profile.name),
            "settings": settings,
        }

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One run at a time in a folder."""
        self.output.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.output / ".lock", timeout=0):
                yield
        except Timeout:
            raise InputError(
                f"another refresh is at work in {self.output}; wait for it, or give --output"
            ) from None


def _began(folder: Path) -> datetime | None:
    """When the run in `folder` began; None if that can't be read."""
    try:
        return datetime.fromisoformat(json.loads((folder / _STATE).read_bytes())["started"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _under_way(folder: Path, key: dict[str, Any]) -> datetime | None:
    """When the run in `folder` began; None if it isn't this one, or can't be read."""
    try:
        state = json.loads((folder / _STATE).read_bytes())
        started = datetime.fromisoformat(state["started"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    # An adapter that this run promoted itself, just before it was interrupted, is no other's.
    own = f"{key['profile']}-{started:%Y%m%d-%H%M}-"
    theirs = state.get("key", {})
    if str(key["adapter"]).startswith(own):
        key = {**key, "adapter": theirs.get("adapter")}
    return started if theirs == key else None


def _kept(path: Path, make: Callable[[], Outcome]) -> Outcome:
    """What was found before the run was interrupted, or what is found now, written down."""
    try:
        return _OUTCOME.validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        outcome = make()
        write_whole(path, _OUTCOME.dump_json(outcome).decode())
        return outcome


def _manifest(folder: Path) -> dict[str, Any]:
    """What the export says of itself: counts, and what was left out and why."""
    try:
        return dict(json.loads((folder / "data" / "manifest.json").read_bytes()))
    except (OSError, ValueError, TypeError):
        return {}
