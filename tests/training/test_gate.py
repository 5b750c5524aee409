"""The gate's training on a small made-up data folder in the formats of the real one."""

import math

import numpy as np
import pytest
import torch

from precis.errors import InputError
from training.gate import GateConfig, calibrate, train_gate
from training.gate_card import model_card
from training.gate_data import GateData
from training.gate_examples import Example
from training.gate_report import judge, save_gate, threats
from training.gate_sources import clean_tweet
from training.gate_training import masked_loss, probabilities
from training.weak_labels import telling_words, weak_labels
from worker.gate.embedded import EmbeddedScorer
from worker.gate.folder import WEIGHTS
from worker.gate.network import LABELS

NAN = math.nan
SMALL = {"layers": 2, "rank": 8, "learning_rate": 2e-3}
"""Of the network, and what it learns quickly with."""


def config(data, output, **more):
    return GateConfig(
        data=data,
        output=output,
        **{"epochs": 1, "examples": 600, "batch_tokens": 512, **SMALL, **more},
    )


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    chosen = config(data, tmp_path_factory.mktemp("gate"), epochs=2)
    network = train_gate(chosen)
    thresholds, figures = judge(network, chosen)
    return chosen, network, save_gate(network[0], chosen, thresholds, figures)


@pytest.mark.slow
def test_training_tells_insults_from_talk(trained):
    _, network, manifest = trained
    bad, good = probabilities(*network, ["you silly fool", "the early exam is on Monday"])[:, 0]
    assert bad > good + 0.3
    assert manifest.metrics["sources"]["davidson"]["auc"] > 0.9


def test_what_is_written_can_be_served_and_scores_alike(trained):
    chosen, network, manifest = trained
    scorer = EmbeddedScorer(chosen.output)
    texts = ["you silly fool", "bring the green notes please", "x " * 300]
    ours = [[scores[label] for label in LABELS] for scores in scorer.score(texts)]
    assert np.allclose(ours, probabilities(*network, texts), atol=0.03)
    assert scorer.thresholds == manifest.thresholds
    assert manifest.sha256[:8] in scorer.name


def test_only_safetensors_are_written(trained):
    names = {path.name for path in trained[0].output.iterdir()}
    assert WEIGHTS in names
    assert not any(name.endswith((".bin", ".pt", ".ckpt", ".pkl")) for name in names)
    assert "checkpoint" not in names, "a finished run leaves no checkpoint"


def test_a_folder_of_other_things_is_left_alone(data, tmp_path):
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("chapter one")
    with pytest.raises(InputError, match="holds other files"):
        train_gate(config(data, tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_card_gives_the_manifests_figures(trained):
    manifest = trained[2]
    card = model_card(manifest)
    assert f"{manifest.metrics['sources']['davidson']['auc']:.3f}" in card
    assert "CC BY-NC-SA 4.0" in card


class InterruptedRunError(Exception):
    pass


@pytest.mark.slow
def test_an_interrupted_run_goes_on_where_it_stopped(data, tmp_path):
    chosen = config(data, tmp_path, epochs=2, examples=150)

    def interrupt(what, _share):
        if what.startswith("epoch 2"):
            raise InterruptedRunError

    with pytest.raises(InterruptedRunError):
        train_gate(chosen, interrupt)
    seen = []
    resumed = train_gate(chosen, lambda what, _share: seen.append(what))
    assert all(what.startswith("epoch 2") for what in seen)
    whole = train_gate(config(data, tmp_path / "whole", epochs=2, examples=150))
    # Dropout's random numbers differ after a resume; what was learned is alike.
    texts = ["you silly fool", "the early exam is on Monday"]
    assert np.allclose(probabilities(*resumed, texts), probabilities(*whole, texts), atol=0.25)


def test_a_checkpoint_of_other_settings_is_not_resumed(data, tmp_path):
    train_gate(config(data, tmp_path, examples=50))
    seen = []
    train_gate(config(data, tmp_path, examples=60), lambda what, _share: seen.append(what))
    assert seen[0].startswith("epoch 1")


def test_unknown_labels_do_not_count():
    logits = torch.tensor([[0.0, 3.0], [0.0, -9.0]])
    labels = torch.tensor([[1.0, NAN], [0.0, NAN]])
    assert masked_loss(logits, labels).item() == pytest.approx(math.log(2))
    assert masked_loss(logits, torch.full((2, 2), NAN)).item() == 0.0


def test_thresholds_let_few_ordinary_texts_through():
    random = np.random.default_rng(0)
    clean = random.beta(1, 8, size=(20_000, len(LABELS)))
    thresholds = calibrate(clean, 0.003)
    limits = np.array([thresholds[label] for label in LABELS])
    assert (clean >= limits).any(1).mean() <= 0.003
    assert all(0.3 <= limit <= 0.99 for limit in limits)
    assert thresholds["obscene"] >= 0.5


def test_no_post_is_in_two_splits(data):
    everything = GateData(data)
    posts = {
        name: {(e.whole or e.text).casefold() for e in everything.split(name)}
        for name in ("train", "validation", "test")
    }
    assert all(posts.values())
    assert not posts["train"] & posts["test"]
    assert not posts["train"] & posts["validation"]
    assert not posts["validation"] & posts["test"]


def test_sentences_of_a_toxic_post_are_told_apart(data):
    sentences = [e for e in GateData(data).abuse if e.source == "spans-sentence"]
    assert {e.is_toxic for e in sentences} == {True, False}
    assert all(e.whole and e.text in e.whole for e in sentences)


def test_a_missing_data_set_is_named(tmp_path):
    with pytest.raises(InputError, match=r"davidson\.csv\.gz"):
        train_gate(config(tmp_path, tmp_path / "out"))


def test_tweets_are_read_as_chat():
    tweet = "RT @ana: hello &amp; welcome https://t.co/x &#8220;you&#8221; there"
    assert clean_tweet(tweet) == "hello & welcome “you” there"


def test_telling_words_are_those_of_abuse():
    posts = [Example("you fool", (1.0,) * 6, "x")] * 30 + [
        Example("you there", (0.0,) * 6, "x")
    ] * 30
    assert telling_words(posts) == {"fool"}


@pytest.mark.parametrize(
    ("text", "hate", "expected"),
    [
        # severe, obscene, identity_attack, insult, threat
        ("you fool are wrong about it all", 0.0, (0.0, 1.0, 0.0, 1.0, 0.0)),
        ("that is foul weather talk of fools", 0.0, (0.0, 0.0, 0.0, 0.0, 0.0)),
        ("I will gonna hit you fool tomorrow", 0.0, (0.0, 1.0, 0.0, 1.0, NAN)),
        ("those fool people of that group", 1.0, (1.0, 1.0, 1.0, 0.0, 0.0)),
    ],
)
def test_weak_labels_follow_their_rules(text, hate, expected):
    post = Example(text, (1.0, NAN, NAN, hate, NAN, NAN), "davidson")
    assert weak_labels(post, frozenset({"fool"}))[1:] == pytest.approx(expected, nan_ok=True)


def test_clean_posts_keep_their_labels():
    post = Example("hello you", (0.0,) * 6, "davidson")
    assert weak_labels(post, frozenset({"hello"})) == (0.0,) * 6


def test_each_data_set_says_what_it_knows(data):
    known = {}
    for example in GateData(data).abuse:
        known.setdefault(example.source, set()).add(
            tuple(None if math.isnan(each) else each for each in example.labels)
        )
    assert (None, None, None, 0.0, None, None) in known["hateval"], "it may still be toxic"
    assert {labels[3] for labels in known["hateval"]} == {0.0, 1.0}
    assert (1.0, None, None, 0.0, 1.0, None) in known["germeval"]
    assert (0.0,) * 6 in known["olid"]
    assert {labels[0] for labels in known["bias-templates"]} == {0.0, 1.0}


def test_threats_are_judged_among_ten_times_as_much_ordinary_talk():
    kinds = ["threats_person"] * 10 + ["violence_games"] * 10
    test = [Example("x", (0.0,) * 6, "templates", kind=kind) for kind in kinds]
    scores = np.zeros((20, 6))
    scores[:9, 5] = 0.9  # nine of ten threats
    scores[10, 5] = 0.9  # one of ten harmless ones
    ordinary = np.zeros((1_000, 6))
    ordinary[:20, 0] = 0.9  # two of a hundred
    found = threats(scores, test, ordinary, dict.fromkeys(LABELS, 0.5))
    assert found == {
        "threats": 10, "harmless": 10, "recall": 0.9, "precision": round(0.9 / 1.2, 4),
    }  # fmt: skip
