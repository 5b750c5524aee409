"""Whole runs on tiny models: what they write can be served; what they count is the study's."""

import csv
import gzip
import json
import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertForSequenceClassification

from eval.dialogues import Dialogue, read_dialogues
from precis.errors import InputError, ModelError
from tests.training.test_supervised import TALKS
from training.gate import GateConfig, train_gate
from training.gate_examples import INSULT, Example
from training.gate_report import judge, save_gate
from training.insults import abusive_posts, insulted, write_dialogues
from training.ppo.trainer import PpoConfig
from training.reward import RewardConfig, RewardModel, train_reward
from training.runs import (
    Data,
    _fitting,
    count_parameters,
    run_ppo,
    run_supervised,
    supervised_config,
)
from training.start import minilm_summariser
from worker.generators.generator import Decoding
from worker.generators.profiles import PROFILES, Profile
from worker.generators.seq2seq import Seq2SeqGenerator
from worker.pipeline.passages import Passage, Turn
from worker.registry import Registry, check_adapter


@pytest.fixture
def profile(tiny_pointer, tokenizer, tmp_path):
    folder = tmp_path / "models" / "tiny"
    tiny_pointer.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return Profile(
        "tiny", model=str(folder), local=True, template="dialogue", beams=2, candidates=1,
        max_new_tokens=8, lora_targets=("query", "value"),
    )  # fmt: skip


@pytest.fixture
def registry(profile, tmp_path):
    return Registry(tmp_path / "models", {"tiny": profile})


@pytest.fixture
def talks(tmp_path):
    path = tmp_path / "talks.jsonl"
    write_dialogues(TALKS, path)
    return str(path)


def served(profile, adapter):
    turn = Turn("#Person1#", "I like tea", 0, quotable=True)
    passage = Passage((turn,), ("a",), np.zeros((1, 384), np.float32), 1)
    generator = Seq2SeqGenerator(profile, adapter=adapter)
    return generator.generate([passage], Decoding())


@pytest.mark.slow
def test_the_parameters_are_the_studys():
    flan = PROFILES["flan-t5-base"]
    config = supervised_config("lora", flan, Path("unused"))
    assert count_parameters(config, random_init=True) == (3_538_944, 251_116_800)
    with_head = count_parameters(config, random_init=True, value_head=True)
    assert with_head == (3_539_713, 251_117_569)


@pytest.mark.parametrize("method", ["lora", "prompt-tuning"])
def test_an_adapter_lands_in_the_registry_and_serves(profile, registry, talks, tmp_path, method):
    config = supervised_config(
        method, profile, tmp_path / "run", epochs=1, batch=4, dev_examples=2, longest_summary=8
    )
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        folder, metrics = run_supervised(
            config, None, Data(talks, talks), registry, "first", lambda *_: None
        )
    assert not [each for each in warned if "config file in" in str(each.message)]
    manifest = registry.promote("first")
    assert registry.promoted("tiny") == folder
    assert manifest.method == method
    assert manifest.base == "tiny", "a path on one machine means nothing on another"
    assert manifest.metrics == metrics
    assert str(tmp_path) not in (folder / "adapter_config.json").read_text()
    assert served(profile, folder)
    other = replace(profile, name="tiny", model=str(tmp_path / "models" / "other"))
    with pytest.raises(ModelError):
        check_adapter(folder, other)


def test_a_whole_model_is_written_in_half_precision_and_serves(profile, registry, talks, tmp_path):
    target = tmp_path / "models" / "second"
    config = supervised_config(
        "full", profile, target, epochs=1, batch=4, dev_examples=2, longest_summary=8
    )
    run_supervised(config, None, Data(talks, talks), registry, "unused", lambda *_: None)
    names = {path.name for path in target.iterdir()}
    assert {"model.safetensors", "manifest.json", "casing.json", "tokenizer.json"} <= names
    assert "checkpoints" not in names
    card = (target / "README.md").read_text()
    assert card.startswith("# A summariser for the profile tiny")
    assert "DialogSum" not in card, "nothing is said that nobody knows"
    generator = Seq2SeqGenerator(replace(profile, model=str(target)))
    assert generator.name.startswith("tiny@")


def test_a_folder_of_other_things_is_refused(profile, registry, talks, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("chapter one")
    config = supervised_config("lora", profile, tmp_path / "run")
    with pytest.raises(InputError, match="holds other files"):
        run_supervised(config, None, Data(talks, talks), registry, "a", lambda *_: None)


def test_another_run_does_not_go_on_from_a_checkpoint(
    profile, registry, talks, tmp_path, interrupted
):
    config = supervised_config(
        "lora", profile, tmp_path / "run", epochs=4, batch=4, dev_examples=2, longest_summary=8
    )

    def run(config, start=None, data=talks, progress=lambda *_: None):
        return run_supervised(config, start, Data(data, talks), registry, "first", progress)

    with pytest.raises(InterruptedError):
        run(config, progress=interrupted(0.5))
    fewer = tmp_path / "fewer.jsonl"
    write_dialogues(TALKS[:3], fewer)
    for changed, told in (
        ({"config": replace(config, learning_rate=0.5)}, "learning_rate is 0.001 there, 0.5 here"),
        ({"config": replace(config, rank=2)}, "rank"),
        ({"config": replace(config, seed=1)}, "seed"),
        ({"data": str(fewer)}, r"data \(train\)"),
        ({"start": profile.model}, "start"),
    ):
        with pytest.raises(InputError, match=f"of another run .*{told}.*give another --output"):
            run(**{"config": config, **changed})
    base = Path(profile.model) / "model.safetensors"
    weights = {name: value + 1 for name, value in load_file(base).items()}
    kept = base.read_bytes()
    save_file(weights, base, metadata={"format": "pt"})
    with pytest.raises(InputError, match="base"):
        run(config)
    base.write_bytes(kept)
    run(config)
    assert not list((tmp_path / "run").glob("checkpoints/checkpoint-*")), "it has ended"
    assert not (tmp_path / "run" / "checkpoints" / "run.json").exists()


def test_a_name_that_is_taken_is_refused_before_training(profile, registry, talks, tmp_path):
    (tmp_path / "models" / "adapters" / "taken").mkdir(parents=True)
    told = []
    config = supervised_config("lora", profile, tmp_path / "run")
    with pytest.raises(InputError, match="taken is there already; give --name another"):
        run_supervised(
            config, None, Data(talks, talks), registry, "taken", lambda *each: told.append(each)
        )
    with pytest.raises(InputError, match="taken is there already"):
        run_ppo(
            PpoConfig(), profile, None, talks, "none", tmp_path / "ppo", registry, "taken",
            lambda *each: told.append(each),
        )  # fmt: skip
    assert not told
    with pytest.raises(InputError, match="can't be an adapter's name"):
        run_supervised(config, None, Data(talks, talks), registry, "A B", lambda *_: None)


@pytest.fixture
def reward(tokenizer, tmp_path):
    torch.manual_seed(0)
    model = BertForSequenceClassification(
        BertConfig(
            vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
            intermediate_size=16, id2label={0: "hate", 1: "nothate"},
            label2id={"hate": 0, "nothate": 1},
        )
    )  # fmt: skip
    model.save_pretrained(tmp_path / "reward")
    tokenizer.save_pretrained(tmp_path / "reward")
    return tmp_path / "reward"


def test_ppo_starts_on_no_tuned_prompt_and_on_nothing_that_is_not_there(
    profile, registry, talks, tmp_path
):
    config = supervised_config(
        "prompt-tuning", profile, tmp_path / "run", epochs=1, batch=4, dev_examples=2,
        longest_summary=8,
    )  # fmt: skip
    prompt, _ = run_supervised(
        config, None, Data(talks, talks), registry, "prompt", lambda *_: None
    )
    for start, told, error in (
        (prompt, "starts on a lora or a ppo adapter", InputError),
        (tmp_path / "none", "can't be read", ModelError),
    ):
        with pytest.raises(error, match=told):
            run_ppo(
                PpoConfig(), profile, start, talks, "none", tmp_path / "ppo", registry, "clean",
                lambda *_: None,
            )  # fmt: skip


def test_what_trains_on_one_device_refuses_several(profile, registry, talks, tmp_path, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(InputError, match=r"^PPO trains on one device"):
        run_ppo(PpoConfig(), profile, None, talks, "none", tmp_path, registry, "a", lambda *_: None)
    with pytest.raises(InputError, match=r"^the reward trains on one device"):
        train_reward(RewardConfig(data=tmp_path, gate=tmp_path, output=tmp_path))


@pytest.mark.parametrize("on_top", [False, True])
def test_ppo_writes_one_adapter_for_the_base(profile, registry, talks, reward, tmp_path, on_top):
    start = None
    if on_top:
        config = supervised_config(
            "lora", profile, tmp_path / "lora", epochs=1, batch=4, dev_examples=2,
            longest_summary=8,
        )  # fmt: skip
        start, _ = run_supervised(
            config, None, Data(talks, talks), registry, "start", lambda *_: None
        )
    quick = PpoConfig(steps=2, batch=4, mini_batch=2, learning_rate=1e-2, longest_summary=6)
    folder, history = run_ppo(
        quick, profile, start, talks, reward, tmp_path / "ppo", registry, "clean", lambda *_: None
    )
    assert [record["step"] for record in json.loads((folder / "history.json").read_text())] == [
        0,
        1,
    ]
    assert history[-1]["running_kl_std"] >= 0.0
    manifest = registry.promote("clean")
    assert manifest.method == "ppo"
    if on_top:
        below = registry.manifest("start")
        told = manifest.settings
        assert (told["start"], told["start_sha256"]) == (below.name, below.sha256)
    assert served(profile, folder)


def test_the_reward_is_the_logit_of_nothate_wherever_it_stands(reward):
    texts = ["a", "some longer text than that", "a"]
    logits = RewardModel(reward)(texts)
    tokenizer = minilm_summariser()[0]
    model = BertForSequenceClassification.from_pretrained(reward).eval()
    alone = [model(**tokenizer([text], return_tensors="pt")).logits[0, 1].item() for text in texts]
    assert logits.tolist() == pytest.approx(alone, abs=0.05)


def test_a_reward_that_cannot_be_had_is_one_line(tmp_path):
    with pytest.raises(ModelError, match="train one: precis train reward"):
        RewardModel(tmp_path / "none")


def test_insults_are_mixed_in_by_the_seed_and_kept_apart(data):
    posts = abusive_posts(data, held_out=False)
    held_out = abusive_posts(data, held_out=True)
    assert posts
    assert not set(posts) & set(held_out)
    talk = Dialogue("a", "\n".join(f"#Person{n % 2 + 1}#: line {n}" for n in range(8)), ("So.",))
    [mixed] = insulted([talk], posts)
    lines = mixed.dialogue.splitlines()
    added = [line for line in lines if line not in talk.dialogue.splitlines()]
    assert len(added) == 2
    assert all(line.partition(": ")[2] in posts for line in added)
    assert [line for line in lines if line not in added] == talk.dialogue.splitlines()
    assert insulted([talk], posts) == [mixed]
    assert insulted([talk], posts, seed=1) != [mixed]


def test_a_sentence_of_training_posts_is_not_held_out(data, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(data, folder)
    shared = "You are a silly old clown."
    posts = [f"{shared if n % 2 else shared.upper()} Number {'x' * n} is here." for n in range(40)]
    spans = folder / "toxicity" / "toxic_spans.train.csv.gz"
    with gzip.open(spans, "at", newline="") as file:
        rows = csv.DictWriter(file, ["spans", "text"])
        for post in posts:
            rows.writerow({"spans": list(range(len(shared))), "text": post})
    splits = {Example(post, (), "spans").split for post in posts}
    assert {"train", "test"} <= splits
    training, held_out = (
        {post.casefold() for post in abusive_posts(folder, held_out=each)} for each in (False, True)
    )
    assert "you are a silly old clown." in training
    assert not training & held_out
    assert held_out >= {post.casefold() for post in abusive_posts(data, held_out=True)}


def test_training_may_have_an_insult_a_turn(data):
    posts = abusive_posts(data, held_out=False)
    talk = Dialogue("a", "\n".join(f"#Person{n % 2 + 1}#: line {n}" for n in range(8)), ("So.",))
    [mixed] = insulted([talk], posts, turns=1)
    assert len(mixed.dialogue.splitlines()) == 16


def test_prompts_that_are_too_long_are_left_out_of_ppo(profile, tokenizer):
    short, long = (Dialogue("a", f"#Person1#: {'tea ' * n}", ("So.",)) for n in (3, 90))
    assert len(_fitting([short, long], profile, tokenizer, 50)) == 1
    with pytest.raises(InputError, match="--longest"):
        _fitting([long], profile, tokenizer, 50)


def test_dialogues_survive_a_file(tmp_path):
    several = [Dialogue("a", "#Person1#: hi", ("one", "two")), *TALKS]
    write_dialogues(several, tmp_path / "a.jsonl")
    assert read_dialogues(tmp_path / "a.jsonl") == several


def test_minilm_becomes_a_summariser_with_whole_placeholders():
    tokenizer, model = minilm_summariser()
    ids = tokenizer("#Person7#'s tea")["input_ids"]
    assert tokenizer.convert_ids_to_tokens(ids)[1] == "#person7#"
    weights = model.state_dict()
    assert model.lm_head.weight is model.encoder.embeddings.word_embeddings.weight
    own = "decoder.encoder.layer.1.attention.self.query.weight"
    cross = "decoder.encoder.layer.1.crossattention.self.query.weight"
    assert torch.equal(weights[own], weights["encoder.encoder.layer.2.attention.self.query.weight"])
    assert torch.equal(weights[own], weights[cross])


@pytest.mark.slow
def test_the_reward_learns_and_resumes_nothing_foreign(data, tmp_path, interrupted, capsys):
    gate = tmp_path / "gate"
    config = GateConfig(
        data=data, output=gate, epochs=1, examples=64, batch_tokens=512, layers=2, rank=8
    )
    network = train_gate(config)
    save_gate(network[0], config, *judge(network, config))
    target = tmp_path / "trained"
    chosen = RewardConfig(
        data=data, gate=gate, output=target, epochs=2, batch=16, examples=2_500, learning_rate=3e-4
    )
    with pytest.raises(InterruptedError):
        train_reward(chosen, interrupted(0.7))
    for other in (replace(chosen, learning_rate=1e-4), replace(chosen, examples=300)):
        with pytest.raises(InputError, match="of another run"):
            train_reward(other)
    with pytest.raises(InputError, match="of another run"):
        train_reward(chosen, also=[Example("you wet sock", INSULT, "decided")])
    shares = []
    figures = train_reward(chosen, lambda _what, share: shares.append(share))
    assert min(shares) > 0.5, "the first epoch is not run again"
    assert not capsys.readouterr().out, "stdout is for what the command says"
    assert not (target / "checkpoints" / "run.json").exists()
    assert figures["auc"] > 0.7, "of held-out templates, a small gate learns little"
    bad, good = RewardModel(target)(["you silly fool", "the early exam is on Monday"])
    assert good > bad
    assert not list(target.glob("*.bin"))
