"""Detoxify's real library, on tiny checkpoints of its own format."""

import pickle
import shutil

import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification

from precis.errors import ModelError
from precis.settings import load_settings
from worker.embeddings import minilm_folder
from worker.gate.detoxify import DetoxifyScorer
from worker.gate.loading import load_scorer

CLASSES = ["toxicity", "severe_toxicity", "obscene", "identity_attack", "insult", "threat",
           "sexual_explicit", "male", "female"]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """A local checkpoint as Detoxify saves them, with random weights."""
    config = BertConfig(
        vocab_size=30_522, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=64, num_labels=len(CLASSES),
    )  # fmt: skip
    torch.manual_seed(0)
    checkpoint = {
        "config": {
            "arch": {
                "args": {
                    "model_type": str(tmp_path),
                    "model_name": "BertForSequenceClassification",
                    "tokenizer_name": "BertTokenizer",
                    "num_classes": len(CLASSES),
                }
            },
            "dataset": {"args": {"classes": CLASSES}},
        },
        "state_dict": BertForSequenceClassification(config).state_dict(),
    }
    torch.save(checkpoint, tmp_path / "tiny.ckpt")
    config.save_pretrained(tmp_path)
    for name in ("vocab.txt", "tokenizer.json", "tokenizer_config.json"):
        shutil.copy(minilm_folder() / name, tmp_path)
    return tmp_path


def test_a_local_checkpoint_scores(folder):
    scorer = load_scorer(load_settings(gate=f"detoxify:{folder}"))
    scores = scorer.score(["hello there", "", "a much longer text " * 100])
    assert set(scores[0]) == set(CLASSES[:7])
    assert set(scores[1].values()) == {0.0}
    assert all(0.0 < value < 1.0 for value in scores[2].values())
    assert scorer.thresholds["toxicity"] == 0.5


def test_scores_are_those_of_detoxify_itself(folder):
    from detoxify import Detoxify  # noqa: PLC0415

    theirs = Detoxify(
        checkpoint=str(folder / "tiny.ckpt"), huggingface_config_path=str(folder)
    ).predict(["hello there", "another text"])
    ours = DetoxifyScorer(str(folder)).score(["hello there", "another text"])
    for label in CLASSES[:7]:
        assert [scores[label] for scores in ours] == pytest.approx(theirs[label], abs=1e-5)


class Attack:
    """Makes a file when it is unpickled."""

    target = ""

    def __reduce__(self):
        return (open, (self.target, "w"))


def test_a_checkpoint_with_code_in_it_is_refused_and_not_run(folder, tmp_path, monkeypatch):
    ran = tmp_path / "ran"
    monkeypatch.setattr(Attack, "target", str(ran))
    (folder / "tiny.ckpt").write_bytes(pickle.dumps(Attack()))
    with pytest.raises(ModelError, match="not run"):
        DetoxifyScorer(str(folder))
    assert not ran.exists()


def test_a_folder_without_checkpoint_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"\.ckpt"):
        DetoxifyScorer(str(tmp_path / "none"))


def test_a_checkpoint_of_another_kind_is_refused(folder):
    torch.save({"state_dict": {}}, folder / "tiny.ckpt")
    with pytest.raises(ModelError, match="another kind"):
        DetoxifyScorer(str(folder))


def test_a_model_that_cannot_be_downloaded_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(
        "detoxify.detoxify.MODEL_URLS", {"unbiased": "http://127.0.0.1:9/toxic-c7548aa0.ckpt"}
    )
    with pytest.raises(ModelError, match="PRECIS_GATE") as caught:
        DetoxifyScorer("unbiased")
    assert "\n" not in str(caught.value)
