"""When a threshold is suggested, and when the decisions don't support one."""

import pytest

from precis.moderation import LabelDecisions
from precis.suggesting import share, suggest


def decided(toxic, harmless, threshold=0.6):
    return LabelDecisions(
        label="insult", toxic=tuple(toxic), harmless=tuple(harmless), threshold=threshold
    )


HIGH = [0.9 + n / 1000 for n in range(30)]
LOW = [0.61 + n / 1000 for n in range(10)]


def test_the_lowest_threshold_that_spares_the_harmless_is_suggested_with_its_numbers():
    made = suggest(decided(HIGH, LOW))
    assert made is not None
    assert (made.label, made.threshold, made.suggested) == ("insult", 0.6, 0.62)
    assert (made.precision.count, made.precision.of) == (30, 40)
    assert (made.then.count, made.then.of) == (30, 30)
    assert (made.kept.count, made.kept.of) == (30, 30)
    assert made.then.low >= 0.75


def test_of_what_it_cannot_spare_a_little_may_stay():
    made = suggest(decided(HIGH, [*LOW, 0.95]))
    assert made is not None
    assert (made.then.count, made.then.of) == (30, 31)


@pytest.mark.parametrize(
    ("toxic", "harmless"),
    [
        pytest.param(HIGH[:10], LOW[:9], id="too few decisions"),
        pytest.param(HIGH, [], id="nothing was harmless"),
        pytest.param([], LOW * 3, id="nothing was toxic"),
        pytest.param(HIGH, LOW[:3], id="precise enough"),
        pytest.param(HIGH, [0.99] * 10, id="no threshold tells them apart"),
        pytest.param(LOW * 3, [0.65] * 10 + LOW, id="toxic ones score lower"),
        pytest.param([*HIGH[:20], *LOW], [0.7] * 10, id="a third of what is toxic would be lost"),
        pytest.param(HIGH[:10], LOW, id="so few are left that it isn't sure"),
    ],
)
def test_nothing_is_suggested_where_the_decisions_do_not_support_it(toxic, harmless):
    assert suggest(decided(toxic, harmless)) is None


def test_reports_under_the_threshold_say_nothing_of_what_it_flags():
    assert suggest(decided(HIGH[:12], [*LOW[:3], *[0.1] * 30])) is None
    made = suggest(decided([*HIGH, *[0.2] * 20], LOW))
    assert made is not None
    assert made.kept.of == 30


def test_a_lower_threshold_is_never_suggested():
    made = suggest(decided(HIGH, LOW, threshold=0.615))
    assert made is not None
    assert made.suggested > 0.615


def test_shares_come_with_wilsons_interval():
    # Wilson's interval of 8 of 10: (0.4902, 0.9433), as any table has it.
    found = share(8, 10)
    assert (found.low, found.high) == (
        pytest.approx(0.4902, abs=1e-4),
        pytest.approx(0.9433, abs=1e-4),
    )
    assert (share(0, 0).low, share(0, 0).high) == (0.0, 1.0)
    assert share(10, 10).high == pytest.approx(1.0)
