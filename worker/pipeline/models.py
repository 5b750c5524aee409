"""The models that serve, each loaded once for all jobs, and changed for others while they work.

A job works from beginning to end with what served when it began. What is promoted meanwhile is
loaded beside it, in a thread, and serves from the next job on; what is damaged is refused, and what
served goes on. Knows nothing of conversations.
"""

import logging
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar, cast

import torch

from precis.errors import ModelError, PrecisError
from precis.monitoring.metrics import MODEL, MODEL_LOAD_SECONDS
from precis.places import where
from precis.settings import Settings
from worker.batching import Batcher
from worker.embeddings import SentenceEncoder, Vector
from worker.gate.folder import MANIFEST as GATE_MANIFEST
from worker.gate.loading import EMBEDDED, load_scorer
from worker.gate.registry import GateRegistry
from worker.gate.scorer import Scores, ToxicityScorer
from worker.generators.generator import Decoding, Draft, Generator
from worker.generators.loading import load_generator
from worker.pipeline.passages import Passage
from worker.registry import MANIFEST, Registry

logger = logging.getLogger(__name__)

Loaded = TypeVar("Loaded")

TEXTS_AT_ONCE = 256  # texts embedded or scored before another job gets its turn
PASSAGES_AT_ONCE = 16
LOOK = 5.0
"""Seconds between looks at what is promoted."""


@dataclass(eq=False)
class _Serving(Generic[Loaded]):
    """Something that is loaded, and how many jobs work with it."""

    loaded: Loaded
    stamp: str
    """What it was loaded from: when that changes, something else is to serve."""
    close: Callable[[], None]
    users: int = 0
    retired: bool = False


class _Slot(Generic[Loaded]):
    """What serves in one part: a profile's generator, or the gate."""

    def __init__(
        self,
        name: str,
        stamp: Callable[[], str],
        load: Callable[[], tuple[Loaded, Callable[[], None]]],
    ) -> None:
        """`load` gives what is loaded and how it is closed; `stamp` says what it would load."""
        self._name = name
        self._stamp = stamp
        self._load = load
        self._lock = threading.Lock()
        self._refused = ""
        wanted = stamp()
        loaded, close = load()
        self._now = _Serving(loaded, wanted, close)

    @contextmanager
    def use(self) -> Iterator[Loaded]:
        """What serves now; it stays until the block ends, whatever is promoted meanwhile."""
        with self._lock:
            serving = self._now
            serving.users += 1
        try:
            yield serving.loaded
        finally:
            with self._lock:
                serving.users -= 1
                over = serving.retired and serving.users == 0
            if over:
                serving.close()

    def look(self) -> None:
        """Load what is promoted, if that isn't what serves. Raises nothing."""
        wanted = "unreadable"
        try:
            wanted = self._stamp()
            if wanted in (self._now.stamp, self._refused):
                return
            loaded, close = self._load()
        except PrecisError as error:
            self._refuse(wanted, str(error))
            return
        except Exception as error:  # noqa: BLE001 - a bug here must not end all looking
            self._refuse(wanted, where(error))
            return
        with self._lock:
            before, self._now = self._now, _Serving(loaded, wanted, close)
            before.retired = True
            over = before.users == 0
        logger.info("%s: what was promoted serves from now on", self._name)
        if over:
            before.close()

    def close(self) -> None:
        self._now.close()

    def _refuse(self, wanted: str, why: str) -> None:
        """Told once for each thing that is damaged."""
        if wanted != self._refused:
            logger.error("%s: %s; what served goes on serving", self._name, why)
        self._refused = wanted


Generating = tuple[Generator, Batcher[Passage, list[Draft]]]
Scoring = tuple[ToxicityScorer, Batcher[str, Scores]]


@dataclass
class Models:
    """All that the pipeline works with."""

    settings: Settings
    look_every: float = LOOK
    _generators: dict[str, _Slot[Generating]] = field(default_factory=dict, init=False)
    _loading: threading.Lock = field(default_factory=threading.Lock, init=False)
    _ended: threading.Event = field(default_factory=threading.Event, init=False)

    def __post_init__(self) -> None:
        """Load the embeddings and the gate. Raises ModelError if either can't be had."""
        wanted = self.settings.device
        self._device = "cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu"
        begun = time.perf_counter()
        encoder = SentenceEncoder(self._device)
        _note_model("embeddings", "all-MiniLM-L6-v2", "", begun)
        self.embed: Batcher[str, Vector] = Batcher(
            lambda texts, _: list(encoder.encode(texts)), TEXTS_AT_ONCE, "embeddings"
        )
        self._gate: _Slot[Scoring] = _Slot("the gate", self._gate_stamp, self._load_gate)
        self._looking = threading.Thread(target=self._look, name="promotions", daemon=True)
        self._looking.start()

    def generating(self, profile: str) -> "_Slot[Generating]":
        """The generator of a profile; loads it at the first call. Raises ModelError."""
        with self._loading:
            if profile not in self._generators:
                self._generators[profile] = _Slot(
                    f"profile {profile}",
                    lambda: self._adapter_stamp(profile),
                    lambda: self._load_generator(profile),
                )
            return self._generators[profile]

    @property
    def gate(self) -> "_Slot[Scoring]":
        return self._gate

    def look(self) -> None:
        """See now what is promoted."""
        self._gate.look()
        with self._loading:
            slots = list(self._generators.values())
        for slot in slots:
            slot.look()

    def close(self) -> None:
        """Stop the batches' threads."""
        self._ended.set()
        self._looking.join()
        self.embed.close()
        self._gate.close()
        for slot in self._generators.values():
            slot.close()

    def _look(self) -> None:
        while not self._ended.wait(self.look_every):
            self.look()

    def _load_generator(self, profile: str) -> tuple[Generating, Callable[[], None]]:
        begun = time.perf_counter()
        generator = load_generator(self.settings, profile, self._device)
        _note_model("generator", profile, generator.adapter or "", begun)

        def run(passages: list[Passage], decoding: Hashable) -> list[list[Draft]]:
            return generator.generate(passages, cast("Decoding", decoding))

        batcher: Batcher[Passage, list[Draft]] = Batcher(run, PASSAGES_AT_ONCE, profile)
        return (generator, batcher), batcher.close

    def _load_gate(self) -> tuple[Scoring, Callable[[], None]]:
        begun = time.perf_counter()
        scorer = load_scorer(self.settings, self._device)
        _note_model("gate", self.settings.gate.partition(":")[0], scorer.name, begun)
        batcher: Batcher[str, Scores] = Batcher(
            lambda texts, _: scorer.score(texts), TEXTS_AT_ONCE, "gate"
        )
        return (scorer, batcher), batcher.close

    def _adapter_stamp(self, profile: str) -> str:
        """Which adapter is promoted, and in which state; a set one never changes."""
        if self.settings.adapter is not None:
            return "set"
        folder = Registry(self.settings.models).promoted(profile)
        return "none" if folder is None else _stamp_of(folder, MANIFEST)

    def _gate_stamp(self) -> str:
        if self.settings.gate != EMBEDDED:
            return "set"
        return _stamp_of(GateRegistry(self.settings.models).promoted(), GATE_MANIFEST)


def _note_model(model: str, name: str, version: str, begun: float) -> None:
    """Tell the metrics what serves from now on, and how long it took to load since `begun`."""
    MODEL_LOAD_SECONDS.set(time.perf_counter() - begun, model=model)
    MODEL.only(1, "version", model=model, name=name, version=version)


def _stamp_of(folder: Path, manifest: str) -> str:
    """A folder, what its manifest says, and when its files changed: a mended one is tried again."""
    try:
        said = (folder / manifest).read_text(encoding="utf-8")
        stats = [(path.name, path.stat()) for path in sorted(folder.iterdir())]
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{folder / manifest} can't be read ({type(error).__name__})") from None
    files = [f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in stats]
    return "\n".join([folder.name, *files, said])
