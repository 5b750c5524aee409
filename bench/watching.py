"""Scoring of watched channels beside summaries: `python -m bench.watching`, also by `make bench`.

Messages of ten watched channels come as in a brigade, 200 a minute, a third of them toxic, in a
batch every half a second. One worker scores them, first with nothing else to do, then with four
summaries always in hand. Worker, Redis and PostgreSQL are real, the models those that ship.
Exits with 1 where, beside summaries, one of a hundred batches took so long that its card would come
after more than 5 seconds.
"""

import random
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.__main__ import talk
from bench.discord_load import process, quantile, texts
from precis.ask import Place
from precis.conversation import Conversation, Message
from precis.job import WATCH_QUEUE, JobRequest
from precis.settings import Settings, load_settings
from precis.store import Store
from precis.store.moderation_store import ModerationStore
from tests.services import postgresql_server, redis_server, wait_until
from worker.app import make_app
from worker.asking import JobQueue

PLACES = 10
A_MINUTE = 200  # messages
GATHERED = 0.5  # seconds that a bot gathers messages before it stores them
SECONDS = 60.0  # of each of the two parts
SUMMARIES = 4  # always in hand
WINDOW = 100  # messages of each of them
PATIENCE = 120.0  # seconds for the last batch
TOXIC = "you are such a stupid idiot, shut up you moron"

MOST_UNTIL_SCORED = 5.0 - GATHERED - 1.0  # seconds; posting the card may take the last one


class Watched:
    """What a bot does about watched channels, as far as a worker sees it."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._watching = ModerationStore(store, settings.lease)
        self.queue = JobQueue(settings, store, make_app(settings))
        self._chooser = random.Random(0)
        self._said = texts(1_000, seed=1)
        self._count = 0

    def batch(self) -> str:
        """Store and send what was said in half a second in one channel; the job's id."""
        place = Place(server="bench", place=f"place-{self._count % PLACES}")
        said = tuple(self._message() for _ in range(round(A_MINUTE / 60 * GATHERED)))
        request = JobRequest(task="score", queue=WATCH_QUEUE, frontend="bench")
        job_id = self._watching.take(
            request,
            Conversation(source="bench", channel=place.place, messages=said),
            place,
            self._settings.requeue_after,
        )
        self.queue.send(job_id, WATCH_QUEUE)
        return job_id

    def _message(self) -> Message:
        self._count += 1
        toxic = self._count % 3 == 0
        return Message(
            id=f"watched-{self._count}",
            author_id=f"person-{self._chooser.randrange(20)}",
            author_name="Member",
            time=datetime.now(UTC),
            text=f"{TOXIC} {self._count}" if toxic else self._chooser.choice(self._said),
        )


class Summaries:
    """So many summaries in hand, always."""

    def __init__(self, store: Store, queue: JobQueue) -> None:
        self._store = store
        self._queue = queue
        self._ids: list[str] = []
        self._asked = 0

    def keep(self) -> None:
        """Ask for another one for each that has ended."""
        self._ids = [each for each in self._ids if not self._store.job(each).state.ended]
        while len(self._ids) < SUMMARIES:
            self._asked += 1
            said = tuple(Message.model_validate(m) for m in talk(WINDOW, seed=self._asked))
            self._ids.append(
                self._queue.submit(JobRequest(), Conversation(source="bench", messages=said))
            )

    @property
    def begun(self) -> int:
        """How many a worker has taken up."""
        waiting = [each for each in self._ids if self._store.job(each).started_at is None]
        return self._asked - len(waiting)


def run(folder: Path) -> dict[str, float]:
    """Both parts; seconds from a batch's being stored to its scores' being there."""
    with ExitStack() as stack:
        url = stack.enter_context(postgresql_server())
        broker = stack.enter_context(redis_server(folder))
        settings = load_settings(store=url, broker=broker)
        store = Store.open(url)
        stack.callback(store.close)
        watched = Watched(settings, store)
        worker = stack.enter_context(
            process(["-m", "cli", "worker"], {"PRECIS_STORE": url, "PRECIS_BROKER": broker})
        )
        wait_for(store, watched.batch(), worker)
        alone = part(store, watched, None)
        summaries = Summaries(store, watched.queue)
        beside = part(store, watched, summaries)
        begun = summaries.begun
        worker.kill()  # told to stop, it would finish the summaries in hand
        assert begun >= SUMMARIES, "the worker summarises all the while"
        return {
            "batches, in each part": len(beside),
            "summaries meanwhile": begun,
            "alone: scored p50": quantile(alone, 0.5),
            "alone: scored p99": quantile(alone, 0.99),
            "beside: scored p50": quantile(beside, 0.5),
            "beside: scored p99": quantile(beside, 0.99),
            "beside: at last": max(beside),
        }


def part(store: Store, watched: Watched, summaries: Summaries | None) -> list[float]:
    """How long each batch took."""
    began = time.monotonic()
    ids = []
    for number in range(int(SECONDS / GATHERED)):
        if summaries is not None:
            summaries.keep()
        due = began + number * GATHERED
        time.sleep(max(0.0, due - time.monotonic()))
        ids.append(watched.batch())
    return [took(store, each) for each in ids]


def took(store: Store, job_id: str) -> float:
    wait_until(lambda: store.job(job_id).state.ended, PATIENCE, "a batch's scores")
    job = store.job(job_id)
    assert job.ended_at is not None
    assert job.state.value == "done", job.reason
    return (job.ended_at - job.created_at).total_seconds()


def wait_for(store: Store, job_id: str, worker: subprocess.Popen[Any]) -> None:
    """See that the worker is up: it loads its models first."""
    wait_until(
        lambda: store.job(job_id).state.ended or worker.poll() is not None, PATIENCE, "the worker"
    )
    assert worker.poll() is None, "the worker goes on"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        measured = run(Path(folder))
    for name, value in measured.items():
        shown = f"{value:10.0f}" if isinstance(value, int) else f"{value * 1000:10.1f} ms"
        print(f"{name:<24}{shown}", flush=True)
    ratio = measured["beside: scored p50"] / measured["alone: scored p50"]
    print(f"{'beside to alone, p50':<24}{ratio:10.1f}", flush=True)
    if measured["beside: scored p99"] > MOST_UNTIL_SCORED:
        sys.exit(f"scored after more than {MOST_UNTIL_SCORED:g} s")


if __name__ == "__main__":
    main()
