"""Figures of weighted texts, against scikit-learn's, and their intervals."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from eval.classification import auc, f1, precision, recall, resample


def test_auc_of_weighted_texts_is_the_usual_one():
    random = np.random.default_rng(0)
    scores = random.random(60).round(1)  # with ties
    toxic = (random.random(60) < 0.4).astype(float)
    weights = random.integers(0, 3, size=(4, 60)).astype(float)
    found = auc(scores, toxic, weights)
    for row, each in zip(weights, found, strict=True):
        assert each == pytest.approx(roc_auc_score(toxic, scores, sample_weight=row))
    assert np.isnan(auc(scores, np.ones(60), weights)).all()


def test_precision_and_recall_count_resampled_texts_as_often_as_they_are_drawn():
    called, toxic = np.array([1.0, 1.0, 0.0, 0.0]), np.array([1.0, 0.0, 1.0, 0.0])
    weights = np.array([[3.0, 1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 2.0, 2.0]])
    assert precision(called, toxic, weights).tolist() == [0.75, 0.5, 1.0]
    assert recall(called, toxic, weights).tolist() == [1.0, 0.5, 0.0]
    assert f1(called, toxic, weights).tolist() == pytest.approx([6 / 7, 0.5, 0.0])


def test_classifiers_share_their_resamples():
    called = np.array([1.0, 0.0] * 20)
    one, same = resample([lambda weights: weights @ called] * 2, 40, rounds=50, seed=0)
    assert one.value == 20
    assert (one.resampled == same.resampled).all()
    assert one.interval.low < 20 < one.interval.high
