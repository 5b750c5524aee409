"""Trains the embedded gate: MiniLM with a logit for each of Detoxify's labels.

1. Data: `training.gate_data`. 2. Model: `worker.gate.network`, from the pretrained MiniLM.
3. Loss: binary cross-entropy a label, unknown labels masked, summed over the known ones.
4. Loop: AdamW, linear warm-up and decay, batches of like length, bf16 autocast, a checkpoint an
   epoch from which a run resumes. 5. Thresholds: the lowest at which hardly any ordinary line of
   the validation split is called toxic. 6. Report: `training.gate_report`, on the test split.

Command: `precis train gate --data PATH`. Differs from Detoxify (Hanu et al., 2020): other data
(its Jigsaw sets are not redistributed here), a smaller encoder, masked weak labels, thresholds
calibrated on chat rather than 0.5.
"""

import hashlib
import json
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, get_linear_schedule_with_warmup

from precis.errors import InputError
from training.gate_data import Example, GateData
from worker.embeddings import batches_by_length, minilm_folder
from worker.gate.embedded import score_folded
from worker.gate.network import LABELS, GateNetwork, fold

Probabilities = npt.NDArray[np.float64]
Progress = Callable[[str, float], None]
"""Told what is being done, and the share of it that is done."""


@dataclass(frozen=True)
class GateConfig:
    """Settings of a run; each figure was chosen on the validation split (docs/experiments.md)."""

    data: Path
    """Folder that holds `toxicity/`, `dialogsum/` and `irc/`."""
    output: Path
    """Folder to write the gate to."""
    epochs: int = 2
    """Passes over the training split."""
    learning_rate: float = 1e-4
    """Peak; of the head ten times as much. MiniLM is small: usual for BERT-base is 2e-5."""
    batch_tokens: int = 3_072
    """Padded tokens a batch: about 80 chat lines."""
    longest: int = 96
    """Tokens of an example; a longer text is cut."""
    warmup: float = 0.06
    """Share of the steps (RoBERTa's)."""
    weight_decay: float = 0.01
    clean_lines: int = 20_000
    """Ordinary lines from each of DialogSum and IRC."""
    false_positives: float = 0.003
    """Share of ordinary validation lines that the thresholds let be called toxic."""
    seed: int = 0
    examples: int | None = None
    """Train on no more than so many examples: for a trial."""


@dataclass(frozen=True)
class Encoded:
    """Examples as the network takes them."""

    ids: list[list[int]]
    labels: torch.Tensor  # [examples, labels]; NaN: unknown


def train_gate(config: GateConfig, progress: Progress = lambda _what, _share: None) -> GateNetwork:
    """Train, or resume from the last whole epoch in `output/checkpoint`; returns the network."""
    _check_output(config.output)
    seed_everything(config.seed)
    tokenizer = AutoTokenizer.from_pretrained(minilm_folder())
    examples = GateData(config.data, config.clean_lines, config.seed).split("train")
    random.shuffle(examples)
    data = encode(examples[: config.examples], tokenizer, config.longest)
    network = GateNetwork.from_pretrained(minilm_folder(), len(LABELS))
    optimiser = gate_optimiser(network, config.learning_rate, config.weight_decay)
    steps = len(list(batches(data, config.batch_tokens, config.seed, 0)))
    schedule = get_linear_schedule_with_warmup(
        optimiser, int(config.warmup * steps * config.epochs), steps * config.epochs
    )
    first = _resume(config, network, optimiser, schedule)
    for epoch in range(first, config.epochs):
        network.train()
        for step, batch in enumerate(batches(data, config.batch_tokens, config.seed, epoch)):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = network(*pad([data.ids[i] for i in batch]))  # [batch, labels]
            loss = masked_loss(logits.float(), data.labels[batch])
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            if step % 10 == 0:
                done = (epoch * steps + step + 1) / (steps * config.epochs)
                progress(f"epoch {epoch + 1}, loss {loss.item():.3f}", done)
        _checkpoint(config, epoch + 1, network, optimiser, schedule)
    return network.eval()


def _check_output(folder: Path) -> None:
    """Refuse a folder of other things: the gate's files would take the place of theirs."""
    ours = ("manifest.json", "checkpoint")
    if folder.is_dir() and any(folder.iterdir()) and not any((folder / n).exists() for n in ours):
        raise InputError(f"{folder} holds other files; give --output an empty or a new folder")


def masked_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Binary cross-entropy over the known labels: logits and labels [batch, labels] to a scalar."""
    known = ~labels.isnan()  # [batch, labels]
    each = torch.nn.functional.binary_cross_entropy_with_logits(
        logits, labels.nan_to_num(), reduction="none"
    )
    return (each * known).sum() / known.sum().clamp_min(1)


def encode(examples: Sequence[Example], tokenizer: Any, longest: int) -> Encoded:
    """Fold and tokenise."""
    texts = [fold(example.text) for example in examples]
    ids = tokenizer(texts, truncation=True, max_length=longest)["input_ids"] if texts else []
    return Encoded(ids, torch.tensor([example.labels for example in examples]))


def pad(ids: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and their mask [batch, tokens]; BERT's padding is 0."""
    longest = max(len(row) for row in ids)
    padded = torch.tensor([[*row, *[0] * (longest - len(row))] for row in ids])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in ids])
    return padded, mask


def probabilities(network: GateNetwork, texts: Sequence[str]) -> Probabilities:
    """Each label's probability [texts, labels], just as `worker.gate.embedded` computes it."""
    tokenizer = AutoTokenizer.from_pretrained(minilm_folder())
    scores = score_folded(network, tokenizer, texts, LABELS)
    return np.array([[each[label] for label in LABELS] for each in scores])


def calibrate(clean: Probabilities, false_positives: float) -> dict[str, float]:
    """Thresholds that call at most a share `false_positives` of ordinary texts toxic.

    `clean` [texts, labels]. Every label but `toxicity` gets a tenth of the allowance; none is
    under 0.5, and each is rounded up to hundredths.
    """
    shares = dict.fromkeys(LABELS, false_positives / 10)
    shares["toxicity"] = false_positives - sum(shares.values()) + shares["toxicity"]
    cuts = [float(np.quantile(clean[:, n], 1 - shares[name])) for n, name in enumerate(LABELS)]
    return {
        label: min(0.99, max(0.5, math.floor(cut * 100) / 100 + 0.01))
        for label, cut in zip(LABELS, cuts, strict=True)
    }


def seed_everything(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def gate_optimiser(
    network: GateNetwork, learning_rate: float, weight_decay: float
) -> torch.optim.Optimizer:
    """AdamW, with ten times the rate for the head."""
    head = {"params": network.head.parameters(), "lr": 10 * learning_rate}
    body = {"params": network.encoder.parameters(), "lr": learning_rate}
    return torch.optim.AdamW([body, head], weight_decay=weight_decay)


def batches(data: Encoded, batch_tokens: int, seed: int, epoch: int) -> Iterator[list[int]]:
    """Batches of like length in random order, other ones each epoch."""
    chooser = random.Random(seed * 1_000 + epoch)
    noisy = [len(ids) + chooser.randrange(3) for ids in data.ids]
    found = batches_by_length(noisy, batch_tokens)
    chooser.shuffle(found)
    yield from found


def _checkpoint(
    config: GateConfig, epoch: int, network: GateNetwork, optimiser: Any, schedule: Any
) -> None:
    folder = config.output / "checkpoint"
    folder.mkdir(parents=True, exist_ok=True)
    moments = {
        f"{index}.{name}": value
        for index, state in optimiser.state_dict()["state"].items()
        for name, value in state.items()
    }
    save_file(network.state_dict(), folder / "network.safetensors")
    save_file(moments, folder / "optimiser.safetensors")
    state = {"epoch": epoch, "config": config_digest(config), "schedule": schedule.state_dict()}
    temporary = folder / "state.tmp"  # renamed last, so that a checkpoint is whole or not there
    temporary.write_text(json.dumps(state))
    temporary.rename(folder / "state.json")


def _resume(config: GateConfig, network: GateNetwork, optimiser: Any, schedule: Any) -> int:
    """Load the checkpoint of the same configuration; returns the epochs already done."""
    folder = config.output / "checkpoint"
    if not (folder / "state.json").is_file():
        return 0
    state = json.loads((folder / "state.json").read_text())
    if state["config"] != config_digest(config):
        return 0
    network.load_state_dict(load_file(folder / "network.safetensors"))
    moments: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in load_file(folder / "optimiser.safetensors").items():
        index, name = key.split(".", 1)
        moments.setdefault(int(index), {})[name] = value
    optimiser.load_state_dict({**optimiser.state_dict(), "state": moments})
    schedule.load_state_dict(state["schedule"])
    return int(state["epoch"])


def config_digest(config: GateConfig) -> str:
    """What two runs must share for one to go on where the other stopped."""
    fields = {k: str(v) for k, v in asdict(config).items() if k not in ("data", "output")}
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
