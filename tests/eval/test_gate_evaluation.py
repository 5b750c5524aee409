"""A gate on judged texts: figures by hand on a scorer whose scores are known."""

import pytest

from eval.gate_evaluation import evaluate_gate
from eval.judged_texts import JudgedText


class Known:
    """Scores a text by the number in it."""

    def __init__(self):
        self.name, self.thresholds = "known", {"toxicity": 0.5, "threat": 0.9}

    def score(self, texts):
        return [
            {"toxicity": float(text.split()[0]), "threat": float(text.split()[1])} for text in texts
        ]


TEXTS = [
    JudgedText("0.9 0.0", True, "rude"),
    JudgedText("0.1 0.95", True, "threats"),
    JudgedText("0.3 0.1", True, "rude"),
    JudgedText("0.6 0.0", False, "homework"),
    *[JudgedText("0.2 0.0", False, "homework")] * 3,
]


def test_the_figures_are_those_of_what_the_gate_does():
    found = evaluate_gate(Known(), TEXTS, rounds=200)
    assert (found.texts, found.toxic) == (7, 3)
    assert found.precision.mean == pytest.approx(2 / 3)
    assert found.recall.mean == pytest.approx(2 / 3)
    assert found.f1.mean == pytest.approx(2 / 3)
    assert found.alarms.mean == pytest.approx(1 / 4)
    assert found.auc.mean == pytest.approx((4 + 0 + 3) / 12)
    assert found.auc_of_any.mean == pytest.approx((4 + 4 + 3) / 12)
    assert found.alarms.low < found.alarms.mean < found.alarms.high


def test_each_group_is_told_by_itself():
    groups = {each.group: each for each in evaluate_gate(Known(), TEXTS, rounds=50).groups}
    assert list(groups) == ["rude", "threats", "homework"]
    assert (groups["rude"].toxic, groups["rude"].found.mean) == (2, 0.5)
    assert groups["rude"].alarms is None
    assert (groups["homework"].harmless, groups["homework"].alarms.mean) == (4, 0.25)


def test_texts_of_one_kind_have_no_auc():
    found = evaluate_gate(Known(), TEXTS[:3], rounds=20)
    assert (found.auc, found.auc_of_any, found.alarms) == (None, None, None)
