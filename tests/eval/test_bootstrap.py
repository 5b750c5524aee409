import numpy as np
import pytest
from scipy.stats import bootstrap

from eval.bootstrap import Interval, interval, paired_difference


def test_an_interval_agrees_with_another_implementation():
    values = np.random.default_rng(3).gamma(2.0, size=80)
    got = interval(values, rounds=20_000, seed=1)
    expected = bootstrap(
        (values,), np.mean, n_resamples=20_000, method="percentile",
        rng=np.random.default_rng(2),
    ).confidence_interval  # fmt: skip
    assert got.mean == pytest.approx(values.mean())
    assert got.low == pytest.approx(expected.low, abs=0.01)
    assert got.high == pytest.approx(expected.high, abs=0.01)


def test_two_values_worked_by_hand():
    # Means of resamples are 0, ½ and 1 with chances ¼, ½, ¼: the middle 40 % are all ½.
    assert interval([0.0, 1.0], level=0.4) == Interval(0.5, 0.5, 0.5)
    assert interval([0.0, 1.0], level=0.95) == Interval(0.5, 0.0, 1.0)


def test_equal_values_leave_no_doubt():
    assert interval([0.25] * 9) == Interval(0.25, 0.25, 0.25)


def test_a_seed_repeats_and_rounds_can_exceed_what_is_drawn_at_once(monkeypatch):
    values = np.arange(50.0)
    assert interval(values, seed=5) == interval(values, seed=5)
    assert interval(values, seed=5) != interval(values, seed=6)
    monkeypatch.setattr("eval.bootstrap._AT_ONCE", 200)
    assert interval(values, rounds=999).low == pytest.approx(interval(values).low, abs=1.5)


def test_pairs_see_a_difference_that_apart_drowns():
    hard = np.random.default_rng(0).normal(size=60)
    ours, theirs = hard + 0.1 + 0.01 * np.arange(60) % 0.05, hard
    assert interval(ours).overlaps(interval(theirs))
    assert paired_difference(ours, theirs).low > 0.09


def test_values_are_needed_and_pairs_must_match():
    with pytest.raises(ValueError, match="at least one"):
        interval([])
    with pytest.raises(ValueError, match="3 and 2"):
        paired_difference([1, 2, 3], [1, 2])
