"""A worker process for tests: it only trains, and its runs take longer than any test.

Started with the settings in PRECIS_* variables; a run's option `begun` names a file to make.
"""

import threading
from pathlib import Path

from precis.settings import load_settings
from precis.store import Store
from worker.serving import run_worker
from worker.training_queue import TRAINING_QUEUE


def train(options):
    Path(options["begun"]).touch()
    threading.Event().wait()
    return ""


if __name__ == "__main__":
    settings = load_settings()
    run_worker(settings, Store.open(settings.store_url), None, [TRAINING_QUEUE], train)
