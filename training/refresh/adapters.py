"""The adapters' turn: a LoRA on what was taught, then PPO on it; compared, and one promoted.

1. Start: what serves. Its adapter, a LoRA or PPO's, is merged into the base, so that a candidate
   goes on from it; of a tuned prompt, which can't be merged, the base alone.
2. LoRA: references and preferences, and old dialogues replayed beside them.
3. PPO: on the LoRA, on dialogues with insults; its reward is trained on the gate's data and on
   what was decided, or is the gate where there is no such data.
4. Each is one adapter of the profile's own base, of bounded rank (`training.refresh.ranks`).

A step that is done isn't done again; PPO and LoRA resume from their own checkpoints. Knows nothing
of who taught, and leaves promoting to the rule.
"""

import math
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel

from eval.dialogues import Dialogue, digest
from training.checkpoints import claim, finish
from training.gate_examples import Example
from training.gate_lessons import to_learn
from training.insults import write_dialogues
from training.ppo.policy import joined
from training.ppo.trainer import PpoConfig
from training.refresh.judging import Judge, measures
from training.refresh.lessons import Least, Lessons, Talk
from training.refresh.ranks import MOST_RANK, narrowed
from training.refresh.rule import Outcome, Ruling, best
from training.reward import RewardConfig, train_reward
from training.runs import run_ppo, supervised_config
from training.saving import save_adapter, settings_of
from training.supervised import SupervisedConfig, checkpoints_of, train
from worker.gate.scorer import ToxicityScorer
from worker.generators.profiles import Profile
from worker.generators.seq2seq import load_pretrained
from worker.registry import Registry, check_adapter

Progress = Callable[[str, float], None]

_A_TENTH = 10


@dataclass(frozen=True)
class AdapterConfig:
    """How candidates are trained; for one small server."""

    lora: Mapping[str, Any] = field(
        default_factory=lambda: {"epochs": 2, "learning_rate": 1e-3, "dev_examples": 40}
    )
    """Over the profile's own settings (`training.runs`); the rate is the study's."""
    least_steps: int = 60
    """Few dialogues are met again, so that the LoRA takes so many steps at least."""
    ppo: Mapping[str, Any] = field(
        default_factory=lambda: {"steps": 40, "batch": 16, "learning_rate": 1e-4, "beta": 0.3}
    )
    """Over the defaults; 0 steps: no PPO."""
    reward_examples: int | None = 8_000
    """Of the gate's data, that the reward is trained on."""
    device: str = "cpu"
    seed: int = 0


@dataclass(frozen=True)
class Bench:
    """Where candidates are made, beside what serves."""

    profile: Profile
    registry: Registry
    """What serves, and what is promoted."""
    work: Path
    config: AdapterConfig
    progress: Progress

    @property
    def serving(self) -> Path | None:
        return self.registry.promoted(self.profile.name)

    @property
    def start(self) -> Path | None:
        """The adapter that candidates go on from."""
        folder = self.serving
        if folder is None or check_adapter(folder, self.profile).method == "prompt-tuning":
            return None
        return folder


def judged_adapters(
    lessons: Lessons,
    talk: Talk,
    bench: Bench,
    name: str,
    *,
    gate: tuple[Path, Callable[[], ToxicityScorer]],
    data: Path | None,
    least: Least,
) -> Outcome:
    """Train both candidates, `NAME-lora` and `NAME-ppo`, and rule on them.

    What passes is named as promoted, and left where it is: `promote_adapter` is for once that is
    written down.
    `gate`: the folder of the gate that PPO's reward comes of, and what loads the one
    that toxicity is measured by.
    """
    what = f"adapter of {bench.profile.name}"
    serving = _serves(bench)
    if bench.profile.model is None:
        return Outcome(what, serving, untried="the profile has no model to adapt")
    if missing := lessons.too_few_summaries(least):
        return Outcome(what, serving, untried=missing)
    if missing := talk.too_few:
        return Outcome(what, serving, untried=missing)
    made = [trained_lora(bench, talk, f"{name}-lora")]
    if talk.insulting and bench.config.ppo.get("steps", 1):
        reward = _reward(bench, gate[0], data, to_learn(lessons.labels))
        made.append(trained_ppo(bench, talk, made[0], reward, f"{name}-ppo"))
    judge = Judge(
        bench.profile, talk, gate[1](), bench.config.device, bench.work, bench.config.seed
    )
    before = judge.figures(bench.serving, bench.progress)
    rulings = tuple(
        Ruling(each.name, measures(before, judge.figures(each, bench.progress), bench.config.seed))
        for each in made
    )
    chosen = best(rulings)
    notes = [] if talk.toxic else ["no insults were held out, so toxicity wasn't measured"]
    if len(made) > 1 and data is None:
        notes.append("the gate was PPO's reward, so it favours that candidate's toxicity")
    promoted = chosen.candidate if chosen else None
    return Outcome(what, serving, rulings, promoted, notes=tuple(notes))


def promote_adapter(outcome: Outcome, bench: Bench) -> Outcome:
    """Let the better candidate serve, if one passed, and what it passed against still serves.

    Gives what came of it. What is done already isn't done again.
    """
    outcome = outcome.held_against(_serves(bench))
    if outcome.promoted is not None:
        bench.registry.add(bench.work / outcome.promoted)
        bench.registry.promote(outcome.promoted)
    return outcome


def trained_lora(bench: Bench, talk: Talk, name: str) -> Path:
    """A LoRA on the new summaries and the replayed ones, joined to the adapter it goes on from."""
    folder = bench.work / name
    if _whole(folder):
        return folder
    own, config = bench.config, _lora_config(bench)
    learned, dev = _apart(talk.train, config.dev_examples)
    digests = {"train": digest(learned), "dev": digest(dev)}
    claim(checkpoints_of(config), {**settings_of(config), **digests, "start": str(bench.start)})
    torch.manual_seed(own.seed)
    tokenizer, model = load_pretrained(bench.profile)
    if bench.start is not None:
        model = PeftModel.from_pretrained(model, str(bench.start)).merge_and_unload()
    trained, figures = train(
        config, tokenizer, model, (_repeated(learned, config, own.least_steps), dev), bench.progress
    )
    if bench.start is not None:
        base = load_pretrained(bench.profile)[1]
        trained = joined(base, bench.start, trained, config.output)
    facts = {
        "name": name,
        "method": "lora",
        "data": digests,
        "settings": settings_of(config) | _from(bench.start),
        "metrics": figures,
        "seed": own.seed,
    }
    _save(folder, trained, bench.profile, facts)
    finish(checkpoints_of(config))
    return folder


def trained_ppo(bench: Bench, talk: Talk, start: Path, reward: Path, name: str) -> Path:
    """PPO on the LoRA candidate `start`, on dialogues with insults."""
    folder = bench.work / name
    if _whole(folder):
        return folder
    own, run = bench.config, bench.work / "ppo"
    prompts = run / "dialogues.jsonl"
    write_dialogues(talk.insulting, prompts)
    # Of a run that was stopped once it was trained, before the rest was done.
    aside = Registry(run / "registry", {bench.profile.name: bench.profile})
    shutil.rmtree(aside.place(name), ignore_errors=True)
    (run / "checkpoints").mkdir(exist_ok=True)
    config = PpoConfig(device=own.device, seed=own.seed, **own.ppo)
    made, _ = run_ppo(
        config, bench.profile, start, str(prompts), reward, run, aside, name, bench.progress
    )
    _publish(made, folder, bench.profile)
    shutil.rmtree(run)
    return folder


def _apart(talks: Sequence[Dialogue], most: int) -> tuple[list[Dialogue], list[Dialogue]]:
    """What is learned, and a tenth by which the best checkpoint is chosen.

    Not by what is held out: a candidate that was chosen by it would seem better than it is.
    """
    every = max(_A_TENTH, len(talks) // most)
    dev = list(talks[::every])
    return [each for n, each in enumerate(talks) if n % every], dev


def _repeated(talks: list[Dialogue], config: SupervisedConfig, steps: int) -> list[Dialogue]:
    """`talks`, again and again until `steps` batches come of them."""
    made = config.epochs * len(talks) / (config.batch * config.accumulate)
    return talks * max(1, math.ceil(steps / made))


def _lora_config(bench: Bench) -> SupervisedConfig:
    given = dict(bench.config.lora) | {"seed": bench.config.seed, "device": bench.config.device}
    config: SupervisedConfig = supervised_config(
        "lora", bench.profile, bench.work / "lora", **given
    )
    return config


def _serves(bench: Bench) -> str:
    return bench.serving.name if bench.serving else "the model alone"


def _reward(bench: Bench, gate: Path, data: Path | None, decided: Sequence[Example]) -> Path:
    """The folder of PPO's reward: trained on the gate's data and decisions, or the gate's own."""
    if data is None:
        return gate
    output = bench.work / "reward"
    if not (output / "trained").is_file():
        own = bench.config
        config = RewardConfig(
            data, gate, output, examples=own.reward_examples, seed=own.seed, device=own.device
        )
        train_reward(config, bench.progress, also=decided)
        (output / "trained").touch()
    return output


def _save(folder: Path, model: Any, profile: Profile, facts: Mapping[str, Any]) -> None:
    halfway = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(halfway, ignore_errors=True)
    save_adapter(halfway, model, profile, facts)
    _publish(halfway, folder, profile)


def _publish(made: Path, folder: Path, profile: Profile) -> None:
    """Put an adapter in its place, of a rank that doesn't grow from week to week."""
    narrowed(made, MOST_RANK)
    check_adapter(made, profile)
    shutil.rmtree(folder, ignore_errors=True)
    made.rename(folder)


def _whole(folder: Path) -> bool:
    """It is renamed into its place when it is done."""
    return folder.is_dir()


def _from(start: Path | None) -> dict[str, str]:
    return {"start": start.name} if start else {}
