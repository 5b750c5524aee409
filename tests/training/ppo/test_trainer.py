"""PPO on a tiny model: it learns a synthetic reward, starts at KL 0, and resumes."""

import copy
import json
from dataclasses import replace

import pytest
import torch
from peft import LoraConfig, TaskType, get_peft_model
from safetensors.torch import save_file

from precis.errors import InputError, ModelError
from training.checkpoints import latest
from training.ppo.policy import with_value_head
from training.ppo.trainer import ADAPTER, OPTIMISER, STATE, VALUE_HEAD, PpoConfig, PpoTrainer

PROMPTS = ["good bad ugly nice", "ugly bad good", "nice good bad"]
QUICK = PpoConfig(
    learning_rate=2e-2, value_rate=1.0, batch=16, mini_batch=8, beta=0.02, longest_summary=6
)


def reward(texts):
    """How much of a text is good."""
    return torch.tensor([text.split().count("good") / (len(text.split()) + 1e-9) for text in texts])


def wrapped(model):
    torch.manual_seed(0)
    adapter = LoraConfig(
        task_type=TaskType.SEQ_2_SEQ_LM, r=8, lora_alpha=8, target_modules=["query", "value"]
    )
    policy = get_peft_model(model, adapter)
    return with_value_head(policy)


def trainer(model, tokenizer, output, **more):
    config = PpoConfig(**{**QUICK.__dict__, **more})
    return PpoTrainer(wrapped(model), tokenizer, reward, config, output)


def weights(run):
    return {
        name: value.detach().clone()
        for name, value in run.model.named_parameters()
        if value.requires_grad
    }


def test_a_policy_that_has_not_moved_is_at_kl_0(tiny_pointer, tokenizer, tmp_path):
    run = trainer(tiny_pointer, tokenizer, tmp_path)
    rolled, _ = run._sampler.roll_out(PROMPTS * 4)
    assert rolled.kl.abs().max().item() < 1e-4
    assert rolled.log_probs[rolled.mask.bool()].max().item() <= 0.0


@pytest.mark.slow
def test_it_learns_a_synthetic_reward(tiny_pointer, tokenizer, tmp_path):
    run = trainer(tiny_pointer, tokenizer, tmp_path, steps=25)
    history = run.train(PROMPTS * 16)
    before = sum(record["reward"] for record in history[:5]) / 5
    after = sum(record["reward"] for record in history[-5:]) / 5
    assert after > 1.5 * before
    assert history[-1]["kl"] > 0.1


def test_only_the_adapter_and_the_value_head_move(tiny_pointer, tokenizer, tmp_path):
    base = {name: value.clone() for name, value in tiny_pointer.state_dict().items()}
    run = trainer(tiny_pointer, tokenizer, tmp_path, steps=2)
    before = weights(run)
    run.train(PROMPTS * 16)
    after = weights(run)
    assert all("lora_" in name or "v_head" in name for name in after)
    assert any(not torch.equal(before[name], after[name]) for name in after if "lora_B" in name)
    plain = run.model.pretrained_model.unload().state_dict()
    assert all(torch.equal(plain[name], value) for name, value in base.items())


def test_a_run_goes_on_where_it_stopped(tiny_pointer, tokenizer, tmp_path):
    whole = trainer(tiny_pointer, tokenizer, tmp_path / "whole", steps=4)
    whole.train(PROMPTS * 16)
    expected = weights(whole)
    whole.model.pretrained_model.unload()
    cut = trainer(tiny_pointer, tokenizer, tmp_path / "cut", steps=2)
    cut.train(PROMPTS * 16)
    cut.model.pretrained_model.unload()
    resumed = trainer(tiny_pointer, tokenizer, tmp_path / "cut", steps=4)
    told = []
    history = resumed.train(PROMPTS * 16, lambda what, _share: told.append(what))
    assert [what.partition(",")[0] for what in told] == ["step 3", "step 4"]
    assert [record["step"] for record in history] == [0, 1, 2, 3]
    lines = (tmp_path / "cut" / "history.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == history
    for name, value in weights(resumed).items():
        assert torch.allclose(value, expected[name], atol=1e-5), name


@pytest.mark.parametrize("at", ["adapter", "value_head", "optimiser", "rename"])
def test_a_run_killed_while_it_saves_leaves_the_checkpoint_before(
    tiny_pointer, tokenizer, tmp_path, monkeypatch, at
):
    trainer(copy.deepcopy(tiny_pointer), tokenizer, tmp_path, steps=1).train(PROMPTS * 16)
    killed = trainer(copy.deepcopy(tiny_pointer), tokenizer, tmp_path, steps=2)
    with monkeypatch.context() as patched:
        kill(patched, at)
        with pytest.raises(InterruptedError):
            killed.train(PROMPTS * 16)
    assert latest(tmp_path / "checkpoints").name == "checkpoint-1"
    again = trainer(tiny_pointer, tokenizer, tmp_path, steps=2)
    assert [record["step"] for record in again.train(PROMPTS * 16)] == [0, 1]
    assert [each.name for each in (tmp_path / "checkpoints").glob("checkpoint-*")] == [
        "checkpoint-2"
    ]


def kill(patched, at):
    def save(tensors, file):
        file.write_bytes(b"half")
        if file.stem == at:
            raise InterruptedError
        save_file(tensors, file)

    def rename(*_):
        raise InterruptedError

    patched.setattr("training.ppo.trainer.save_file", save)
    if at == "rename":
        patched.setattr("pathlib.Path.rename", rename)


@pytest.mark.parametrize("name", [ADAPTER, VALUE_HEAD, OPTIMISER, STATE])
def test_a_damaged_checkpoint_is_one_line(tiny_pointer, tokenizer, tmp_path, name):
    run = trainer(tiny_pointer, tokenizer, tmp_path, steps=1)
    run.train(PROMPTS * 16)
    file = latest(tmp_path / "checkpoints") / name
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(ModelError, match=r"^\S+checkpoint-1 is damaged; remove it[^\n]+$"):
        run.train(PROMPTS * 16)


def test_another_run_does_not_go_on_from_the_checkpoint(tiny_pointer, tokenizer, tmp_path):
    run = trainer(tiny_pointer, tokenizer, tmp_path, steps=2)
    run.train(PROMPTS * 16)
    for config, key, told in (
        (replace(run.config, learning_rate=1.0), {}, "learning_rate"),
        (run.config, {"reward": "another"}, "reward"),
        (replace(run.config, steps=1), {}, "has done 2 steps"),
    ):
        other = PpoTrainer(run.model, tokenizer, reward, config, tmp_path, key)
        with pytest.raises(InputError, match=told):
            other.train(PROMPTS * 16)


@pytest.mark.slow
def test_the_penalty_keeps_the_policy_near_the_reference(tiny_pointer, tokenizer, tmp_path):
    kls = []
    for beta in (0.0, 5.0):
        model = copy.deepcopy(tiny_pointer)
        run = trainer(model, tokenizer, tmp_path / str(beta), steps=12, beta=beta)
        kls.append(run.train(PROMPTS * 16)[-1]["kl"])
    free, held = kls
    assert free > 0.1
    assert held < 0.5 * free


def test_an_update_that_goes_too_far_stops(tiny_pointer, tokenizer, tmp_path):
    run = trainer(tiny_pointer, tokenizer, tmp_path, learning_rate=0.5, epochs=4, stop_kl=0.01)
    assert run.step(PROMPTS * 5)["stopped"] == pytest.approx(1.0)


def test_no_file_of_a_checkpoint_is_a_pickle(tiny_pointer, tokenizer, tmp_path):
    trainer(tiny_pointer, tokenizer, tmp_path, steps=1).train(PROMPTS * 16)
    names = {path.name for path in (tmp_path / "checkpoints" / "checkpoint-1").iterdir()}
    assert names == {
        "adapter.safetensors",
        "value_head.safetensors",
        "optimiser.safetensors",
        "state.json",
    }
