"""Shares a model's batches among the jobs of a worker.

Each job runs in its own thread and asks for a few items at a time; one thread owns the model and
takes items from all who wait, one from each in turn, so a 10,000-message job can't starve a
ten-message one. A batch that fails is tried again job by job, so that a job which breaks the
model fails alone.

Patient calls (of digests, for which nobody waits) come after all others. They never share a batch
with those, and theirs are smaller, so that whoever comes meanwhile waits for a short one. They
aren't starved: while both wait, every `TURN`th batch is a patient one. Knows nothing of what the
items are.
"""

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from precis.monitoring.metrics import BATCH_FILL, BATCH_ITEMS, BATCH_SECONDS, MODELS

Item = TypeVar("Item")
Made = TypeVar("Made")

TURN = 5
"""Of so many batches one is for the patient, where others wait all the time."""
SHARE = 4
"""A patient batch has this part of the items that another may have."""


@dataclass(eq=False)
class _Asked(Generic[Item, Made]):
    """What one call still waits for."""

    key: Hashable
    items: Sequence[Item]
    patient: bool
    taken: int = 0
    made: dict[int, Made] = field(default_factory=dict)
    error: BaseException | None = None
    done: threading.Event = field(default_factory=threading.Event)


class Batcher(Generic[Item, Made]):
    """Runs `run(items, key)` on items of equal key from several threads at once.

    `run` returns one result an item, in order; `most` bounds the items it is given.
    """

    def __init__(
        self, run: Callable[[list[Item], Hashable], Sequence[Made]], most: int, name: str
    ) -> None:
        self._run = run
        self._most = most
        self._model = name if name in MODELS else "generator"
        self._waiting: list[_Asked[Item, Made]] = []
        self._passed_over = 0  # batches made for others while the patient waited
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name=f"batches-{name}", daemon=True)
        self._thread.start()

    def __call__(
        self,
        items: Sequence[Item],
        key: Hashable = None,
        seconds: float | None = None,
        *,
        patient: bool = False,
    ) -> list[Made]:
        """Results for `items`; blocks. Raises TimeoutError after `seconds`, or as `run` did."""
        if not items:
            return []
        asked: _Asked[Item, Made] = _Asked(key, items, patient)
        with self._changed:
            if self._closed:
                raise RuntimeError("the batcher is closed")
            self._waiting.append(asked)
            self._changed.notify()
        if not asked.done.wait(seconds):
            self._forget(asked)
            raise TimeoutError
        if asked.error is not None:
            raise asked.error
        return [asked.made[index] for index in range(len(items))]

    def close(self) -> None:
        """Stop after the batch in hand; calls still waiting raise RuntimeError."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _forget(self, asked: _Asked[Item, Made]) -> None:
        with self._changed:
            if asked in self._waiting:
                self._waiting.remove(asked)

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    for asked in self._waiting:
                        _fail(asked, RuntimeError("the batcher is closed"))
                    return
                batch = self._take()
            self._make(batch)

    def _take(self) -> list[tuple[_Asked[Item, Made], int]]:
        """The next batch: who asked, and the index of their item."""
        patient = self._turn()
        fitting = [asked for asked in self._waiting if asked.patient is patient]
        sharing = [asked for asked in fitting if asked.key == fitting[0].key]
        most = max(1, self._most // SHARE) if patient else self._most
        batch: list[tuple[_Asked[Item, Made], int]] = []
        while sharing and len(batch) < most:
            for asked in sharing[: most - len(batch)]:
                batch.append((asked, asked.taken))
                asked.taken += 1
            sharing = [asked for asked in sharing if asked.taken < len(asked.items)]
        # Whoever has items left goes to the end, so that another key gets its turn.
        served = _people(batch)
        unserved = [asked for asked in self._waiting if asked not in served]
        self._waiting = unserved + [a for a in served if a.taken < len(a.items)]
        return batch

    def _turn(self) -> bool:
        """Whether the next batch is for the patient."""
        kinds = {asked.patient for asked in self._waiting}
        if len(kinds) == 1:
            self._passed_over = 0
            return kinds.pop()
        self._passed_over = (self._passed_over + 1) % TURN
        return self._passed_over == 0

    def _make(self, batch: list[tuple[_Asked[Item, Made], int]]) -> None:
        try:
            self._fill(batch)
        except BaseException as error:  # noqa: BLE001 - whatever it is, somebody waits for it
            people = _people(batch)
            if len(people) == 1:
                self._forget(people[0])
                _fail(people[0], error)
                return
            for person in people:
                self._make([(asked, index) for asked, index in batch if asked is person])

    def _fill(self, batch: list[tuple[_Asked[Item, Made], int]]) -> None:
        begun = time.perf_counter()
        made = self._run([asked.items[index] for asked, index in batch], batch[0][0].key)
        BATCH_SECONDS.observe(time.perf_counter() - begun, model=self._model)
        BATCH_ITEMS.observe(len(batch), model=self._model)
        BATCH_FILL.observe(len(batch) / self._most, model=self._model)
        for (asked, index), result in zip(batch, made, strict=True):
            asked.made[index] = result
            if len(asked.made) == len(asked.items):
                asked.done.set()


def _people(batch: Sequence[tuple[_Asked[Item, Made], int]]) -> list[_Asked[Item, Made]]:
    """Who asked for the items of a batch, each once, in order."""
    return list({id(asked): asked for asked, _ in batch}.values())


def _fail(asked: _Asked[Item, Made], error: BaseException) -> None:
    asked.error = error
    asked.done.set()
