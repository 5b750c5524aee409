import pytest

from eval.toxicity import score, toxicity_figures
from worker.gate.loading import load_scorer

THRESHOLDS = {"toxicity": 0.5, "threat": 0.3}


def scored(*pairs):
    return [{"toxicity": toxicity, "threat": threat} for toxicity, threat in pairs]


def test_figures_worked_by_hand():
    figures = toxicity_figures(
        scored((0.0, 0.0), (0.5, 0.1), (0.1, 0.4), (0.2, 0.1)), THRESHOLDS, "a gate"
    )
    main = figures.main
    assert main.mean.mean == pytest.approx(0.2)
    assert main.std == pytest.approx((0.14 / 4) ** 0.5)
    assert main.over.mean == pytest.approx(1 / 4)
    assert figures.labels["threat"].over.mean == pytest.approx(1 / 4)
    assert figures.toxic.mean == pytest.approx(1 / 2)
    assert (figures.texts, figures.gate) == (4, "a gate")


def test_texts_are_scored_in_order_however_many(settings, monkeypatch):
    monkeypatch.setattr("eval.toxicity._AT_ONCE", 2)
    scorer = load_scorer(settings)
    texts = ["Good morning!", "You are a stupid idiot.", "See you at nine."]
    calm, rude, late = (each["toxicity"] for each in score(texts, scorer))
    assert rude > 0.5 > max(calm, late)


def test_marks_around_people_hide_nothing(settings):
    scorer = load_scorer(settings)
    marked, read = score(
        ["#Person1#: You are a stupid idiot!", "Person1: You are a stupid idiot!"], scorer
    )
    assert marked == pytest.approx(read, abs=0.02)
