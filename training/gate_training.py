"""The loop that trains a gate's network, from nothing (`training.gate`) or from the serving one
(`training.gate_candidate`).

1. Every epoch writes the texts as people type them (`training.typing_noise`), differently each
time. 2. Batches of like length. 3. Loss: binary cross-entropy over the labels that are known.
4. AdamW on fp32 copies of the trained weights, which the network itself holds in bf16 where the
processor computes in it (Micikevicius et al., 2018); linear warm-up and decay. 5. A checkpoint an
epoch, from which a run goes on. Knows nothing of where examples come from.
"""

import json
import random
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import get_linear_schedule_with_warmup

from training.gate_examples import Example
from training.typing_noise import with_noise
from worker.devices import fast_dtype
from worker.embeddings import batches_by_length
from worker.gate.disguises import fold
from worker.gate.embedded import score_readings
from worker.gate.network import LABELS, GateNetwork

Probabilities = npt.NDArray[np.float64]
Progress = Callable[[str, float], None]
"""Told what is being done, and the share of it that is done."""
HEAD_RATE = 10.0
"""The head is new, so it learns so many times as fast as the LoRA."""


class LoopConfig(Protocol):
    """What the loop needs of a run's settings."""

    @property
    def epochs(self) -> int: ...
    @property
    def learning_rate(self) -> float: ...
    @property
    def batch_tokens(self) -> int: ...
    @property
    def longest(self) -> int: ...
    @property
    def warmup(self) -> float: ...
    @property
    def weight_decay(self) -> float: ...
    @property
    def seed(self) -> int: ...


class MasterWeights:
    """fp32 copies of trained parameters, which an optimiser changes in their place."""

    def __init__(self, named: dict[str, nn.Parameter]) -> None:
        self._named = named
        self.copies = {name: each.detach().float().clone() for name, each in named.items()}

    def take_gradients(self) -> None:
        """Move the parameters' gradients to the copies."""
        for name, parameter in self._named.items():
            gradient = parameter.grad
            self.copies[name].grad = None if gradient is None else gradient.float()
            parameter.grad = None

    @torch.no_grad()
    def give_back(self) -> None:
        """Write the copies into the parameters."""
        for name, parameter in self._named.items():
            parameter.copy_(self.copies[name])


def train_network(
    network: GateNetwork,
    tokenizer: Any,
    examples: Sequence[Example],
    config: LoopConfig,
    telling: Collection[str] = (),
    progress: Progress = lambda _what, _share: None,
    checkpoints: "Checkpoints | None" = None,
) -> None:
    """Train in place, or go on from a checkpoint. `telling`: words that toxic texts disguise."""
    labels = torch.tensor([example.labels for example in examples])  # [examples, labels]
    network.encoder.to(fast_dtype("cpu"))
    masters = MasterWeights(dict(network.learned()))  # type: ignore[arg-type]
    optimiser = _optimiser(masters, config)
    steps = _count_steps(tokenizer, examples, config)
    schedule = get_linear_schedule_with_warmup(
        optimiser, int(config.warmup * steps * config.epochs), steps * config.epochs
    )
    first = checkpoints.load(masters, optimiser, schedule) if checkpoints else 0
    masters.give_back()
    network.train()
    for epoch in range(first, config.epochs):
        for step, (ids, chosen) in enumerate(
            noisy_batches(tokenizer, examples, config, telling, epoch)
        ):
            loss = masked_loss(network(*pad(ids, tokenizer.pad_token_id)), labels[chosen])
            loss.backward()  # type: ignore[no-untyped-call]
            masters.take_gradients()
            torch.nn.utils.clip_grad_norm_(masters.copies.values(), 1.0)
            optimiser.step()
            schedule.step()
            masters.give_back()
            if step % 10 == 0:
                done = (epoch * steps + step + 1) / (steps * config.epochs)
                progress(f"epoch {epoch + 1}, loss {loss.item():.3f}", min(1.0, done))
        if checkpoints:
            checkpoints.save(epoch + 1, masters, optimiser, schedule)
    network.encoder.float()
    masters.give_back()
    network.eval()


def masked_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Binary cross-entropy over the known labels: logits and labels [batch, labels] to a scalar."""
    known = ~labels.isnan()  # [batch, labels]
    each = nn.functional.binary_cross_entropy_with_logits(
        logits, labels.nan_to_num(), reduction="none"
    )
    return (each * known).sum() / known.sum().clamp_min(1)


def noisy_batches(
    tokenizer: Any,
    examples: Sequence[Example],
    config: LoopConfig,
    telling: Collection[str],
    epoch: int,
) -> Iterator[tuple[list[list[int]], list[int]]]:
    """Token ids and places of the examples of each batch, in another order each epoch."""
    chooser = random.Random(config.seed * 1_000 + epoch)
    texts = [
        fold(with_noise(example.text, chooser, telling if example.is_toxic else ()))
        for example in examples
    ]
    ids = _token_ids(tokenizer, texts, config.longest)
    groups = batches_by_length(
        [len(row) + chooser.randrange(3) for row in ids], config.batch_tokens
    )
    chooser.shuffle(groups)
    for group in groups:
        yield [ids[place] for place in group], group


def pad(ids: Sequence[Sequence[int]], padding: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and their mask [batch, tokens]."""
    longest = max(len(row) for row in ids)
    padded = torch.tensor([[*row, *[padding] * (longest - len(row))] for row in ids])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in ids])
    return padded, mask


def probabilities(network: GateNetwork, tokenizer: Any, texts: Sequence[str]) -> Probabilities:
    """Each label's probability [texts, labels], just as `worker.gate.embedded` computes it."""
    scores = score_readings(network, tokenizer, texts, LABELS)
    return np.array([[each[label] for label in LABELS] for each in scores]).reshape(-1, len(LABELS))


def seed_everything(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


class Checkpoints:
    """A folder with the last whole epoch of one run."""

    def __init__(self, folder: Path, digest: str) -> None:
        """`digest`: what two runs must share for one to go on where the other stopped."""
        self._folder = folder
        self._digest = digest

    def save(self, epoch: int, masters: MasterWeights, optimiser: Any, schedule: Any) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        moments = {
            f"{index}.{name}": value
            for index, state in optimiser.state_dict()["state"].items()
            for name, value in state.items()
        }
        weights = {name: each.detach() for name, each in masters.copies.items()}
        save_file(weights, self._folder / "network.safetensors")
        save_file(moments, self._folder / "optimiser.safetensors")
        state = {"epoch": epoch, "config": self._digest, "schedule": schedule.state_dict()}
        temporary = self._folder / "state.tmp"  # renamed last: a checkpoint is whole or not there
        temporary.write_text(json.dumps(state))
        temporary.rename(self._folder / "state.json")

    def load(self, masters: MasterWeights, optimiser: Any, schedule: Any) -> int:
        """Take over the checkpoint of the same run; returns the epochs already done."""
        if not (self._folder / "state.json").is_file():
            return 0
        state = json.loads((self._folder / "state.json").read_text())
        if state["config"] != self._digest:
            return 0
        with torch.no_grad():
            for name, each in load_file(self._folder / "network.safetensors").items():
                masters.copies[name].copy_(each)
        moments: dict[int, dict[str, torch.Tensor]] = {}
        for key, value in load_file(self._folder / "optimiser.safetensors").items():
            index, name = key.split(".", 1)
            moments.setdefault(int(index), {})[name] = value
        optimiser.load_state_dict({**optimiser.state_dict(), "state": moments})
        schedule.load_state_dict(state["schedule"])
        return int(state["epoch"])


def _optimiser(masters: MasterWeights, config: LoopConfig) -> torch.optim.Optimizer:
    head = [each for name, each in masters.copies.items() if name.startswith("head.")]
    body = [each for name, each in masters.copies.items() if not name.startswith("head.")]
    groups = [
        {"params": body, "lr": config.learning_rate},
        {"params": head, "lr": HEAD_RATE * config.learning_rate},
    ]
    return torch.optim.AdamW(groups, weight_decay=config.weight_decay)


def _count_steps(tokenizer: Any, examples: Sequence[Example], config: LoopConfig) -> int:
    """Of an epoch, as exactly as can be known before the noise."""
    ids = _token_ids(tokenizer, [example.text for example in examples], config.longest)
    return max(1, len(batches_by_length([len(row) + 1 for row in ids], config.batch_tokens)))


def _token_ids(tokenizer: Any, texts: Sequence[str], longest: int) -> list[list[int]]:
    if not texts:
        return []
    ids: list[list[int]] = tokenizer(list(texts), truncation=True, max_length=longest)["input_ids"]
    return ids
