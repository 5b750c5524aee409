"""The policy of a PPO run: a base model, a PPO adapter on top, and a value head.

Knows nothing of rollouts.
"""

import os
from pathlib import Path
from typing import Any

from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from transformers import PreTrainedModel

from worker.generators.profiles import Profile


def policy(
    base: PreTrainedModel,
    profile: Profile,
    start: Path | None = None,
    rank: int = 32,
    alpha: int = 32,
) -> Any:
    """`base`, with the adapter `start` merged in memory if given, under a fresh LoRA and a head.

    With the fresh LoRA disabled it is the frozen reference: one set of weights serves both.
    """
    if start is not None:
        base = PeftModel.from_pretrained(base, str(start)).merge_and_unload()
    lora = LoraConfig(
        task_type=TaskType.SEQ_2_SEQ_LM,
        r=rank,
        lora_alpha=alpha,
        lora_dropout=0.0,  # PPO measures its policy without dropout
        target_modules=list(profile.lora_targets),
        base_model_name_or_path=profile.model,
        revision=profile.revision,
    )
    return with_value_head(get_peft_model(base, lora))


def with_value_head(model: Any) -> Any:
    """TRL's wrapper, which adds a linear value head on the decoder's last state."""
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")  # pinned, and no news to whoever trains
    from trl.experimental.ppo import AutoModelForSeq2SeqLMWithValueHead  # noqa: PLC0415

    wrapper: Any = AutoModelForSeq2SeqLMWithValueHead
    return wrapper.from_pretrained(model, summary_dropout_prob=0.0)


def joined(base: PreTrainedModel, start: Path, detoxified: Any, work: Path) -> Any:
    """One LoRA that does what `start` and the PPO adapter do one after the other.

    Ranks add up: [B₁ B₂] [A₁; A₂] = B₁A₁ + B₂A₂, so `base` needs a single adapter to serve.
    Writes to the folder `work` meanwhile.
    """
    model = PeftModel.from_pretrained(base, str(start), adapter_name="start")
    detoxified.save_pretrained(work / "ppo-alone", save_embedding_layers=False)
    model.load_adapter(str(work / "ppo-alone"), adapter_name="ppo")
    model.add_weighted_adapter(["start", "ppo"], [1.0, 1.0], "default", combination_type="cat")
    model.set_adapter("default")
    model.delete_adapter("start")
    model.delete_adapter("ppo")
    return model
