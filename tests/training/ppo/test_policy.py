"""The adapters of a PPO run: one on top of another, and the two as one."""

import copy

import torch
from peft import LoraConfig, TaskType, get_peft_model

from training.ppo.policy import joined, policy
from worker.generators.profiles import Profile

PROFILE = Profile("tiny", model="tiny", lora_targets=("query", "value"))


def randomised(model, seed):
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, value in model.named_parameters():
            if "lora_B" in name:
                value.normal_(std=0.5)
    return model


def test_a_joined_adapter_does_what_both_do(tiny_pointer, tokenizer, tmp_path):
    lora = LoraConfig(
        task_type=TaskType.SEQ_2_SEQ_LM, r=4, lora_alpha=8, target_modules=["query", "value"]
    )
    start = tmp_path / "start"
    randomised(get_peft_model(copy.deepcopy(tiny_pointer), lora), 1).save_pretrained(start)
    both = policy(copy.deepcopy(tiny_pointer), PROFILE, start, rank=8, alpha=4)
    randomised(both.pretrained_model, 2)
    one = joined(copy.deepcopy(tiny_pointer), start, both.pretrained_model, tmp_path).eval()
    ids = tokenizer(["#Person1#: I like tea"], return_tensors="pt")["input_ids"]
    given = {"input_ids": ids, "decoder_input_ids": ids[:, :4]}
    ours = one(**given).logits
    theirs = both.pretrained_model.eval()(**given).logits
    plain = tiny_pointer.eval()(**given).logits
    assert torch.allclose(ours, theirs, atol=1e-4)
    assert not torch.allclose(ours, plain, atol=1e-2)
    assert list(one.peft_config) == ["default"]
