"""ROUGE against numbers worked by hand; the counting itself is `rouge_score`'s."""

import pytest

from eval.overlap import rouge_figures
from eval.rouge import rouge


def test_one_reference_worked_by_hand():
    # 5 words and 4; 3 in common (the, cat, sat stem alike), 1 pair in common, 3 in sequence.
    scores = rouge(["the black cat sat down"], [["the cats sat here"]])
    assert scores["rouge1"] == pytest.approx([2 * (3 / 5) * (3 / 4) / (3 / 5 + 3 / 4)])
    assert scores["rouge2"] == pytest.approx([2 * (1 / 4) * (1 / 3) / (1 / 4 + 1 / 3)])
    assert scores["rougeL"] == pytest.approx(scores["rouge1"])


def test_lsum_lets_sentences_change_places_and_l_does_not():
    scores = rouge(["Ana sings. Ben reads."], [["Ben reads. Ana sings."]])
    assert scores["rougeLsum"] == pytest.approx([1.0])
    assert scores["rougeL"] == pytest.approx([0.5])


def test_of_several_references_the_best_counts():
    references = ["nothing alike", "the cat sat", "a cat"]
    assert rouge(["the cat sat"], [references])["rouge1"] == pytest.approx([1.0])


def test_figures_are_means_with_intervals():
    figures = rouge_figures(["the cat sat", "no match"], [["the cat sat"], ["other words"]])
    assert figures["rouge1"].mean == pytest.approx(0.5)
    assert (figures["rouge1"].low, figures["rouge1"].high) == (0.0, 1.0)


def test_an_empty_summary_scores_nothing():
    assert rouge([""], [["the cat sat"]])["rougeLsum"] == pytest.approx([0.0])
