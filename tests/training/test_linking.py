import os
from pathlib import Path

import numpy as np
import pytest

from training.linking import (
    Choice,
    choices,
    clusters,
    evaluate,
    fit,
    read_gold,
    variation_of_information,
)
from worker.pipeline.linking import PAIR_FEATURES, START_FEATURES, fitted_weights

DATA = Path(os.environ.get("PRECIS_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.fixture
def log(tmp_path):
    """Two pairs of people, taking turns, with gold links (0-based lines)."""
    lines = [
        "[12:00] <ana> does anybody know how to mount a usb stick?",
        "[12:00] <cem> my sound card is silent since the upgrade",
        "[12:01] <ben> ana: plug it in, then mount /dev/sda1",
        "[12:01] <dee> cem: check the mixer, the upgrade mutes it",
        "[12:02] <ana> ben: works, thanks",
        "[12:03] <cem> dee: it was muted indeed",
    ]
    path = tmp_path / "2004-11-15_03.ascii.txt"
    path.write_text("\n".join(lines) + "\n")
    gold = "0 0 -\n1 1 -\n0 2 -\n1 3 -\n2 4 -\n3 5 -\n"
    (tmp_path / "2004-11-15_03.annotation.txt").write_text(gold)
    return path


def test_gold_links_are_read_by_line(log):
    assert read_gold(log).gold == {0: {0}, 1: {1}, 2: {0}, 3: {1}, 4: {2}, 5: {3}}


def test_the_shipped_weights_find_the_links(log):
    scores = evaluate([read_gold(log)])
    assert scores["link_f1"] > 0.8
    assert scores["one_minus_vi"] > 0.8


def test_every_choice_has_a_gold_option(log):
    for choice in choices(read_gold(log)):
        assert choice.gold.any()
        assert len(choice.gold) == len(choice.pairs) + 1


def test_fitting_learns_what_decides():
    """Gold is always the candidate with the one telling feature."""
    import torch  # noqa: PLC0415

    random = np.random.default_rng(0)
    examples = []
    for _ in range(200):
        pairs = random.normal(size=(5, len(PAIR_FEATURES))) * 0.1
        right = int(random.integers(5))
        pairs[right, PAIR_FEATURES.index("cosine")] += 1.0
        gold = torch.zeros(6, dtype=torch.bool)
        gold[right] = True
        examples.append(Choice(pairs, np.ones(len(START_FEATURES)), gold))
    weights = fit(examples)
    assert weights["cosine"] == max(weights.values(), key=abs) > 1.0


def test_variation_of_information_by_hand():
    assert variation_of_information([0, 0, 1, 1], [5, 5, 7, 7]) == 0.0
    assert variation_of_information([0, 0, 1, 1], [0, 1, 0, 1]) == pytest.approx(2.0)


def test_clusters_are_connected_components():
    assert clusters([(2, 0), (4, 2), (3, 1)], [0, 1, 2, 3, 4]) == [0, 1, 0, 1, 0]


def test_every_feature_has_a_weight():
    pairs, start = fitted_weights()
    assert (len(pairs), len(start)) == (len(PAIR_FEATURES), len(START_FEATURES))


@pytest.mark.slow
@pytest.mark.skipif(not (DATA / "irc").is_dir(), reason="needs the public data")
def test_links_of_a_real_log_are_as_good_as_reported():
    logs = sorted((DATA / "irc" / "dev").glob("*.ascii.txt"))[:2]
    assert evaluate([read_gold(log) for log in logs])["link_f1"] > 0.55
