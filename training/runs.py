"""Whole runs, from data on disk to a model or an adapter on disk; what the commands call.

Knows nothing of the command line.
"""

import json
import random
import shutil
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from eval.dialogues import Dialogue, digest, read_dialogues
from eval.passages import as_read
from precis.errors import InputError
from precis.hashing import sha256_of
from training.checkpoints import claim, finish, weights_named
from training.model_card import model_card
from training.ppo.policy import joined, policy, with_value_head
from training.ppo.trainer import PpoConfig, PpoTrainer
from training.processes import is_main, refuse_several, wait_for_all
from training.reward import reward_in
from training.saving import save_adapter, save_model, settings_of
from training.start import minilm_summariser, random_summariser
from training.supervised import (
    METHODS,
    Method,
    SupervisedConfig,
    checkpoints_of,
    prepared,
    train,
)
from worker.generators.casing import Casing
from worker.generators.profiles import Profile
from worker.generators.seq2seq import load_pretrained
from worker.pipeline.prompts import render
from worker.registry import WEIGHTS, Registry, check_adapter

Progress = Callable[[str, float], None]

MINILM = "minilm"

EMBEDDED: dict[Method, dict[str, Any]] = {
    "full": {
        "epochs": 4,
        "learning_rate": 6e-4,
        "encoder_rate": 0.4,
        "warmup": 0.06,
        "longest": 384,
        "renumber": 0.15,
        "dev_examples": 100,
    },
    "lora": {"epochs": 2, "longest": 384, "warmup": 0.06},
    "prompt-tuning": {"epochs": 2, "longest": 384, "learning_rate": 1e-1, "warmup": 0.06},
}
"""The embedded model's own settings: it starts from no summariser, and is a seventh of the size."""


@dataclass(frozen=True)
class Data:
    """Where dialogues are, and how many of them to use."""

    train: str
    dev: str
    examples: int | None = None

    def read(self) -> tuple[list[Dialogue], list[Dialogue]]:
        return (
            read_dialogues(self.train, "train")[: self.examples],
            read_dialogues(self.dev, "validation"),
        )


def supervised_config(method: Method, profile: Profile, output: Path, **given: Any) -> Any:
    """The method's settings for `profile`; what is given and not None wins."""
    own = EMBEDDED[method] if profile.local else {}
    chosen = {k: v for k, v in given.items() if v is not None}
    return SupervisedConfig(method, profile, output, **{**METHODS[method], **own, **chosen})


def run_supervised(
    config: SupervisedConfig,
    start: str | None,
    data: Data,
    registry: Registry,
    name: str,
    progress: Progress,
) -> tuple[Path, dict[str, float]]:
    """Train and write; an adapter goes to the registry. Returns its folder and the dev metrics."""
    _check_output(config.output)
    if config.method != "full":
        registry.check_free(name)
    progress("reading the data", 0.0)
    training, dev = data.read()
    digests = {"train": digest(training), "dev": digest(dev)}
    claim(checkpoints_of(config), _key(config, config.profile, digests, start))
    tokenizer, model = _start(config.profile, start, config.seed)
    _for_device(model, config.device)
    trained, metrics = train(config, tokenizer, model, (training, dev), progress)
    target = config.output if config.method == "full" else registry.place(name)
    if is_main():
        _write(config, start, (tokenizer, trained), training, (digests, metrics), registry, name)
    wait_for_all()
    return target, metrics


def _write(
    config: SupervisedConfig,
    start: str | None,
    trained: tuple[Any, Any],
    training: Sequence[Dialogue],
    told: tuple[dict[str, str], dict[str, float]],
    registry: Registry,
    name: str,
) -> None:
    """What was trained, to the run's folder and to the registry; its checkpoints go."""
    digests, metrics = told
    facts = {
        "profile": config.profile.name,
        "method": config.method,
        "data": digests,
        "settings": settings_of(config),
        "metrics": metrics,
        "seed": config.seed,
    }
    if config.method == "full":
        casing = _casing(trained[0], training)
        named = {"start": start or str(config.profile.model)}
        manifest = save_model(config.output, trained, casing, facts | named)
        (config.output / "README.md").write_text(model_card(manifest), encoding="utf-8")
        shutil.rmtree(checkpoints_of(config), ignore_errors=True)  # no logs in a folder to serve
        return
    del facts["profile"]
    folder = config.output / "adapter"
    save_adapter(folder, trained[1], config.profile, {**facts, "name": name})
    registry.add(folder, name)
    finish(checkpoints_of(config))


def run_ppo(  # noqa: PLR0913, PLR0917 - a run is all of these
    config: PpoConfig,
    profile: Profile,
    start: Path | None,
    prompts_from: str,
    reward: str | Path,
    output: Path,
    registry: Registry,
    name: str,
    progress: Progress,
) -> tuple[Path, list[dict[str, float]]]:
    """Detoxify and write to the registry, with the run's history. Returns folder and history."""
    refuse_several("PPO")
    _check_output(output)
    registry.check_free(name)
    below = _adapter_below(start, profile)
    progress("reading the data", 0.0)
    dialogues = read_dialogues(prompts_from, "train")
    judge = reward_in(reward, config.device)
    data = {"train": digest(dialogues), "reward": judge.name}
    tokenizer, base = load_pretrained(profile)
    _for_device(base, config.device)
    torch.manual_seed(config.seed)
    model = policy(base, profile, start)
    # Judged as readers see it: behind `#Person1#` a classifier of chat misses insults.
    trainer = PpoTrainer(
        model, tokenizer, lambda texts: judge([as_read(text) for text in texts]), config, output,
        key=_key(config, profile, data, start),
    )  # fmt: skip
    history = trainer.train(_fitting(dialogues, profile, tokenizer, config.longest), progress)
    adapted = model.pretrained_model
    if start is not None:
        adapted = joined(load_pretrained(profile)[1], start, adapted, output)
    folder = output / "adapter"
    save_adapter(
        folder,
        adapted,
        profile,
        {
            "name": name,
            "method": "ppo",
            "data": data,
            "settings": settings_of(config) | below,
            "metrics": {k: v for k, v in history[-1].items() if k.startswith("running_")},
            "seed": config.seed,
        },
    )
    (folder / "history.json").write_text(json.dumps(history, indent=1) + "\n")
    return registry.add(folder, name), history


def _adapter_below(start: Path | None, profile: Profile) -> dict[str, str]:
    """Which adapter PPO starts on, checked before any model is loaded."""
    if start is None:
        return {}
    manifest = check_adapter(start, profile)
    if manifest.method not in ("lora", "ppo"):
        raise InputError(
            f"adapter {manifest.name} is {manifest.method}; PPO starts on a lora or a ppo adapter"
        )
    return {"start": manifest.name, "start_sha256": manifest.sha256}


def _key(
    config: Any, profile: Profile, data: Mapping[str, str], start: str | Path | None
) -> dict[str, Any]:
    """What two runs must share for one to go on where the other stopped."""
    settings = {**settings_of(config), "seed": config.seed}
    del settings["device"]  # it may go on elsewhere
    return {
        **settings,
        **{f"data ({name})": value for name, value in data.items()},
        "profile": profile.name,
        "template": profile.template,
        "LoRA's targets": list(profile.lora_targets),
        "base": weights_named(profile.model or "", profile.revision),
        "start": _start_named(start),
    }


def _start_named(start: str | Path | None) -> str | None:
    if start is None or start == MINILM:
        return start if start is None else MINILM
    adapter = Path(start) / WEIGHTS
    return f"sha256 {sha256_of(adapter)}" if adapter.is_file() else weights_named(start)


def _fitting(
    dialogues: Sequence[Dialogue], profile: Profile, tokenizer: Any, longest: int
) -> list[str]:
    """Prompts of at most `longest` tokens: of a dialogue that was cut, no fair summary is known."""
    prompts = [render(each.dialogue, profile.template) for each in dialogues]
    counts = [len(ids) for ids in tokenizer(prompts, verbose=False)["input_ids"]]
    kept = [prompt for prompt, count in zip(prompts, counts, strict=True) if count <= longest]
    if not kept:
        raise InputError(f"no dialogue fits {longest} tokens; give a larger --longest")
    return kept


def count_parameters(
    config: SupervisedConfig,
    start: str | None = None,
    *,
    random_init: bool = False,
    value_head: bool = False,
) -> tuple[int, int]:
    """(trainable, total) of what a run would train; with a value head, as PPO trains it."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the libraries; none is about the figures
        if random_init and start != MINILM:
            model = random_summariser(_started(config.profile, start), Path(folder))
        else:
            _, model = _start(config.profile, start, config.seed)
        model = prepared(model, config)
        if value_head:
            model = with_value_head(model)
        parameters = list(model.parameters())
        trainable = sum(p.numel() for p in parameters if p.requires_grad)
        return trainable, sum(p.numel() for p in parameters)


def _start(profile: Profile, start: str | None, seed: int) -> tuple[Any, Any]:
    random.seed(seed)
    torch.manual_seed(seed)
    if start == MINILM:
        return minilm_summariser()
    return load_pretrained(_started(profile, start))


def _started(profile: Profile, start: str | None) -> Profile:
    """The profile on the model in the folder `start`, if one is given."""
    if start is None:
        return profile
    if not Path(start).is_dir():
        raise InputError(f"no model folder {start}; give --start minilm or a model's folder")
    return replace(profile, model=start)


def _for_device(model: Any, device: str) -> None:
    """On CPUs plain attention trains faster than the fused kernel, whose gradient is slow."""
    if device == "cpu" and model.config.model_type == "precis-pointer":
        model.encoder.set_attn_implementation("eager")
        model.decoder.set_attn_implementation("eager")


def _casing(tokenizer: Any, dialogues: Sequence[Dialogue]) -> Casing | None:
    """What an uncased tokenizer loses, learnt from the training dialogues."""
    if tokenizer.decode(tokenizer("A")["input_ids"], skip_special_tokens=True) == "A":
        return None
    return Casing.learn(text for each in dialogues for text in (each.dialogue, *each.references))


def _check_output(folder: Path) -> None:
    """Refuse a folder of other things: ours would take the place of theirs."""
    ours = ("manifest.json", "checkpoints", "adapter")
    if folder.is_dir() and any(folder.iterdir()) and not any((folder / n).exists() for n in ours):
        raise InputError(f"{folder} holds other files; give --output an empty or a new folder")
