"""A worker process for tests: the real worker, serving `watch` alone; its gate waits for a file.

Usage: watching_process.py FOLDER, with the settings in PRECIS_* variables.
"""

import sys
from pathlib import Path

from precis.job import WATCH_QUEUE, Scored
from precis.settings import load_settings
from precis.store import Store
from tests.services import wait_until
from tests.worker.summarisers import HeldByFile
from worker.serving import run_worker


class Gate(HeldByFile):
    """Finds every message toxic that says so, once it is let."""

    def score(self, request, conversation, deadline):
        self.begun.touch()
        wait_until(self.let_go.exists, seconds=60)
        return Scored(
            gate="test",
            scores={m.id: {"toxicity": float("toxic" in m.text)} for m in conversation.messages},
            thresholds={"toxicity": 0.5},
            own_thresholds={"toxicity": 0.5},
        )


if __name__ == "__main__":
    settings = load_settings()
    gate = Gate(Path(sys.argv[1]))
    run_worker(settings, Store.open(settings.store_url), gate, [WATCH_QUEUE])
