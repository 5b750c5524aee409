"""Better on one and not worse on any: what is promoted, and what isn't."""

import pytest

from eval.bootstrap import Interval
from training.refresh.rule import Measure, Outcome, Ruling, best

SERVING = Interval(0.5, 0.4, 0.6)


def measure(low, high, *, name="ROUGE", tolerance=0.02, less=False, texts=50):
    difference = Interval((low + high) / 2, low, high)
    return Measure(name, texts, SERVING, SERVING, difference, tolerance, less_is_better=less)


def ruling(*measures, name="candidate"):
    return Ruling(name, measures)


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        (0.01, 0.05, "better"),
        (0.0, 0.05, "as good"),
        (-0.02, 0.02, "as good"),
        (-0.02, -0.01, "worse"),
        (-0.021, 0.3, "not shown as good"),
        (-0.1, -0.01, "worse"),
    ],
)
def test_an_interval_says_what_is_shown(low, high, found):
    assert measure(low, high).found == found
    assert measure(-high, -low, less=True).found == found


def test_better_on_one_and_as_good_on_the_others_is_promoted():
    assert ruling(measure(0.01, 0.05), measure(-0.01, 0.01)).promote


def test_as_good_everywhere_changes_nothing():
    made = ruling(measure(-0.01, 0.01), measure(-0.01, 0.01))
    assert not made.promote
    assert made.why == "as good, but better by no measure"


@pytest.mark.parametrize("other", [(-0.1, -0.05), (-0.1, 0.1)])
def test_worse_or_perhaps_worse_on_one_is_refused_however_good_the_others(other):
    made = ruling(measure(0.3, 0.5), measure(0.2, 0.4), measure(*other, name="faithfulness"))
    assert not made.promote
    assert "faithfulness" in made.why


def test_a_handful_of_texts_shows_nothing():
    """Resampled, one text is as sure as can be: its interval has no width."""
    assert measure(0.1, 0.1, texts=1).found == "too few texts"
    assert not ruling(measure(0.1, 0.1, texts=9)).promote
    assert not ruling(measure(0.1, 0.2), measure(0.0, 0.0, texts=9)).promote


def test_what_is_shown_to_be_worse_does_not_pass_within_the_tolerance_either():
    made = ruling(measure(0.01, 0.05), measure(-0.02, -0.01, name="recall"))
    assert not made.promote
    assert made.why == "recall: worse"


def test_what_nobody_could_tell_is_not_worse():
    """Where all texts change a little alike, any difference is sure."""
    assert measure(-0.0019, -0.0001).found == "as good"
    assert ruling(measure(0.01, 0.05), measure(-0.0019, -0.0001)).promote
    assert measure(-0.004, -0.002).found == "worse"


def test_what_passed_against_another_is_not_promoted():
    passed = Outcome("gate", "old", (ruling(measure(0.01, 0.05), name="new"),), promoted="new")
    assert passed.held_against("old") is passed
    assert passed.held_against("new") is passed, "by a run that was interrupted since"
    overtaken = passed.held_against("an operator's")
    assert overtaken.promoted is None
    assert overtaken.line.startswith("gate: an operator's goes on serving; it was promoted meanw")


def test_nothing_measured_is_nothing_promoted():
    assert not ruling().promote


def test_of_those_that_pass_the_better_one_serves_and_of_equals_the_last():
    one = ruling(measure(0.01, 0.05), name="lora")
    equal = ruling(measure(0.02, 0.05), name="ppo")
    more = ruling(measure(0.01, 0.05), measure(0.01, 0.05), name="more")
    refused = ruling(measure(0.1, 0.2), measure(-1, 1), name="refused")
    assert best([one, equal, refused]) is equal
    assert best([more, one]) is more
    assert best([refused]) is None


def test_an_outcome_is_one_line():
    won = ruling(measure(0.01, 0.05), name="new")
    lost = ruling(measure(-0.9, -0.5), name="bad")
    assert Outcome("gate", "old", (won,), promoted="new").line == (
        "gate: new is promoted (better by ROUGE, worse by none)"
    )
    assert Outcome("gate", "old", (lost,)).line == (
        "gate: old goes on serving; refused: bad (ROUGE: worse)"
    )
    assert Outcome("gate", "old", untried="too little data").line == "gate: too little data"
