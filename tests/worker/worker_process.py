"""A worker process for tests: the real worker, with a summariser that waits for a file.

Usage: worker_process.py FOLDER, with the settings in PRECIS_* variables.
"""

import sys
from pathlib import Path

from precis.settings import load_settings
from precis.store import Store
from tests.worker.summarisers import HeldByFile
from worker.serving import run_worker

if __name__ == "__main__":
    settings = load_settings()
    run_worker(settings, Store.open(settings.store_url), HeldByFile(Path(sys.argv[1])))
