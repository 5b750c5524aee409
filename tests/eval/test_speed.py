from types import SimpleNamespace

import pytest

from eval.speed import peak_memory, speed_figures
from tests.eval.talks import Echo, dialogue, silent


class Slow(Echo):
    """Takes 10 ms a call, which batches share, and half a second the first time."""

    now = 100.0

    def summaries(self, dialogues, progress):
        self.now += 0.01 if self.asked else 0.5
        return super().summaries(dialogues, progress)


def test_warm_up_is_not_counted_and_batches_pay(monkeypatch):
    system = Slow()
    monkeypatch.setattr("eval.speed.time", SimpleNamespace(perf_counter=lambda: system.now))
    figures = speed_figures(system, [dialogue(f"#Person1#: {n}") for n in range(30)], silent)
    assert system.prepared == 1
    assert (figures.singles, figures.batched) == (20, 30)
    assert figures.seconds.mean == pytest.approx(0.01)
    assert figures.single_rate == pytest.approx(100)
    assert figures.batched_rate == pytest.approx(3_000)
    assert figures.slow == pytest.approx(0.01)


def test_peak_memory_is_in_bytes():
    assert 50 * 2**20 < peak_memory() < 2**40
