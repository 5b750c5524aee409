import time

import pytest

from eval.speed import peak_memory, speed_figures
from tests.eval.talks import Echo, dialogue, silent


class Slow(Echo):
    """Takes 10 ms a call, which batches share, and half a second the first time."""

    def summaries(self, dialogues, progress):
        time.sleep(0.01 if self.asked else 0.5)
        return super().summaries(dialogues, progress)


def test_warm_up_is_not_counted_and_batches_pay():
    system = Slow()
    figures = speed_figures(system, [dialogue(f"#Person1#: {n}") for n in range(30)], silent)
    assert system.prepared == 1
    assert (figures.singles, figures.batched) == (20, 30)
    assert 0.01 <= figures.seconds.mean < 0.2
    assert figures.single_rate == pytest.approx(1 / figures.seconds.mean)
    assert figures.batched_rate > 3 * figures.single_rate
    assert figures.slow >= figures.seconds.low


def test_peak_memory_is_in_bytes():
    assert 50 * 2**20 < peak_memory() < 2**40
