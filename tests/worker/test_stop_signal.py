"""A signal to stop is heard whenever it comes."""

import subprocess
import sys

# A timer's signal is one that comes at any moment, also between two instructions.
PROGRAM = """
import os, random, signal
from worker import serving

serving.STOP_SIGNALS = (*serving.STOP_SIGNALS, signal.SIGALRM)
for _ in range(5_000):
    with serving.stop_signal() as wait:
        signal.setitimer(signal.ITIMER_REAL, 1e-6 + random.random() * 40e-6)
        assert wait() == signal.SIGALRM
"""


def test_a_signal_is_heard_at_whatever_moment_it_comes():
    ended = subprocess.run([sys.executable, "-c", PROGRAM], timeout=600, check=False)
    assert ended.returncode == 0
