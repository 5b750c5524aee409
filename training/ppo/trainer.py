"""PPO on summaries: rollouts, rewards, advantages, clipped updates.

With π the policy (base model and PPO adapter), π_ref the same model with the adapter disabled,
R the reward of a whole summary, V the value head on the decoder's last state:

    r_t = −β (log π(a_t) − log π_ref(a_t)) + [t = T] R                     (Ziegler et al., 2019)
    δ_t = r_t + γ V_{t+1} − V_t;  A_t = Σ_k (γλ)^k δ_{t+k}         (GAE, Schulman et al., 2016)
    L = mean max(−A ρ, −A clip(ρ, 1 ± ε)) + c · ½ mean max((V − R̂)², (V_clip − R̂)²)
                                                                        (PPO, Schulman et al., 2017)
    β ← β (1 + clip(KL / target − 1, ±0.2) · n / horizon)                 (Ziegler et al., 2019)

A is whitened over each batch; R̂ = A + V before whitening. The wrapper with the value head is
TRL's `AutoModelForSeq2SeqLMWithValueHead`; TRL's own PPO trainer takes causal models only, so the
step is ours. Differences from the study, which used TRL's old `PPOTrainer`:

- The reference is the policy with its adapter disabled, not a second model in memory.
- Dropout is off throughout: with it, two measurements of one policy differ, and the KL of a
  policy that never moved wouldn't be 0.
- What is trained is a fresh LoRA over the starting adapter, which is merged into the frozen base
  first (`training.ppo.policy`); the study trained the starting adapter on.
- The reward reads the summary alone, not dialogue and summary: what others said isn't its doing.
  It reads `Person1` for `#Person1#` (`training.runs`), as readers will.
- A summary ends with its end token; the study sampled summaries of a given length. The first five
  tokens (`min_new_tokens`) are sampled without the end token, which log-probabilities, of policy
  and reference alike, still count among the choices.
- An update stops early when the policy leaves the sampling policy too far behind (`stop_kl`).
- Gradients are clipped to a norm (`most_gradient`).
- Prompts that are longer than `longest` are left out, not cut.
- Dialogues are mixed with abuse (`training.insults`); on DialogSum alone there is next to nothing
  to unlearn.
"""

import json
import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from peft import get_peft_model_state_dict, set_peft_model_state_dict
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from precis.errors import InputError, ModelError
from training.checkpoints import claim, latest
from training.ppo.losses import (
    AdaptiveKL,
    Running,
    advantages_and_returns,
    masked_mean,
    policy_loss,
    token_rewards,
    value_loss,
    whiten,
)
from training.ppo.rollouts import Reward, Rollouts, Sampler, Sampling, measure

Progress = Callable[[str, float], None]

ADAPTER = "adapter.safetensors"
VALUE_HEAD = "value_head.safetensors"
OPTIMISER = "optimiser.safetensors"
STATE = "state.json"


@dataclass(frozen=True)
class PpoConfig:
    """Settings of a run.

    From the study are learning rate, batch, mini-batch and passes; from the defaults of TRL's old
    trainer are β, target, horizon, γ, λ, both clips and the weight of the value loss. The others
    (steps, value_rate, stop_kl, most_gradient, lengths) are ours.
    """

    steps: int = 100
    """Batches of rollouts."""
    learning_rate: float = 1.41e-5
    value_rate: float = 1.0
    """Learning rate of the value head, as a multiple of the policy's."""
    batch: int = 16
    mini_batch: int = 4
    epochs: int = 1
    """Passes over each batch of rollouts."""
    beta: float = 0.2
    """Of the KL penalty, at the beginning."""
    target_kl: float = 6.0
    """Nats a summary that the adaptive β aims at."""
    horizon: int = 10_000
    gamma: float = 1.0
    lam: float = 0.95
    clip: float = 0.2
    value_clip: float = 0.2
    value_weight: float = 0.1
    stop_kl: float = 0.1
    """Nats a token from the sampling policy at which an update stops."""
    most_gradient: float = 1.0
    longest: int = 384
    """Tokens of a prompt; longer ones are left out."""
    longest_summary: int = 64
    save_every: int = 20
    seed: int = 0
    device: str = "cpu"


class PpoTrainer:
    """Trains a wrapped PEFT model; resumes from the last of `output/checkpoints`."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        reward: Reward,
        config: PpoConfig,
        output: Path,
        key: Mapping[str, Any] | None = None,
    ) -> None:
        """`key`: what else than the settings a run must share with the one it goes on from."""
        self.model = model.to(config.device).eval()
        self.config = config
        self.history: list[dict[str, float]] = []
        self._output = output
        self._checkpoints = output / "checkpoints"
        # More steps may be asked of a second run, and it may go on elsewhere.
        same = {**asdict(config), **(key or {})}
        self._key = {k: v for k, v in same.items() if k not in ("steps", "save_every", "device")}
        how = Sampling(longest=config.longest_summary)
        self._sampler = Sampler(model, tokenizer, reward, how, config.device, config.longest)
        self._kl = AdaptiveKL(config.beta, config.target_kl, config.horizon)
        self._scores, self._kls = Running(), Running()
        policy = [p for p in model.pretrained_model.parameters() if p.requires_grad]
        head = list(model.v_head.parameters())
        rate = config.learning_rate
        self._trained = [*policy, *head]
        self._optimiser = torch.optim.AdamW(
            [{"params": policy, "lr": rate}, {"params": head, "lr": rate * config.value_rate}],
            weight_decay=0.0,
        )

    def train(
        self, prompts: Sequence[str], progress: Progress = lambda _what, _share: None
    ) -> list[dict[str, float]]:
        """Run all steps; returns a record a step, also in `output/history.jsonl`."""
        claim(self._checkpoints, self._key)
        first = self._resume()
        if first > self.config.steps:
            raise InputError(f"{self._output} has done {first} steps; give --steps {first} or more")
        for step in range(first, self.config.steps):
            torch.manual_seed(self.config.seed * 1_000_003 + step)
            record = self.step(self._batch(prompts, step))
            self._note({"step": step, **record})
            progress(
                f"step {step + 1}, reward {record['reward']:.2f}, KL {record['kl']:.2f}",
                (step + 1) / self.config.steps,
            )
            if (step + 1) % self.config.save_every == 0 or step + 1 == self.config.steps:
                self._save(step + 1)
        return self.history

    def _note(self, record: dict[str, float]) -> None:
        """Keep the step's record, also in a file that can be watched meanwhile."""
        self.history.append(record)
        self._output.mkdir(parents=True, exist_ok=True)
        with (self._output / "history.jsonl").open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(record) + "\n")

    def step(self, prompts: Sequence[str]) -> dict[str, float]:
        """One batch: roll out, then update on it."""
        rolled, _ = self._sampler.roll_out(prompts)
        rewards = token_rewards(
            rolled.scores, rolled.log_probs, rolled.reference, rolled.mask, self._kl.beta
        )
        advantages, returns = advantages_and_returns(
            rewards, rolled.values, rolled.mask, self.config.gamma, self.config.lam
        )
        losses = self._update(rolled, whiten(advantages, rolled.mask), returns)
        self._scores.add(rolled.scores)
        self._kls.add(rolled.kl)
        record = {
            "reward": rolled.scores.mean().item(),
            "reward_std": rolled.scores.std(unbiased=False).item(),
            "kl": rolled.kl.mean().item(),
            "beta": self._kl.beta,
            "tokens": rolled.mask.sum(1).mean().item(),
            "running_reward": self._scores.mean,
            "running_reward_std": self._scores.std,
            "running_kl": self._kls.mean,
            "running_kl_std": self._kls.std,
            **losses,
        }
        self._kl.update(record["kl"], len(rolled))
        return record

    def _update(
        self, rolled: Rollouts, advantages: torch.Tensor, returns: torch.Tensor
    ) -> dict[str, float]:
        sums = {"policy_loss": 0.0, "value_loss": 0.0, "clipped": 0.0}
        done, away = 0, 0.0
        for _ in range(self.config.epochs):
            for rows in torch.split(torch.randperm(len(rolled)), self.config.mini_batch):
                losses, away = self._mini_batch(rolled[rows], advantages[rows], returns[rows])
                if away > self.config.stop_kl:
                    return {**_means(sums, done), "policy_kl": away, "stopped": 1.0}
                done += 1
                sums = {key: value + losses[key] for key, value in sums.items()}
        return {**_means(sums, done), "policy_kl": away, "stopped": 0.0}

    def _mini_batch(
        self, rolled: Rollouts, advantages: torch.Tensor, returns: torch.Tensor
    ) -> tuple[dict[str, float], float]:
        """One optimiser step, unless the policy has gone too far from the sampling one."""
        log_probs, values = measure(
            self.model,
            rolled.input_ids,
            rolled.attention_mask,
            rolled.decoder_input_ids,
            rolled.actions,
        )
        config, mask = self.config, rolled.mask
        away = 0.5 * masked_mean((log_probs - rolled.log_probs).detach() ** 2, mask).item()
        policy, clipped = policy_loss(log_probs, rolled.log_probs, advantages, mask, config.clip)
        value = value_loss(values, rolled.values, returns, mask, config.value_clip)
        if away <= config.stop_kl:
            self._optimiser.zero_grad()
            (policy + config.value_weight * value).backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self._trained, config.most_gradient)
            self._optimiser.step()
        losses = {
            "policy_loss": policy.item(),
            "value_loss": value.item(),
            "clipped": clipped.item(),
        }
        return losses, away

    def _batch(self, prompts: Sequence[str], step: int) -> list[str]:
        """The step's prompts; every prompt once before any comes again."""
        size = self.config.batch
        each = max(1, len(prompts) // size)
        order = list(range(len(prompts)))
        random.Random(self.config.seed * 1_000 + step // each).shuffle(order)
        start = step % each * size
        return [prompts[index] for index in order[start : start + size]]

    def _save(self, step: int) -> None:
        """Write a checkpoint beside the one before: at any time a whole one is there."""
        folder = self._checkpoints / f"checkpoint-{step}"
        halfway = folder.with_suffix(".tmp")
        shutil.rmtree(halfway, ignore_errors=True)
        halfway.mkdir(parents=True)
        adapter = get_peft_model_state_dict(self.model.pretrained_model)
        save_file({k: v.contiguous() for k, v in adapter.items()}, halfway / ADAPTER)
        save_file(self.model.v_head.state_dict(), halfway / VALUE_HEAD)
        moments = {
            f"{index}.{name}": value
            for index, state in self._optimiser.state_dict()["state"].items()
            for name, value in state.items()
        }
        save_file(moments, halfway / OPTIMISER)
        state = {
            "step": step,
            "beta": self._kl.beta,
            "scores": asdict(self._scores),
            "kls": asdict(self._kls),
            "history": self.history,
        }
        (halfway / STATE).write_text(json.dumps(state), encoding="utf-8")
        halfway.rename(folder)
        for other in self._checkpoints.glob("checkpoint-*"):
            if other != folder:
                shutil.rmtree(other)

    def _resume(self) -> int:
        """Load the last checkpoint; returns the steps already done."""
        folder = latest(self._checkpoints)
        if folder is not None:
            try:
                done = self._load(folder)
            except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError):
                raise ModelError(f"{folder} is damaged; remove it to begin anew") from None
        else:
            done = 0
        self._output.mkdir(parents=True, exist_ok=True)
        lines = "".join(json.dumps(each) + "\n" for each in self.history)
        (self._output / "history.jsonl").write_text(lines, encoding="utf-8")
        return done

    def _load(self, folder: Path) -> int:
        state = json.loads((folder / STATE).read_bytes())
        adapter, head = load_file(folder / ADAPTER), load_file(folder / VALUE_HEAD)
        moments: dict[int, dict[str, torch.Tensor]] = {}
        for key, value in load_file(folder / OPTIMISER).items():
            index, name = key.split(".", 1)
            moments.setdefault(int(index), {})[name] = value
        set_peft_model_state_dict(self.model.pretrained_model, adapter)
        self.model.v_head.load_state_dict(head)
        self._optimiser.load_state_dict({**self._optimiser.state_dict(), "state": moments})
        self._kl.beta = float(state["beta"])
        self._scores, self._kls = Running(**state["scores"]), Running(**state["kls"])
        self.history = list(state["history"])
        return int(state["step"])


def _means(sums: dict[str, float], count: int) -> dict[str, float]:
    return {key: value / max(1, count) for key, value in sums.items()}
