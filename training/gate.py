"""Trains the embedded gate: multilingual-e5-small under LoRA, a logit for each label of Detoxify's.

1. Data: `training.gate_data`; the project's own sentences are few, so an epoch meets them several
times. 2. Model: `worker.gate.network`. 3. Loop and loss: `training.gate_training`. 4. Thresholds:
the lowest at which hardly any ordinary line of the validation split is called toxic. 5. Report:
`training.gate_report`, on the test split.

Command: `precis train gate --data PATH`. Differs from Detoxify (Hanu et al., 2020): other data
(its Jigsaw sets are not redistributed here), written templates, two languages, masked weak labels,
thresholds calibrated on chat rather than 0.5.
"""

import hashlib
import json
import math
import random
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from transformers import AutoTokenizer

from precis.errors import InputError
from training.gate_data import TEMPLATES, GateData
from training.gate_examples import Example
from training.gate_training import (
    Checkpoints,
    Probabilities,
    Progress,
    seed_everything,
    train_network,
)
from worker.bases.cache import base_folder
from worker.gate.network import LABELS, GateNetwork

BASE = "multilingual-e5-small"
LANGUAGES = ("en", "de")
"""Those of the data."""
FLOOR = 0.3
_FLOORS = {"severe_toxicity": 0.5, "obscene": 0.5}
"""Of labels that rules taught: what those think likely is too little to accuse anybody by."""


@dataclass(frozen=True)
class GateConfig:
    """Settings of a run; docs/experiments.md says how each figure was chosen."""

    data: Path
    """Folder that holds `toxicity/`, `dialogsum/` and `irc/`."""
    output: Path
    """Folder to write the gate to."""
    epochs: int = 2
    """Passes over the training split."""
    learning_rate: float = 6e-4
    """Peak; of the head ten times as much."""
    batch_tokens: int = 2_048
    """Padded tokens a batch: about 85 chat lines."""
    longest: int = 80
    """Tokens of an example; a longer text is cut."""
    warmup: float = 0.06
    """Share of the steps (RoBERTa's)."""
    weight_decay: float = 0.01
    layers: int = 8
    """Of the encoder's twelve, from below."""
    rank: int = 64
    """Of the LoRA, on all linear layers."""
    repeated: int = 4
    """How often an epoch meets each of the project's own sentences, each time typed differently."""
    clean_lines: int = 15_000
    """Ordinary lines from each of DialogSum and IRC."""
    false_positives: float = 0.003
    """Share of ordinary validation lines that the thresholds let be called toxic."""
    seed: int = 0
    examples: int | None = None
    """Train on no more than so many examples: for a trial."""


def train_gate(
    config: GateConfig, progress: Progress = lambda _what, _share: None
) -> tuple[GateNetwork, Any]:
    """Train, or resume from the last whole epoch in `output/checkpoint`.

    Returns the network and its tokenizer. Raises InputError for a missing data set or an output
    folder of other things, ModelError without the base.
    """
    _check_output(config.output)
    seed_everything(config.seed)
    base = base_folder(BASE)
    tokenizer = AutoTokenizer.from_pretrained(base)
    data = GateData(config.data, config.clean_lines, config.seed)
    network = GateNetwork.to_train(base, config.layers, config.rank)
    checkpoints = Checkpoints(config.output / "checkpoint", config_digest(config))
    examples = examples_of(config, data)
    train_network(network, tokenizer, examples, config, data.swearing, progress, checkpoints)
    return network, tokenizer


def examples_of(config: GateConfig, data: GateData) -> list[Example]:
    """The training split, the project's own sentences repeated, in random order."""
    examples = [
        example
        for example in data.split("train")
        for _ in range(config.repeated if example.source == TEMPLATES else 1)
    ]
    random.Random(config.seed).shuffle(examples)
    return examples[: config.examples]


def calibrate(clean: Probabilities, false_positives: float) -> dict[str, float]:
    """Thresholds that call at most a share `false_positives` of ordinary texts toxic.

    `clean` [texts, labels]. Every label but `toxicity` gets a tenth of the allowance. No threshold
    is under its floor, and each is rounded up to hundredths.
    """
    shares = dict.fromkeys(LABELS, false_positives / 10)
    shares["toxicity"] = false_positives - sum(shares.values()) + shares["toxicity"]
    cuts = [float(np.quantile(clean[:, n], 1 - shares[name])) for n, name in enumerate(LABELS)]
    return {
        label: min(0.99, max(_FLOORS.get(label, FLOOR), math.floor(cut * 100) / 100 + 0.01))
        for label, cut in zip(LABELS, cuts, strict=True)
    }


def config_digest(config: GateConfig) -> str:
    """What two runs must share for one to go on where the other stopped."""
    fields = {k: str(v) for k, v in asdict(config).items() if k not in ("data", "output")}
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def _check_output(folder: Path) -> None:
    """Refuse a folder of other things: the gate's files would take the place of theirs."""
    ours = ("manifest.json", "checkpoint")
    if folder.is_dir() and any(folder.iterdir()) and not any((folder / n).exists() for n in ours):
        raise InputError(f"{folder} holds other files; give --output an empty or a new folder")
